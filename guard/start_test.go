package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// firstLine is the start line of g, which logs to log.
func firstLine(t *testing.T, g *Guard, log *buffer) (line startLine) {
	t.Helper()
	inv, _ := g.begin(context.Background())
	g.end(inv)
	for text := range strings.Lines(log.String()) {
		if strings.Contains(text, "outguard.start/v1") {
			require.Empty(t, line.Schema, "one start line")
			require.NoError(t, json.Unmarshal([]byte(text), &line))
		}
	}
	require.NotEmpty(t, line.Schema)
	return line
}

// A log event of Lambda holds 256 KB. The start line stays far below that.
func TestTheStartLineFitsIntoALogEvent(t *testing.T) {
	var expired strings.Builder
	for n := range 30 {
		fmt.Fprintf(&expired, "  - http: a%d.example\n    until: 2020-01-01\n", n)
	}
	g, log := logged(t, "version: 1\nwhitelist:\n"+expired.String())
	line := firstLine(t, g, log)
	assert.Equal(t, "WARN", line.Level)
	require.Len(t, line.Warnings, maxWarnings+1)
	assert.Contains(t, line.Warnings[maxWarnings], "and 11 more: outguard validate shows them", "one is that http.DefaultTransport is not guarded")

	log = new(buffer)
	g = New(nil, &Options{Stdout: log, Getenv: environment()})
	g.broken.Store(&PolicyError{Err: errors.New(strings.Repeat("ä", 9<<10))})
	line = firstLine(t, g, log)
	assert.Equal(t, "ERROR", line.Level)
	assert.Equal(t, strings.Repeat("ä", 4<<10)+"…", line.Error)
}

// Each list of the start line is shortened, rather than the line as a whole.
func TestTheListsOfTheStartLineAreShortened(t *testing.T) {
	var files, targets []string
	for n := range 300 {
		files = append(files, fmt.Sprintf("team-%03d-policy.yaml", n), "version: 1\nwhitelist: []\n")
		targets = append(targets, fmt.Sprintf("  - sns: arn:aws:sns:eu-west-1:111122223333:%s-%d\n", strings.Repeat("t", 200), n))
	}
	for _, c := range []struct {
		name, text string
		layers     string
	}{
		{"many files", allowsA, dir(t, files...)},
		{"many targets", allowsA + "notify:\n" + strings.Join(targets, ""), t.TempDir()},
		{"long warnings", "version: 1\nblacklist:\n" + strings.Repeat("  - http: x.example/"+strings.Repeat("y", 4000)+"\n    until: 2020-01-01\n", 20), t.TempDir()},
		{"one long error", "version: 1\nwhitelist:\n" + strings.Repeat("  - htp: x\n", 20_000), t.TempDir()},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := new(buffer)
			g, _ := load(&Options{Policy: []byte(c.text), Function: "checkout", Stdout: log, Getenv: environment("AWS_ENDPOINT_URL", "http://127.0.0.1:1")}, c.layers)
			line := firstLine(t, g, log)
			assert.NotContains(t, log.String(), "outguard.cut/v1")
			assert.Less(t, jsonSize(line), maxStartLine)
			if c.name == "many files" {
				assert.Equal(t, 301, len(line.Policies)+line.MorePolicies)
				assert.Greater(t, len(line.Policies), 50)
			}
		})
	}
}

// The start line also has limits that are not faults.
func TestTheStartLineNamesLimits(t *testing.T) {
	g, log := logged(t, allowAll)
	assert.Empty(t, firstLine(t, g, log).Notes)

	g, log = logged(t, allowAll)
	g.lifecycle.concurrent = true
	freshTransport(t)
	require.NoError(t, g.Install())
	line := firstLine(t, g, log)
	require.Len(t, line.Notes, 2)
	assert.Contains(t, line.Notes[0], "a refused call without the context of an invocation fails none")
	assert.Contains(t, line.Notes[1], "http2.ConfigureTransports")
	assert.Contains(t, line.Notes[1], "http.DefaultTransport.HTTP2 and Protocols")
	assert.NotContains(t, strings.Join(line.Warnings, "\n"), "ConfigureTransports")
}

// freshTransport puts a transport into http.DefaultTransport that nobody has used.
func freshTransport(t *testing.T) *http.Transport {
	tr, was := &http.Transport{}, http.DefaultTransport
	http.DefaultTransport = tr
	t.Cleanup(func() { http.DefaultTransport = was })
	return tr
}

// A gap that shows after the start line is a line of its own, once.
func TestLaterGapsAreLogged(t *testing.T) {
	g, log := logged(t, "version: 1\nwhitelist: []\nblacklist: [{ip: private}]\n")
	tr := freshTransport(t)
	require.NoError(t, g.Install())
	firstLine(t, g, log)
	again := func() (gaps []string) {
		before := log.String()
		inv, _ := g.begin(t.Context())
		g.end(inv)
		for text := range strings.Lines(strings.TrimPrefix(log.String(), before)) {
			var line gapLine
			if json.Unmarshal([]byte(text), &line) == nil && line.Schema == "outguard.gap/v1" {
				gaps = append(gaps, line.Gap)
			}
		}
		return gaps
	}
	assert.Empty(t, again())
	g.Transport(roundTripper(nil))
	tr.RegisterProtocol("file", http.NewFileTransport(http.Dir(t.TempDir())))
	c := tr.Clone()
	c.Proxy = nil
	_, err := c.RoundTrip(httptest.NewRequest("GET", "http://127.0.0.1:1/", nil))
	require.Error(t, err)
	gaps := strings.Join(again(), "\n")
	assert.Contains(t, gaps, "roundTripper sends guarded requests")
	assert.Contains(t, gaps, `"file"`)
	assert.Contains(t, gaps, "a copy of http.DefaultTransport that has set Proxy is in use")
	assert.Empty(t, again())
}
