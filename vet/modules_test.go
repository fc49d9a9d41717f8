package vet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

func TestWarning(t *testing.T) {
	const outguard, sdk, sqs = "github.com/outguard/outguard v0.1.0\n", core + " ", core + "/service/sqs "
	for _, c := range []struct{ name, require, after, want string }{
		{"an old client beside a newer core", outguard + sdk + "v1.47.7\n" + sqs + "v1.19.1", "", "these AWS clients fail on every call"},
		{"a new client", outguard + sdk + "v1.47.7\n" + sqs + "v1.52.10", "", ""},
		{"an old client beside an old core", sdk + "v1.21.0\n" + sqs + "v1.19.1", "", "once this module requires Outguard, these AWS clients fail"},
		{"a new client beside an old core", sdk + "v1.21.0\n" + sqs + "v1.52.10", "", ""},
		{"replaced by a new one", outguard + sdk + "v1.47.7\n" + sqs + "v1.19.1", "replace " + sqs + "=> " + sqs + "v1.52.10", ""},
		{"replaced by an old one", outguard + sdk + "v1.47.7\n" + sqs + "v1.52.10", "replace " + sqs + "=> " + sqs + "v1.19.1", "sqs v1.19.1"},
		{"a replacement of another version", outguard + sdk + "v1.47.7\n" + sqs + "v1.52.10", "replace " + sqs + "v1.50.0 => " + sqs + "v1.19.1", ""},
		{"no AWS", outguard, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := warning(required([]byte("module example.com/x\nrequire (\n" + c.require + "\n)\n" + c.after)))
			if c.want == "" {
				assert.Empty(t, got)
			} else {
				assert.Contains(t, got, c.want)
			}
		})
	}
	assert.Empty(t, warning(required([]byte("not a go.mod"))))
	assert.Empty(t, warning(nil))
}

func TestTheCoreIsThatOfTheRootModule(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "go.mod"))
	require.NoError(t, err)
	f, err := modfile.Parse("go.mod", data, nil)
	require.NoError(t, err)
	assert.Equal(t, rootModule, f.Module.Mod.Path)
	for _, r := range f.Require {
		if r.Mod.Path == core {
			assert.Equal(t, rootCore, r.Mod.Version)
		}
	}
}
