package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func bundle(t *testing.T, text, function string) (string, error) {
	t.Helper()
	f, err := ParseFile("p.yaml", []byte(text))
	require.NoError(t, err)
	out, err := f.Bundle(function)
	return string(out), err
}

func TestBundle(t *testing.T) {
	const file = `version: 1
functions:
  # one
  one:
    on_violation: log

  # of reports
  "report-*":
    on_violation: block
  report-a: {on_violation: alert}

# for all
whitelist:
  - http: example.com
`
	for function, gone := range map[string]string{
		"one":      "# of reports,report-*,report-a",
		"report-a": "# one,  one:",
		"report-b": "# one,  one:,report-a",
	} {
		out, err := bundle(t, file, function)
		require.NoError(t, err)
		for _, s := range strings.Split(gone, ",") {
			assert.NotContains(t, out, s)
		}
		assert.Contains(t, out, "# for all\nwhitelist:\n  - http: example.com\n")
		assert.Equal(t, strings.Count(file, "\n"), strings.Count(out, "\n"), "lines must stay where they were")
	}
	out, err := bundle(t, file, "report-b")
	require.NoError(t, err)
	assert.Equal(t, "version: 1\nfunctions:\n\n\n\n\n  # of reports\n  \"report-*\":\n    on_violation: block\n\n\n# for all\nwhitelist:\n  - http: example.com\n", out)
}

func TestBundleOfPlainFile(t *testing.T) {
	const file = "version: 1\nwhitelist: []"
	out, err := bundle(t, file, "any")
	require.NoError(t, err)
	assert.Equal(t, file, out)
}

func TestBundleWithoutNewlineAtTheEnd(t *testing.T) {
	out, err := bundle(t, "version: 1\nfunctions:\n  one:\n    on_violation: log\n  two:\n    on_violation: log", "one")
	require.NoError(t, err)
	assert.Equal(t, "version: 1\nfunctions:\n  one:\n    on_violation: log\n\n", out)
}

func TestBundleErrors(t *testing.T) {
	// What stands in quotes in a section that is left out must not become a key of the file.
	_, err := bundle(t, "functions:\n  one:\n    whitelist: []\n  two:\n    whitelist:\n    - http: a.com\n      reason: \"long\non_violation: log\n# \"\n", "one")
	assert.EqualError(t, err, `p.yaml:1:1: the sections of other functions than "one" cannot be cut out line by line; indent every line of a section, also those of texts in quotes`)

	_, err = bundle(t, "version: 1\nfunctions:\n  checkout:\n    on_violation: log\n", "chekout")
	assert.ErrorContains(t, err, `p.yaml:2:1: no section matches function "chekout"; the nearest is "checkout"`)
	for _, file := range []string{
		"version: 1\nfunctions: {one: {on_violation: log}, two: {on_violation: log}}\n",
		"version: 1\nfunctions:\n  {one: {on_violation: log}, two: {on_violation: log}}\n",
	} {
		_, err = bundle(t, file, "one")
		assert.ErrorContains(t, err, "sections share a line; write each function's section on lines of its own")
	}
}
