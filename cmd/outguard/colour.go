package main

import (
	"bytes"
	"io"
	"os"
)

// This file gives the words that lines of a result begin with a colour, on a terminal only.

// colours are escape sequences by the first word of a line: verdicts, directions of changes, and
// what tests and proofs have found.
var colours = map[string]string{
	"allow": green, "ok": green, "never": green, "narrows": green,
	"log": cyan, "new": cyan,
	"alert": yellow, "open": yellow, "widens": yellow,
	"block": red, "FAIL": red,
}

const (
	red         = "\x1b[31m"
	green       = "\x1b[32m"
	yellow      = "\x1b[33m"
	cyan        = "\x1b[36m"
	plainColour = "\x1b[39m"
)

// coloured returns w, with colours if somebody sees them and has not switched them off by NO_COLOR.
func coloured(w io.Writer) io.Writer {
	if !isTerminal(w) || os.Getenv("NO_COLOR") != "" {
		return w
	}
	return &painter{to: w, start: true}
}

// A painter writes lines with their first words in colour. A word that comes in two writes has
// none.
type painter struct {
	to    io.Writer
	start bool // of a line
}

func (p *painter) Write(text []byte) (int, error) {
	var out []byte
	for line := range bytes.Lines(text) {
		word, rest, ok := bytes.Cut(line, []byte(" "))
		if colour := colours[string(word)]; p.start && ok && colour != "" {
			out = append(append(append(out, colour...), word...), plainColour+" "...)
			line = rest
		}
		out = append(out, line...)
		p.start = bytes.HasSuffix(line, []byte("\n"))
	}
	if _, err := p.to.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}
