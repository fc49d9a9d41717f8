package toolexec

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Go initializes packages by their imports and then by their import paths, so a package that
// imports little may call out before package guard is initialized. In a guarded program the
// packages that the guard is made of come first, as if every other package imported the guard.
// This file finds out which they are. The file that is added to package runtime puts them first.

// guardPackage is the package that has to be initialized before others call out.
const guardPackage = "github.com/outguard/outguard/guard"

// firstVariable is where the added file has their names.
const firstVariable = "runtime.outguardFirst"

// firstFlag returns the flag of the linker that names the guard's packages. files are the archives
// of all packages, by import path.
// The guard and all that it imports, directly or not, form the closure.
func firstFlag(files map[string]string) (string, error) {
	closure := map[string]bool{}
	// A list of what is still to read takes the place of recursion.
	for todo := []string{guardPackage}; len(todo) > 0; {
		pkg := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if file := files[pkg]; file != "" && !closure[pkg] { // package unsafe has no file
			closure[pkg] = true
			imports, err := importsOf(file)
			if err != nil {
				return "", fmt.Errorf("%s: %w", pkg, err)
			}
			todo = append(todo, imports...)
		}
	}
	var names []string
	for pkg := range closure {
		// The runtime knows functions by their symbols, which escape dots.
		names = append(names, inSymbols(pkg))
	}
	slices.Sort(names) // package runtime searches them
	return "-X=" + firstVariable + "=" + strings.Join(names, " "), nil
}

// inSymbols is an import path as the names of functions have it.
// example.com/a.b/c.d is example.com/a.b/c%2ed: only the last element is escaped.
func inSymbols(pkg string) string {
	slash := strings.LastIndexByte(pkg, '/') + 1
	return pkg[:slash] + strings.ReplaceAll(pkg[slash:], ".", "%2e")
}

// The form of an object file, as cmd/internal/goobj has it: magic, fingerprint, flags, and the
// offsets of its blocks. The first block lists the packages that it imports.
const (
	objectMagic  = "\x00go120ld"
	blocksAt     = len(objectMagic) + 8 + 4
	importedSize = 4 + 4 + 8 // length and offset of the path, fingerprint
)

// importsOf returns what the package in an archive imports.
func importsOf(archive string) (imports []string, err error) {
	object, err := readObject(archive)
	if err != nil {
		return nil, err
	}
	// An archive's entry begins with text for the compiler's export data, and the object follows
	// it.
	_, object, _ = bytes.Cut(object, []byte("\n!\n"))
	// A new release of Go may change the form. Then nothing is guessed.
	if !bytes.HasPrefix(object, []byte(objectMagic)) {
		return nil, fmt.Errorf("%s writes object files in a form that this version of Outguard does not know; "+
			"use a version of Outguard that knows it, or build without outguard", goVersion())
	}
	// The offsets are not checked one by one: a damaged file panics here, in the tool and not in a
	// function.
	defer func() {
		if recover() != nil { // an offset leads out of the file
			err = fmt.Errorf("%s: the object file cannot be read", archive)
		}
	}()
	// All numbers are 32 bits in little endian.
	number := func(at int) int { return int(binary.LittleEndian.Uint32(object[at:])) }
	for at, end := number(blocksAt), number(blocksAt+4); at < end; at += importedSize {
		path := number(at + 4)
		imports = append(imports, string(object[path:path+number(at)]))
	}
	return imports, nil
}

// readObject returns the entry of an archive that the compiler wrote.
func readObject(archive string) ([]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// The format of ar: a magic text, then entries with a header of 60 bytes.
	const magic, headerSize = "!<arch>\n", 60
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(f, header[:len(magic)]); err != nil || string(header[:len(magic)]) != magic {
		return nil, fmt.Errorf("%s is not an archive", archive)
	}
	for {
		// The end of the archive is an error, too: each package has an object file.
		if _, err := io.ReadFull(f, header); err != nil {
			return nil, fmt.Errorf("%s has no object file", archive)
		}
		// The size stands in decimal at a fixed place.
		size, err := strconv.Atoi(strings.TrimSpace(string(header[48:58])))
		if err != nil || size < 0 {
			return nil, fmt.Errorf("%s cannot be read", archive)
		}
		if strings.TrimSpace(string(header[:16])) == "_go_.o" {
			object := make([]byte, size)
			_, err := io.ReadFull(f, object)
			return object, err
		}
		// Entries begin at even offsets.
		if _, err := f.Seek(int64(size+size&1), io.SeekCurrent); err != nil {
			return nil, err
		}
	}
}

// packageFiles reads the linker's list of packages, and where their archives are.
func packageFiles(importcfg string) (map[string]string, error) {
	f, err := os.Open(importcfg)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	files := map[string]string{}
	// Lines are "packagefile net/http=/tmp/…/_pkg_.a"; others are about other things.
	s := bufio.NewScanner(f)
	for s.Scan() {
		if rest, ok := strings.CutPrefix(s.Text(), "packagefile "); ok {
			pkg, file, _ := strings.Cut(rest, "=")
			files[pkg] = file
		}
	}
	return files, s.Err()
}
