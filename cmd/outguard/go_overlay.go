package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/toolexec"
)

// linkGuard writes an overlay that adds toolexec.GuardFile to the main packages that are built, and
// returns its path. given is the user's own overlay, which it includes; "": none. Where Go files
// are named instead of packages, that file joins them.
func (g *goArgs) linkGuard(dir, given string) (string, error) {
	// The form is that of the go command's -overlay: names of files, and of those read in their
	// place.
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	flags, rest := g.scan()
	base := "."
	for _, f := range flags {
		// Relative names start at the folder of -C. The go command takes -C first or not at all.
		if f.name == "C" && f.at == 1 {
			base = f.value
		}
	}
	if given != "" {
		text, err := os.ReadFile(from(base, given))
		if err != nil {
			return "", fmt.Errorf("-overlay: %w", err)
		}
		if err := json.Unmarshal(text, &overlay); err != nil {
			return "", fmt.Errorf("-overlay %s: %w", given, err)
		}
		// A file without Replace is valid. Writing to a nil map would panic.
		if overlay.Replace == nil {
			overlay.Replace = map[string]string{}
		}
	}

	// Each folder of a main package gets the file.
	var dirs []string
	if len(rest) > 0 && strings.HasSuffix(g.args[rest[0]], ".go") {
		// The go command wants all named files in one folder.
		folder := filepath.Dir(g.args[rest[0]])
		dirs = []string{from(base, folder)}
		g.args = slices.Insert(slices.Clone(g.args), rest[len(rest)-1]+1, filepath.Join(folder, toolexec.GuardFile))
	} else {
		// No patterns stand for the package in the working folder, as for the go command.
		var patterns []string
		for _, i := range rest {
			patterns = append(patterns, g.args[i])
		}
		var err error
		if dirs, err = g.mainPackages(flags, patterns); err != nil {
			return "", err
		}
	}

	// One file on disk serves all packages: an overlay may name it many times.
	text := filepath.Join(dir, toolexec.GuardFile)
	if err := os.WriteFile(text, []byte(toolexec.GuardFileText), 0o600); err != nil {
		return "", err
	}
	for _, d := range dirs {
		// The tools run in other folders than the go command.
		abs, err := filepath.Abs(d)
		if err != nil {
			return "", err
		}
		path := filepath.Join(abs, toolexec.GuardFile)
		// The overlay would hide the user's own file.
		if _, err := os.Lstat(path); err == nil {
			return "", fmt.Errorf("%s is there already; outguard go adds a file of that name to the build, so rename yours", path)
		}
		// The folder itself stays as it is: nothing is written beside the user's code.
		overlay.Replace[path] = text
	}
	encoded, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, encoded, 0o600)
}

// from returns path, which is relative to base unless it is absolute.
func from(base, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

// listFlags decide which packages and files there are. (-tags counts, and -C, which must stay
// first.)
var listFlags = []string{"C", "tags", "mod", "modfile", "modcacherw", "race", "msan", "asan", "compiler", "overlay"}

// mainPackages returns the folders of the main packages among those that patterns name. What go
// list cannot make sense of, the build reports.
func (g *goArgs) mainPackages(flags []goFlag, patterns []string) ([]string, error) {
	args := []string{"list"}
	for _, f := range flags {
		// go list refuses flags that only a build has, such as -o.
		if slices.Contains(listFlags, f.name) {
			args = append(args, g.args[f.at:f.at+f.words]...)
		}
	}
	// With -e, packages with errors are left for the build to report. With -find, imports are not
	// resolved, which is faster. Main packages of Go itself cannot import the guard.
	args = append(args, "-e", "-find", "-f", `{{if and (eq .Name "main") (not .Goroot)}}{{.Dir}}{{end}}`, "--")
	for _, p := range patterns {
		// go run and go install build such a package outside of the module here.
		if strings.Contains(p, "@") {
			return nil, fmt.Errorf("%s: Outguard cannot be added to a package of another module's version; "+
				"build the package in a module that requires it and Outguard", p)
		}
		args = append(args, p)
	}
	// Errors of go list are not shown, because the build reports them again.
	cmd := exec.Command(g.path, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return nil, nil // the build fails for the same reason, and reports it
		}
		return nil, err
	}
	var dirs []string
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			dirs = append(dirs, line)
		}
	}
	return dirs, nil
}
