package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The first word of a line has a colour, and no other text changes.
func TestPainter(t *testing.T) {
	tests := []struct {
		writes []string
		want   string
	}{
		{[]string{"block  GET https://a.test/\n       block: x\n"}, "\x1b[31mblock\x1b[39m  GET https://a.test/\n       block: x\n"},
		{[]string{"allow  a\nwidens  block → allow  f\n"}, "\x1b[32mallow\x1b[39m  a\n\x1b[33mwidens\x1b[39m  block → allow  f\n"},
		{[]string{"a\nal", "low  x\n", "ok    x\n"}, "a\nallow  x\n\x1b[32mok\x1b[39m    x\n"},
		{[]string{"x ", "block y\n"}, "x block y\n"},
		{[]string{`{"verdict":"block"}` + "\nallowed x\nlog", ""}, `{"verdict":"block"}` + "\nallowed x\nlog"},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		p := &painter{to: &b, start: true}
		for _, text := range tt.writes {
			n, err := io.WriteString(p, text)
			require.NoError(t, err)
			assert.Equal(t, len(text), n)
		}
		assert.Equal(t, tt.want, b.String())
	}
	_, err := (&painter{to: errWriter{}, start: true}).Write([]byte("ok x\n"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

type errWriter struct{}

func (errWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// What is not a terminal gets no colours.
func TestColouredElsewhere(t *testing.T) {
	var b bytes.Buffer
	assert.Same(t, &b, coloured(&b))
}
