package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
