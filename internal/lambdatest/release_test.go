package lambdatest_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// needsRelease skips a test if aws-lambda-go is older than v1.minor. The module requires the oldest
// release that it works with; the modules of the tests and demos require the newest.
func needsRelease(t *testing.T, minor int) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/aws-lambda-go").Output()
	require.NoError(t, err)
	version := strings.TrimSpace(string(out))
	parts := strings.Split(version, ".")
	require.Len(t, parts, 3, version)
	n, err := strconv.Atoi(parts[1])
	require.NoError(t, err)
	if parts[0] == "v1" && n < minor {
		t.Skipf("aws-lambda-go is %s, older than v1.%d", version, minor)
	}
}
