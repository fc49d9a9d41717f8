package outguard_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	// What a function links.
	_ "github.com/outguard/outguard/guard"
)

// maxInit is the number of allocations that a package may make before main. A package without a
// line makes none, and its tables are data of the binary: a regexp, a map, a replacer or a client
// is made when it is first used.
var maxInit = map[string]int{
	"guard":             16, // half read the environment that the process was started with
	"httpguard":         0,
	"internal/alerting": 7, // two keep the descriptor of standard output
	"internal/canon":    3,
	"internal/mask":     33,
}

var initLine = regexp.MustCompile(`(?m)^init ` + module + `/(\S+) @.*, \d+ bytes, (\d+) allocs$`)

// TestNothingRunsBeforeItIsNeeded lets the runtime trace the initializers of this test's own
// binary.
func TestNothingRunsBeforeItIsNeeded(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "init runtime ", "the trace is there")
	for _, m := range initLine.FindAllStringSubmatch(string(out), -1) {
		name := m[1]
		allocs, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		most, ok := maxInit[name]
		assert.True(t, ok, "package %s runs code at its init: make what it needs on first use", name)
		assert.LessOrEqual(t, allocs, most, "allocations at the init of %s", name)
	}
}
