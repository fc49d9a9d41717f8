package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The caller is right in every case, however the program is built. Stripped binaries keep the table
// of functions, and functions that are inlined keep their names in it.
func TestCallers(t *testing.T) {
	for name, flags := range map[string][]string{
		"as usual":        nil,
		"stripped":        {"-ldflags=-s -w"},
		"without inlines": {"-gcflags=example.com/shop/...=-l"},
		"not optimised":   {"-gcflags=example.com/shop/...=-N -l"},
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "shop")
			out, err := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", program}, flags...), ".")...).CombinedOutput()
			require.NoError(t, err, string(out))
			out, err = exec.CommandContext(t.Context(), program).CombinedOutput()
			require.NoError(t, err, string(out))
			var r Result
			require.NoError(t, json.Unmarshal(out, &r), string(out))
			assert.GreaterOrEqual(t, r.Cases, 200)
			assert.Empty(t, r.Wrong)
		})
	}
}

func TestCasesAreGenerated(t *testing.T) {
	want, err := exec.CommandContext(t.Context(), "go", "run", "./gen").Output()
	require.NoError(t, err)
	got, err := os.ReadFile("pay/cases.go")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run go generate ./pay")
}
