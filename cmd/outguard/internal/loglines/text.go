package loglines

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// This file turns what a log is stored as, gzip or UTF-16, into UTF-8.

// A DamagedError is the error for a gzip that is cut or broken. What it held up to there was read.
type DamagedError struct{ err error }

func (e *DamagedError) Error() string {
	// A file that is cut off is the usual case, such as of a download that was interrupted.
	if errors.Is(e.err, io.ErrUnexpectedEOF) {
		return "the gzip is cut off; what it holds up to there was read"
	}
	return fmt.Sprintf("the gzip is damaged (%v); what it holds up to there was read", e.err)
}

func (e *DamagedError) Unwrap() error { return e.err }

// plain returns the UTF-8 text of a log.
func plain(r io.Reader) (io.Reader, error) {
	// Peek looks at the beginning without taking it, so that a log of any form is read once.
	buffered := bufio.NewReaderSize(r, 64<<10)
	// The two bytes with which every gzip begins (RFC 1952). In UTF-8, 0x8b cannot follow 0x1f.
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		// What was compressed may be UTF-16, so that its beginning is looked at, too.
		buffered = bufio.NewReaderSize(unzipper{unzipped}, 64<<10)
	}
	// A text in UTF-16 begins with the byte order mark U+FEFF, whose bytes show the order.
	switch mark, _ := buffered.Peek(2); {
	case bytes.Equal(mark, []byte{0xff, 0xfe}): // as PowerShell's > writes
		return &utf16Reader{src: buffered}, nil
	case bytes.Equal(mark, []byte{0xfe, 0xff}):
		return &utf16Reader{src: buffered, bigEndian: true}, nil
	}
	return buffered, nil
}

// An unzipper reads a gzip and marks errors that are about its content.
type unzipper struct{ src *gzip.Reader }

// Read marks errors of the content. Errors of the file below are not marked, because a second try
// may read more.
func (u unzipper) Read(p []byte) (int, error) {
	n, err := u.src.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) ||
		errors.As(err, new(flate.CorruptInputError)) {
		err = &DamagedError{err}
	}
	return n, err
}

// A utf16Reader reads UTF-16 as UTF-8. Half a character becomes U+FFFD.
type utf16Reader struct {
	src       *bufio.Reader
	bigEndian bool
	rest      []byte // the end of a character that did not fit
}

// Read converts at least one character, and then as many as are there without waiting for more.
func (u *utf16Reader) Read(p []byte) (n int, err error) {
	// A character has up to four bytes in UTF-8, and p may be shorter.
	if n = copy(p, u.rest); n > 0 {
		u.rest = u.rest[n:]
		return n, nil
	}
	for len(p) > 0 && (n == 0 || u.src.Buffered() >= 2 && len(p)-n >= utf8.UTFMax) {
		c, err := u.char()
		if err != nil {
			return n, err
		}
		text := utf8.AppendRune(nil, c)
		// What does not fit is kept for the next call.
		m := copy(p[n:], text)
		u.rest = text[m:]
		n += m
	}
	return n, nil
}

// char reads one character.
func (u *utf16Reader) char() (rune, error) {
	// Characters beyond U+FFFF are two surrogates.
	c, err := u.unit()
	if err != nil || !utf16.IsSurrogate(c) {
		return c, err
	}
	// The second half is taken only if it belongs to the first: it may begin a character of its
	// own.
	next, _ := u.src.Peek(2)
	if len(next) < 2 {
		return utf8.RuneError, nil
	}
	both := utf16.DecodeRune(c, u.value(next))
	if both != utf8.RuneError {
		_, err = u.src.Discard(2)
	}
	return both, err
}

// unit reads two bytes. An odd byte at the end becomes U+FFFD.
func (u *utf16Reader) unit() (rune, error) {
	two, err := u.src.Peek(2)
	if len(two) < 2 {
		if n, _ := u.src.Discard(len(two)); n > 0 {
			return utf8.RuneError, nil // half of one; the error comes next
		}
		return 0, err
	}
	c := u.value(two)
	_, err = u.src.Discard(2)
	return c, err
}

// value returns the number that two bytes stand for, in the order of the file.
func (u *utf16Reader) value(two []byte) rune {
	if u.bigEndian {
		return rune(two[0])<<8 | rune(two[1])
	}
	return rune(two[1])<<8 | rune(two[0])
}
