// Package loglines finds Outguard's JSON lines in any text that holds a log: raw lines, what the
// aws command prints, results of Logs Insights as JSON or CSV, exports, and gzip or UTF-16 of each.
// [Read] calls a function for each line.
//
// Instead of reading each of these formats, it looks for the schema of a line, and takes the JSON
// object around it. The object counts only if it is a whole log event, because text that a caller
// of the function chose must not pass for a line of Outguard inside another message. A program
// that logs such text as an event of its own cannot be distinguished.
//
// Memory is bounded by the longest line, not by the text.
package loglines

import (
	"bytes"
	"io"
)

// reach is how far an object may extend around its schema, in bytes of the text. A line has less
// than 32 KB; escapes and indentation make it longer.
const reach = 256 << 10

// Counts are what Read found.
type Counts struct {
	Lines  int // lines of Outguard
	Broken int // objects that have no end
	Quoted int // objects inside another message; they do not count as lines
}

// Add adds the counts of another text.
func (c *Counts) Add(d Counts) {
	c.Lines += d.Lines
	c.Broken += d.Broken
	c.Quoted += d.Quoted
}

// Read calls each for every line of Outguard in r, in order, with its schema, such as
// "outguard.alert/v1", and the object, whose braces and quotes are balanced; it may be broken
// otherwise. text is valid until each returns. The error is that of r or of each, or a
// DamagedError; what was found before counts.
func Read(r io.Reader, each func(schema string, text []byte) error) (Counts, error) {
	r, err := plain(r)
	if err != nil {
		return Counts{}, err
	}
	w := &window{src: r, previous: -1}
	err = w.scan(each)
	return w.counts, err
}

// A window is the part of the text around the place that is looked at.
// Offsets are into text, and move when its head is dropped.
type window struct {
	src      io.Reader
	text     []byte
	start    bool // the text starts at the start of a line; else a longer line was cut
	ended    bool
	failed   error // what ended it early
	previous int   // the end of the line that was found last, or -1
	marker   int   // the end of the schema that was found last: no object has two
	counts   Counts
}

// marker begins the value of every schema.
var marker = []byte("outguard.")

// scan looks for markers and calls each for every whole object. It reads on as needed.
func (w *window) scan(each func(string, []byte) error) error {
	w.start = true
	for at := 0; ; {
		i := bytes.Index(w.text[at:], marker)
		switch {
		case i < 0 && w.ended:
			return w.failed
		case i < 0:
			// The end of the text may hold the first half of a marker.
			keep := max(at, len(w.text)-len(marker)+1)
			w.fill(&keep)
			at = keep
			continue
		}
		at += i
		// An object may extend by reach, so that so much must be there before it is read.
		if !w.ended && len(w.text)-at < reach {
			w.fill(&at)
		}
		found, end := w.object(at)
		switch found.kind {
		case whole:
			// previous helps to recognize the next line: the two may stand in one array.
			w.counts.Lines++
			w.previous = end
			if err := each(found.schema, found.text); err != nil {
				return err
			}
		case broken:
			w.counts.Broken++
		case quoted:
			w.counts.Quoted++
		case other:
		}
		at = end
	}
}

// fill reads on. What lies further than reach before *at is dropped, and *at moves with the text.
func (w *window) fill(at *int) {
	// What was read of an object reaches back by reach at most.
	if drop := *at - reach; drop > 0 {
		w.start = w.text[drop-1] == '\n'
		w.text = w.text[:copy(w.text, w.text[drop:])]
		*at -= drop
		// Both offsets move along; what has left the window is forgotten.
		w.previous, w.marker = max(w.previous-drop, -1), max(w.marker-drop, 0)
	}
	// The buffer is allocated once, when it is needed.
	if cap(w.text) < 4*reach {
		w.text = append(make([]byte, 0, 4*reach), w.text...)
	}
	// The buffer is filled to its end, since each round copies the rest to its head.
	for len(w.text) < cap(w.text) {
		n, err := w.src.Read(w.text[len(w.text):cap(w.text)])
		w.text = w.text[:len(w.text)+n]
		if err != nil {
			if w.ended = true; err != io.EOF {
				w.failed = err
			}
			return
		}
	}
}
