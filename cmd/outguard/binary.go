package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/outguard/outguard/internal/modcheck"
)

// A binary is a function as built: what its build info and its table of functions say. A stripped
// binary has both.
type binary struct {
	file    string
	info    *debug.BuildInfo
	modules []string // that it is linked with
	text    []byte
}

// readBinary reads a file that go build has made. A binary built from files, without a module, is
// refused.
func readBinary(file string) (*binary, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("-binary %s: %w", file, err)
	}
	if info.Main.Path == "" {
		return nil, fmt.Errorf("-binary %s: the binary does not say which modules it is made of; build it in module mode", file)
	}
	b := &binary{file: file, info: info, modules: []string{info.Main.Path}}
	for _, m := range info.Deps {
		b.modules = append(b.modules, m.Path)
	}
	// The table of functions has no index by name here, so that the whole file is searched.
	b.text, err = os.ReadFile(file)
	return b, err
}

// has reports whether a function is linked, inlined or not: the table of functions ends each name
// by a NUL.
func (b *binary) has(function string) bool {
	return bytes.Contains(b.text, []byte("\x00"+function+"\x00"))
}

const guardPackage = "github.com/outguard/outguard/guard"

// layers says which layers the binary can have. What its code does with them shows in the
// outguard.start line of a cold start.
func (b *binary) layers() string {
	// Only the build command adds this function to net/http.
	switch {
	case b.has("net/http.outguardRoundTrip"):
		return "all, because outguard go has built it"
	case !b.has(guardPackage + ".(*Guard).Check"):
		return "none: it does not link " + guardPackage + ", so that nothing judges its calls"
	// Package guard is linked, but its AWS layer has to be asked for in code.
	case b.has(guardPackage+".AWS") || b.has(guardPackage+".(*Guard).AWS"):
		return "http, aws, context, names"
	}
	return "http, context, names; aws is off: nothing calls AWS(), so that AWS clients are judged by host alone"
}

// versions lists the Go release and the modules that matter to the guard.
func (b *binary) versions() string {
	all := []string{b.info.GoVersion}
	// Modules that are replaced are shown with what is built in their place.
	for _, m := range append([]*debug.Module{&b.info.Main}, b.info.Deps...) {
		switch m.Path {
		case "github.com/outguard/outguard", "github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go":
			version := m.Version
			if m.Replace != nil {
				version += " replaced by " + strings.TrimSpace(m.Replace.Path+" "+m.Replace.Version)
			}
			all = append(all, m.Path+" "+version)
		}
	}
	return strings.Join(all, ", ")
}

// print prints the versions, the layers and the faults of the binary. It reports whether there is a
// fault.
func (b *binary) print(out io.Writer, quiet bool) (faulty bool) {
	if !quiet {
		fmt.Fprintf(out, "%s: versions: %s\n%s: layers: %s\n", b.file, b.versions(), b.file, b.layers())
	}
	warning := modcheck.Warning(b.info)
	if warning != "" {
		fmt.Fprintf(out, "%s: %s\n", b.file, warning)
	}
	return warning != ""
}
