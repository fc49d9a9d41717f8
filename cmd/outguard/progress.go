package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// A progress shows on a terminal how much has been read. Elsewhere it does nothing.
type progress struct {
	to    io.Writer // nil: not a terminal
	lines int
	next  time.Time
	shown bool
}

// newProgress returns one that stays silent for the first second, as most logs are read in less.
func newProgress(to io.Writer) *progress {
	if !isTerminal(to) {
		return &progress{}
	}
	return &progress{to: to, next: time.Now().Add(time.Second)}
}

// isTerminal reports whether somebody sees what is written.
func isTerminal(w io.Writer) bool {
	// Tests and pipes are not files of a terminal. TERM=dumb has no cursor to move.
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	// /dev/null is a character device too.
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// line counts a line, and shows the count a few times a second.
func (p *progress) line() {
	p.lines++
	// The clock is only read now and then.
	if p.to == nil || p.lines%4096 != 0 || time.Now().Before(p.next) {
		return
	}
	// Five times a second is smooth for the eye, and costs nothing.
	p.shown, p.next = true, time.Now().Add(200*time.Millisecond)
	// The carriage return goes back to the start of the line, so that each count replaces the last
	// one.
	fmt.Fprintf(p.to, "\r%d lines", p.lines)
}

// end clears what was shown.
func (p *progress) end() {
	if p.shown {
		// The escape sequence clears to the end of the line.
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
