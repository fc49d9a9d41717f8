//go:build linux

package policy

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// largeFiles have as many rules as fit into largeFile() bytes.
var largeFiles = map[string]func(n int) string{
	"hosts": func(n int) string { return fmt.Sprintf("  - http: h%d.example.com\n", n) },
	"paths": func(n int) string {
		return fmt.Sprintf("  - http: https://h%d.example.com/a/b\n    methods: [GET, POST]\n", n)
	},
	"resources": func(n int) string { return fmt.Sprintf("  - aws: s3:PutObject\n    resources: b%d/*\n", n) },
}

// largeFile returns the size of the largest file, or half of it: a smaller one is not freed between
// the steps.
func largeFile() int { return corpustest.Sample(1<<19, 1<<20) }

// peak returns what such a file may add to the memory of a process, in MB: 28 for each MB, what a
// heap has at least, and room for a garbage collection that begins late on a busy machine.
func peak() int { return 28*largeFile()>>20 + 20 }

// Reading a file of 1 MB adds little to the memory of a process, which a function may have 128 MB
// of. Each file is read in a process of its own.
func TestALargeFileTakesLittleMemory(t *testing.T) {
	if alloctest.Race {
		t.Skip("the race detector takes memory of its own")
	}
	for name := range largeFiles {
		cmd := exec.Command(os.Args[0], "-test.run=^TestReadALargeFile$", "-test.v")
		cmd.Env = append(os.Environ(), "LARGE_FILE="+name)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		_, after, ok := strings.Cut(string(out), "peak: ")
		require.True(t, ok, "%s", out)
		text, _, _ := strings.Cut(after, " MB")
		mb, err := strconv.Atoi(text)
		require.NoError(t, err)
		t.Logf("%s: %d MB", name, mb)
		assert.LessOrEqual(t, mb, peak(), name)
	}
}

func TestReadALargeFile(t *testing.T) {
	line := largeFiles[os.Getenv("LARGE_FILE")]
	if line == nil {
		t.Skip("for TestALargeFileTakesLittleMemory")
	}
	text := []byte("version: 1\nwhitelist:\n")
	for n := 0; len(text) < largeFile()-100; n++ {
		text = append(text, line(n)...)
	}
	debug.FreeOSMemory()
	before := highWater(t)
	_, err := Parse("policy.yaml", text, env("checkout"))
	require.NoError(t, err)
	fmt.Printf("peak: %d MB\n", (highWater(t)-before+512)/1024)
}

// highWater returns the largest resident memory of this process so far, in KB.
func highWater(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	n, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(t, err)
	return n
}
