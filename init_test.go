package outguard_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
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
	"guard":             9,
	"httpguard":         0,
	"internal/alerting": 10,
	"internal/canon":    3,
	"internal/mask":     33,
	"netguard":          3,
}

var initLine = regexp.MustCompile(`(?m)^init ` + module + `/(\S+) @.*, (\S+) ms clock, \d+ bytes, (\d+) allocs$`)

// TestNothingRunsBeforeItIsNeeded lets the runtime trace the initialisers of this test's own
// binary.
func TestNothingRunsBeforeItIsNeeded(t *testing.T) {
	const runs = 5 // the quickest counts: the machine may be busy
	quickest := map[string]float64{}
	for range runs {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "init runtime ", "the trace is there")
		for _, m := range initLine.FindAllStringSubmatch(string(out), -1) {
			name := m[1]
			allocs, err := strconv.Atoi(m[3])
			require.NoError(t, err)
			most, ok := maxInit[name]
			if !ok && !strings.HasSuffix(name, "_test") {
				assert.Fail(t, "package "+name+" runs code at its init: make what it needs on first use")
			}
			assert.LessOrEqual(t, allocs, most, "allocations at the init of %s", name)
			ms, err := strconv.ParseFloat(m[2], 64)
			require.NoError(t, err)
			if before, ok := quickest[name]; !ok || ms < before {
				quickest[name] = ms
			}
		}
	}
	total := 0.0
	for _, ms := range quickest {
		total += ms
	}
	assert.LessOrEqual(t, total, 0.15, "ms of all packages: %v", quickest)
}
