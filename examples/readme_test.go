// Package examples_test compares the documentation with what runs: the README's examples are files
// of this module, and the transcript is what the quickstart prints.
package examples_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the blocks of the documentation")

const (
	readme     = "../README.md"
	quickstart = "quickstart/README.md"
)

func TestREADME(t *testing.T) {
	run := exec.Command("go", "run", "./quickstart")
	run.Stderr = os.Stderr
	transcript, err := run.Output()
	require.NoError(t, err, "%s", transcript)

	holds(t, readme, "yaml", read(t, "minimal/policy.yaml"))
	holds(t, readme, "go", afterImports(read(t, "minimal/main.go")))
	holds(t, readme, "text", blockedCall(t, string(transcript)))
	holds(t, quickstart, "text", string(transcript))
}

// holds compares the first block of a language in a file, or rewrites it.
func holds(t *testing.T, file, lang, want string) {
	t.Helper()
	text := read(t, file)
	before, rest, ok := strings.Cut(text, "```"+lang+"\n")
	require.True(t, ok, "%s has no ```%s block", file, lang)
	block, after, ok := strings.Cut(rest, "```\n")
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+"```"+lang+"\n"+want+"```\n"+after), 0o644))
		return
	}
	require.Equal(t, steady(want), steady(block), "%s is behind; go test -C examples . -update brings it up to date", file)
}

// blockedCall returns the error of the transcript's last scene, as the function gets it.
func blockedCall(t *testing.T, transcript string) string {
	t.Helper()
	_, rest, ok := strings.Cut(transcript, "the error that the handler returned\n")
	require.True(t, ok)
	var b strings.Builder
	for line := range strings.Lines(rest) {
		text, ok := strings.CutPrefix(line, "     | ")
		if !ok {
			break
		}
		b.WriteString(text)
	}
	return b.String()
}

// steady removes what differs from run to run.
func steady(s string) string { return clock.ReplaceAllString(s, "TIME") }

var clock = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}

// afterImports leaves out what every Go file starts with.
func afterImports(src string) string {
	_, rest, _ := strings.Cut(src, "\n)\n\n")
	return rest
}
