package main

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
)

func TestTail(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"lines", "a\nb\r\n\nc\n", "a|b||c"},
		{"no end", "a\nb", "a|b"},
		{"nothing", "", ""},
		{"two long lines", strings.Repeat("x", maxOutputLine+100) + "\nb\n" + strings.Repeat("y", 3*maxOutputLine), strings.Repeat("x", maxOutputLine) + "… (the rest of the line is left out)|b|" + strings.Repeat("y", maxOutputLine) + "… (the rest of the line is left out)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, from := range []io.Reader{strings.NewReader(c.text), iotest.HalfReader(strings.NewReader(c.text))} {
				var lines []string
				tail := tail{from: from, each: func(line []byte) { lines = append(lines, string(line)) }}
				tail.drain(false)
				tail.drain(true)
				assert.True(t, c.want == strings.Join(lines, "|"), "%d lines", len(lines))
			}
		})
	}
}

// A line that never ends is not kept in memory.
func TestTailOfAnEndlessLine(t *testing.T) {
	tail := tail{from: io.LimitReader(endless{}, 64*maxOutputLine), each: func([]byte) {}}
	tail.drain(false)
	assert.LessOrEqual(t, cap(tail.line), 3*maxOutputLine)
	assert.Empty(t, tail.line)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
