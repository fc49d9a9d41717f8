package bench

import (
	"debug/buildinfo"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pairs of functions that are compared, and what the guard may add to each. README.md has the
// aims and what was measured.
var pairs = []struct {
	name          string
	bare, guarded string
	size          float64       // MB
	start         time.Duration // exec to the first /next, with room for a busy machine
	memory        float64       // MB of memory that are written by then
	modules       int
}{
	{"one http.Get", "httpbare", "httpguarded", 3.75, 2 * time.Millisecond, 1, 4},
	{"config and dynamodb", "bare", "guarded", 3.42, 2 * time.Millisecond, 1, 2},
}

// buildFor builds a function as for Lambda, and returns its file.
func buildFor(t *testing.T, name string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", out, "./size/"+name)
	build.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)
	return out
}

func megabytes(t *testing.T, file string) float64 {
	info, err := os.Stat(file)
	require.NoError(t, err)
	return float64(info.Size()) / 1e6
}

func linkedModules(t *testing.T, file string) (paths []string) {
	info, err := buildinfo.ReadFile(file)
	require.NoError(t, err)
	for _, m := range info.Deps {
		paths = append(paths, m.Path)
	}
	return paths
}

// TestWhatTheGuardAdds builds each function bare and guarded, and compares size, linked modules and
// start.
func TestWhatTheGuardAdds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds four binaries")
	}
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			bare, guarded := buildFor(t, p.bare), buildFor(t, p.guarded)
			size := megabytes(t, guarded) - megabytes(t, bare)
			t.Logf("bare %.2f MB, guarded %.2f MB: %.2f MB more", megabytes(t, bare), megabytes(t, guarded), size)
			assert.LessOrEqual(t, size, p.size, "MB")

			before := linkedModules(t, bare)
			added := slices.DeleteFunc(linkedModules(t, guarded), func(path string) bool { return slices.Contains(before, path) })
			t.Logf("%d modules more: %v", len(added), added)
			assert.LessOrEqual(t, len(added), p.modules)

			if os.Getenv("GOOS") == "" || os.Getenv("GOOS") == "linux" {
				a, b := starts(t, bare, guarded)
				for range 3 { // a busy machine may be late for every run
					if b.took-a.took > p.start {
						a, b = starts(t, bare, guarded)
					}
				}
				t.Logf("exec to the first /next: bare %v, guarded %v: %v more (best of %d)", a.took, b.took, b.took-a.took, startRuns)
				assert.LessOrEqual(t, b.took-a.took, p.start)
				// RssFile is what the kernel has mapped of the binary, in steps of 64 KB.
				for _, kind := range []string{"RssAnon", "RssFile"} {
					t.Logf("%s: bare %.2f MB, guarded %.2f MB: %.2f MB more", kind, a.memory[kind], b.memory[kind], b.memory[kind]-a.memory[kind])
				}
				assert.LessOrEqual(t, b.memory["RssAnon"]-a.memory["RssAnon"], p.memory, "MB")
			}
		})
	}
}

const startRuns = 40

// A start is a function's way to its first /next, and the memory that it has then.
type start struct {
	took   time.Duration
	memory map[string]float64 // MB, by the names of /proc/PID/status
}

// least keeps the lesser of each.
func (s *start) least(other start) {
	s.took = min(s.took, other.took)
	for kind, n := range other.memory {
		if before, ok := s.memory[kind]; !ok || n < before {
			s.memory[kind] = n
		}
	}
}

// starts returns the quickest starts of two functions, run in turns, and the least memory.
func starts(t *testing.T, first, second string) (a, b start) {
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(policy, []byte(startPolicy), 0o644))
	asked := make(chan time.Time, 1)
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- time.Now()
		<-r.Context().Done() // until the function is killed
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go server.Serve(l)
	defer server.Close()
	run := func(file string) (s start) {
		cmd := exec.Command(file)
		cmd.Env = []string{
			"AWS_LAMBDA_RUNTIME_API=" + l.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=checkout", "AWS_REGION=eu-west-1", "OUTGUARD_POLICY=" + policy,
			"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=x",
		}
		began := time.Now()
		require.NoError(t, cmd.Start())
		select {
		case at := <-asked:
			s = start{at.Sub(began), memoryOf(t, cmd.Process.Pid)}
		case <-time.After(30 * time.Second):
			t.Error("the function never asked for its first event")
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return s
	}
	a, b = run(first), run(second)
	for range startRuns - 1 {
		a.least(run(first))
		b.least(run(second))
	}
	return a, b
}

// memoryOf returns the lines of a process's status that are in kB, in MB.
func memoryOf(t *testing.T, pid int) map[string]float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	memory := map[string]float64{}
	for line := range strings.Lines(string(status)) {
		var kind string
		var kB float64
		if n, _ := fmt.Sscanf(line, "%s %f kB", &kind, &kB); n == 2 {
			memory[strings.TrimSuffix(kind, ":")] = kB * 1024 / 1e6
		}
	}
	return memory
}

const startPolicy = `
version: 1
stage: prod
on_violation: {prod: alert, "*": block}
notify:
  - sns: arn:aws:sns:eu-west-1:111122223333:security-alerts
functions:
  checkout:
    whitelist:
      - http: https://api.stripe.com/v1/**
        methods: [GET, POST]
      - http: https://*.example.com/**
      - aws: [dynamodb:GetItem, dynamodb:PutItem]
        resources: table/orders
    blacklist:
      - aws: sqs:*
        access: read
        reason: checkout publishes to queues, it never reads them
`
