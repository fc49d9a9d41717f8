package buildtest

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkRebuild builds an unchanged tree by the go command and by the build word, beside each
// other. cpu-ms/op is the time on processors of all processes, which a busy machine does not change
// much.
func BenchmarkRebuild(b *testing.B) {
	dir, command := newModule(b), filepath.Join(b.TempDir(), "outguard")
	built := run(b, "", nil, "go", "build", "-o", command, "github.com/outguard/outguard/cmd/outguard")
	require.Zero(b, built.exit, built.stderr)
	words := []struct {
		name string
		args []string
	}{
		{"go", []string{"go", "build", "-o", filepath.Join(dir, "plain"), "."}},
		{"outguard", []string{command, "go", "build", "-o", filepath.Join(dir, "guarded"), "."}},
	}
	for _, w := range words { // the first builds
		require.Zero(b, run(b, dir, nil, w.args...).exit)
	}
	for _, w := range words {
		b.Run(w.name, func(b *testing.B) {
			var cpu time.Duration
			for b.Loop() {
				cmd := exec.CommandContext(b.Context(), w.args[0], w.args[1:]...)
				cmd.Dir = dir
				require.NoError(b, cmd.Run())
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
}
