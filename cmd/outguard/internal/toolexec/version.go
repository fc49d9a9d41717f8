package toolexec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// oldest is the oldest minor release of Go 1 whose packages the table of chokepoints fits.
const oldest = 26

// version prints the version of the compiler or the linker and adds a hash of this tool, so that
// the build cache keeps what it builds apart.
// The go command makes the line a part of each cache key.
func (r *toolRun) version(name string, stdout, stderr io.Writer) error {
	line := r.command()
	cmd := exec.Command(line[0], line[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, stderr
	// The line has to be the real tool's; only its end is added.
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return &exitError{max(1, exit.ExitCode())}
		}
		return err
	}
	// This is the first tool of a build, so that refusals come here, before anything is compiled.
	if target := goos(); !supported(target) {
		return fmt.Errorf("programs for %s cannot be guarded: Outguard knows the system calls of linux and darwin", target)
	}
	text := strings.TrimSpace(out.String())
	words := strings.Fields(text)
	// gccgo and TinyGo print other lines: their packages are not those of the table.
	if len(words) < 3 || words[0] != name {
		return fmt.Errorf("%s is not a tool of Go's own toolchain, which alone can be used: %q", r.tool, text)
	}
	// A development version has no number, and is accepted if the points fit.
	if v, ok := minor(words[2]); ok && v < oldest {
		return fmt.Errorf("%s is too old: Outguard needs go1.%d or later", words[2], oldest)
	}
	// Of a release the go command takes the whole line, of a development version only what follows
	// "buildID=".
	_, err := fmt.Fprintf(stdout, "%s%soutguard-%s\n", text, separator(words[2]), Hash())
	return err
}

// separator is what separates the hash from the line, as the go command splits it.
func separator(version string) string {
	if strings.Contains(version, "devel") {
		return "-"
	}
	return " "
}

// minor returns 26 for go1.26.3.
func minor(version string) (int, bool) {
	rest, ok := strings.CutPrefix(version, "go1.")
	if !ok {
		return 0, false
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		// "go1.27" has no patch release.
		end = len(rest)
	}
	n, err := strconv.Atoi(rest[:end])
	return n, err == nil
}

// Hash identifies all that decides what this tool makes of a package: its own source, the files
// that it adds and the parser that it was built with.
func Hash() string {
	// The printer and parser are those of the Go release that built the command.
	h := sha256.New()
	io.WriteString(h, runtime.Version())
	for _, files := range []fs.FS{sources, addedFiles} {
		_ = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error { // nothing that is embedded fails
			// Tests do not change what is built.
			if err == nil && !d.IsDir() && !strings.HasSuffix(path, "_test.go") {
				text, _ := fs.ReadFile(files, path)
				fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
			}
			return nil
		})
	}
	// Twelve bytes are enough to keep builds apart.
	return hex.EncodeToString(h.Sum(nil))[:24]
}

// supported are the systems whose packages the table of chokepoints fits.
func supported(goos string) bool { return goos == "linux" || goos == "darwin" }

// goos is the system that is built for: the go command puts it into the environment of the tools.
func goos() string {
	if v := os.Getenv("GOOS"); v != "" {
		return v
	}
	return runtime.GOOS
}
