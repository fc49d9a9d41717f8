package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// validate -binary finds callers: that match no module of the binary, here that of this test.
func TestValidateCallers(t *testing.T) {
	binary, err := os.Executable()
	require.NoError(t, err)
	for _, c := range []struct {
		callers, binary string
		exit            int
		want            string
	}{
		{"[main, github.com/outguard/outguard/examples/pay, ...]", binary, exitOK, "ok"},
		{"github.com/outgaurd/outguard/...", binary, exitFound, `policy.yaml:4:14: callers: "github.com/outgaurd/outguard/..." matches no module of the binary; did you mean "github.com/outguard/outguard"?`},
		{"example.com/shop/...", binary, exitFound, `"example.com/shop/..." matches no module of the binary`},
		{"example.com/shop/...", "", exitOK, "ok"},
		{"./pay", "", exitFound, `callers: "./pay" can never match: it is a folder`},
		{"main", "policy.yaml", exitUsage, ""},
	} {
		name := filepath.Join(t.TempDir(), "policy.yaml")
		require.NoError(t, os.WriteFile(name, []byte("version: 1\nwhitelist:\n  - http: api.example.com\n    callers: "+c.callers+"\n"), 0o600))
		args := []string{"validate"}
		if c.binary != "" {
			args = append(args, "-binary", c.binary)
		}
		var out, errs bytes.Buffer
		assert.Equal(t, c.exit, run(append(args, name), stdio{nil, &out, &errs}), c.callers)
		assert.Contains(t, out.String(), c.want)
	}
}
