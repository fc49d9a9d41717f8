// Package examples_test keeps the README real: its examples are files of this module, and its transcript is what the quickstart prints.
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

var update = flag.Bool("update", false, "rewrite the README's blocks")

const readme = "../README.md"

func TestREADME(t *testing.T) {
	run := exec.Command("go", "run", "./quickstart")
	run.Stderr = os.Stderr
	transcript, err := run.Output()
	require.NoError(t, err, "%s", transcript)

	// The first block of each language.
	for lang, want := range map[string]string{
		"yaml": read(t, "minimal/policy.yaml"),
		"go":   afterImports(read(t, "minimal/main.go")),
		"text": string(transcript),
	} {
		text := read(t, readme)
		before, rest, ok := strings.Cut(text, "```"+lang+"\n")
		require.True(t, ok, "README.md has no ```%s block", lang)
		block, after, ok := strings.Cut(rest, "```\n")
		require.True(t, ok)
		if *update {
			require.NoError(t, os.WriteFile(readme, []byte(before+"```"+lang+"\n"+want+"```\n"+after), 0o644))
			continue
		}
		require.Equal(t, steady(want), steady(block), "README.md is behind; go test -C examples . -update brings it up to date")
	}
}

// steady takes out what differs from run to run.
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
