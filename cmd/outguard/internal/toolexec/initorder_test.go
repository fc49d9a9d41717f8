package toolexec

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The packages to initialize first are those that package guard imports, directly or not. The go
// command is the oracle.
func TestFirstPackages(t *testing.T) {
	files, imports, want := map[string]string{}, []string{}, []string{}
	const format = `{{if .Export}}{{.ImportPath}} {{.Export}} {{join .Deps " "}}{{end}}` // package unsafe has no archive
	for line := range strings.Lines(output(t, "go", "list", "-export", "-deps", "-f", format, guardPackage, "net/smtp")) {
		if words := strings.Fields(line); len(words) > 0 {
			files[words[0]] = words[1]
			if words[0] == guardPackage {
				imports = append(words[2:], guardPackage)
			}
		}
	}
	for _, pkg := range imports {
		if pkg != "unsafe" {
			want = append(want, inSymbols(pkg))
		}
	}
	got, err := firstFlag(files)
	require.NoError(t, err)
	slices.Sort(want)
	list, ok := strings.CutPrefix(got, "-X=runtime.outguardFirst=")
	assert.True(t, ok)
	assert.Equal(t, want, strings.Split(list, " "))
	assert.Contains(t, want, "net/http")
	assert.NotContains(t, want, "net/smtp")
}

func TestNamesInSymbols(t *testing.T) {
	for pkg, want := range map[string]string{
		"net/http": "net/http", "main": "main", "go.yaml.in/yaml/v3": "go.yaml.in/yaml/v3", "gopkg.in/yaml.v3": "gopkg.in/yaml%2ev3",
	} {
		assert.Equal(t, want, inSymbols(pkg))
	}
}

// An archive that is not what this version knows is an error: the program is not linked.
func TestUnknownObjectFiles(t *testing.T) {
	entry := func(name, text string) string {
		header := name + strings.Repeat(" ", 48-len(name)) + strings.Repeat(" ", 10) + "`\n"
		size := []byte(header)
		copy(size[48:], []byte(strconv.Itoa(len(text))))
		return string(size) + text
	}
	const head = "go object linux amd64 go1.99\n\n!\n"
	for text, want := range map[string]string{
		"":                           "is not an archive",
		"!<arch>\n":                  "has no object file",
		"!<arch>\n" + entry("a", ""): "has no object file",
		"!<arch>\n" + entry("_go_.o", head+"\x00go999ld"+strings.Repeat("x", 80)):                                     "form that this version of Outguard does not know",
		"!<arch>\n" + entry("_go_.o", head+objectMagic+strings.Repeat("\x00", 12)+"\x10\x00\x00\x7f\x20\x00\x00\x7f"): "cannot be read",
		"!<arch>\n" + entry("_go_.o", head+objectMagic):                                                               "cannot be read",
	} {
		file := filepath.Join(t.TempDir(), "a.a")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := firstFlag(map[string]string{guardPackage: file})
		assert.ErrorContains(t, err, want, "%q", text)
		assert.ErrorContains(t, err, guardPackage)
	}
}
