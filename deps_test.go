// Package outguard_test checks what the module's packages depend on.
package outguard_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite golden files")

const module = "github.com/outguard/outguard"

// TestDependencies compares what each package of the root module needs with deps.txt: the
// project's own packages that it imports, and every other module that is linked with it. Each
// module there is imposed on users, so a new line needs a reason in CONTRIBUTING.md. TestLayers
// checks which way arrows point.
func TestDependencies(t *testing.T) {
	all := list(t, "-deps", "./...")
	var got strings.Builder
	for _, p := range all {
		if p.Module.Path == module && len(p.GoFiles) > 0 {
			fmt.Fprintf(&got, "%s\n", short(p.ImportPath))
			for _, path := range p.Imports {
				if strings.HasPrefix(path, module) {
					fmt.Fprintf(&got, "\t%s\n", short(path))
				}
			}
			for _, path := range modules(all, p.ImportPath) {
				fmt.Fprintf(&got, "\t%s\n", path)
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("deps.txt", []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile("deps.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), got.String(), "dependencies have changed; if that is meant: go test . -update")
}

// modules returns the other modules that a package is linked with, sorted.
func modules(all []pkg, root string) []string {
	byPath := map[string]*pkg{}
	for i := range all {
		byPath[all[i].ImportPath] = &all[i]
	}
	seen, found := map[string]bool{}, map[string]bool{}
	var walk func(string)
	walk = func(path string) {
		p := byPath[path]
		if p == nil || p.Standard || seen[path] {
			return
		}
		seen[path] = true
		if p.Module.Path != module {
			found[p.Module.Path] = true
		}
		for _, q := range p.Imports {
			walk(q)
		}
	}
	walk(root)
	return slices.Sorted(maps.Keys(found))
}

func short(path string) string { return strings.TrimPrefix(path, module+"/") }

type pkg struct {
	ImportPath string
	Standard   bool
	GoFiles    []string
	Imports    []string
	Module     struct{ Path string }
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,GoFiles,Imports,Module"}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOFLAGS=-tags=lambda.norpc")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
}
