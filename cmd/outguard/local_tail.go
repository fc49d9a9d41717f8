package main

import (
	"bytes"
	"io"
)

// maxOutputLine bounds a line of the function's output that is kept in memory, in bytes. Lambda
// itself cuts lines at 256 KB, and Outguard's are shorter.
const maxOutputLine = 1 << 20

// A tail reads what is added to a file, line by line. Of a line beyond maxOutputLine, the rest is
// left out.
type tail struct {
	from io.Reader
	each func(line []byte)

	line  []byte // what has been read of a line without its end
	cut   bool   // the line was too long, and has been passed on
	chunk [32 << 10]byte
}

// drain reads up to the end. At the last call, a line without an end is a line.
func (t *tail) drain(last bool) {
	for {
		// The file grows while the function runs: its end is only the end so far.
		n, err := t.from.Read(t.chunk[:])
		t.add(t.chunk[:n])
		if err != nil || n == 0 { // what cannot be read is not there
			break
		}
	}
	if last && len(t.line) > 0 {
		t.end()
	}
}

// add takes what was read and passes on each line that is whole.
func (t *tail) add(text []byte) {
	for {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		if !t.cut {
			t.line = append(t.line, line...)
		}
		switch {
		case ended:
			t.end()
		// The line is passed on when it is too long, and not at its end, which may never come.
		case len(t.line) > maxOutputLine:
			t.end()
			t.cut = true
		}
		if !ended {
			return
		}
		text = rest
	}
}

// end passes on a line, unless that was done when it became too long.
func (t *tail) end() {
	if len(t.line) > maxOutputLine {
		t.line = append(t.line[:maxOutputLine], "… (the rest of the line is left out)"...)
	}
	if !t.cut {
		// A line may end with \r\n, as on Windows.
		t.each(bytes.TrimSuffix(t.line, []byte("\r")))
	}
	t.line, t.cut = t.line[:0], false
}
