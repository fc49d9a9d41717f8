package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// validate -binary says what a binary is made of, here that of this test.
func TestValidateBinary(t *testing.T) {
	name, err := os.Executable()
	require.NoError(t, err)
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(policy, []byte("version: 1\nwhitelist: []\n"), 0o600))
	for _, quiet := range []bool{false, true} {
		args := []string{"validate", "-binary", name, policy}
		if quiet {
			args = []string{"validate", "-q", "-binary", name, policy}
		}
		var out, errs bytes.Buffer
		assert.Equal(t, exitOK, run(args, stdio{nil, &out, &errs}))
		if quiet {
			assert.Empty(t, out.String())
			continue
		}
		assert.Contains(t, out.String(), name+": versions: "+runtime.Version()+", github.com/outguard/outguard ")
		assert.Contains(t, out.String(), name+": layers: none: it does not link")
	}
}

// Clients that a newer core of the SDK breaks are a fault, and the layers follow from what is
// linked.
func TestTheFaultsAndLayersOfABinary(t *testing.T) {
	core, sqs := &debug.Module{Path: "github.com/aws/aws-sdk-go-v2", Version: "v1.24.0"}, &debug.Module{Path: "github.com/aws/aws-sdk-go-v2/service/sqs", Version: "v1.19.1"}
	for _, c := range []struct {
		name, text string
		deps       []*debug.Module
		faulty     bool
		want       string
	}{
		{"old", "", []*debug.Module{core, sqs}, true, "f: these AWS clients fail on every call, because they are older than aws-sdk-go-v2 v1.24.0: sqs v1.19.1; update them: go get "},
		{"replaced", "", []*debug.Module{{Path: core.Path, Version: "v1.24.0", Replace: &debug.Module{Path: "../core"}}}, false, core.Path + " v1.24.0 replaced by ../core"},
		{"built by outguard go", "net/http.outguardRoundTrip", nil, false, "layers: all"},
		{"guarded", guardPackage + ".(*Guard).Check", nil, false, "aws is off"},
		{"with AWS", guardPackage + ".(*Guard).Check " + guardPackage + ".(*Guard).AWS", nil, false, "layers: http, aws, context, names\n"},
		{"the short form with AWS", guardPackage + ".(*Guard).Check " + guardPackage + ".AWS", nil, false, "layers: http, aws, context, names\n"},
	} {
		b := &binary{file: "f", info: &debug.BuildInfo{Deps: c.deps}, text: []byte("\x00" + strings.ReplaceAll(c.text, " ", "\x00") + "\x00")}
		var out bytes.Buffer
		assert.Equal(t, c.faulty, b.print(&out, false), c.name)
		assert.Contains(t, out.String(), c.want, c.name)
	}
}
