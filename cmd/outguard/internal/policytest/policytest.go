// Package policytest reads *.policytest files: calls with the verdict that a policy must give, one
// to a line.
//
//	block  checkout@dev   GET https://evil.example/x   by no-exfil
//	allow  checkout@prod  s3:PutObject arn:aws:s3:::receipts/1.pdf
package policytest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// A Case is one line of a file.
type Case struct {
	Line     int      // from 1
	Want     string   // "block", "alert", "log" or "allow"
	Function string   // "": the line names none
	Stage    string   // "": the line names none
	Call     []string // as for outguard check: [METHOD] URL, service:Operation [ARN…] or host:port
	By       string   // the id of the rule that must decide, or "whitelist" where no rule of it matches; "": any
}

// Text returns the case as it is written, with single blanks.
// FUNCTION@STAGE is written even if one of the two is empty.
func (c *Case) Text() string {
	words := []string{c.Want}
	if c.Function != "" || c.Stage != "" {
		words = append(words, c.Function+"@"+c.Stage)
	}
	words = append(words, c.Call...)
	if c.By != "" {
		words = append(words, "by", c.By)
	}
	return strings.Join(words, " ")
}

// Verdicts are the words that a case begins with.
// They are ordered from the mildest to the strictest.
var Verdicts = []string{"allow", "log", "alert", "block"}

// maxLine is how long a line may be: longer than any URL that a client sends.
// bufio.Scanner would stop at 64 KB, and a presigned URL can be longer.
const maxLine = 128 << 10

// An Error is a line that is not a case.
type Error struct {
	Line    int // from 1
	Problem string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Line, e.Problem) }

// Read reads all cases. Its error joins an *Error for each line that is not a case; the other lines
// are returned all the same. An error of r ends the reading.
func Read(r io.Reader) (cases []Case, err error) {
	var errs []error
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	// A bad line does not end the reading, so that all of them are reported at once.
	for lines.Scan() {
		n++
		words := withoutComment(strings.Fields(lines.Text()))
		if len(words) == 0 {
			continue
		}
		c, problem := parse(words)
		if problem != "" {
			errs = append(errs, &Error{n, problem})
			continue
		}
		c.Line = n
		cases = append(cases, c)
	}
	// The scanner cannot go on after a line that is too long.
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		errs = append(errs, &Error{n + 1, fmt.Sprintf("the line is longer than %d bytes", maxLine)})
	} else if err != nil {
		errs = append(errs, err)
	}
	return cases, errors.Join(errs...)
}

// withoutComment cuts a word that begins with a "#" and what follows. A "#" inside a word is a part
// of the call.
func withoutComment(words []string) []string {
	if i := slices.IndexFunc(words, func(w string) bool { return w[0] == '#' }); i >= 0 {
		return words[:i]
	}
	return words
}

// parse reads the words of a line. problem is "" for a case.
func parse(words []string) (c Case, problem string) {
	if !slices.Contains(Verdicts, words[0]) {
		return c, fmt.Sprintf("%q is not a verdict; begin the line with allow, log, alert or block", report.Short(words[0]))
	}
	c.Want, words = words[0], words[1:]
	// The place is optional: a call is never of the form a@b without : or /.
	if len(words) > 0 {
		if function, stage, ok := Place(words[0]); ok {
			c.Function, c.Stage, words = function, stage, words[1:]
		}
	}
	// "by" is the word before the last one; a call cannot end in these two.
	if n := len(words); n >= 2 && words[n-2] == "by" {
		c.By, words = words[n-1], words[:n-2]
	} else if n > 0 && words[n-1] == "by" {
		return c, `"by" is followed by nothing; name the rule that must decide`
	}
	if len(words) == 0 {
		return c, "names no call; write [METHOD] https://host/path, service:Operation [ARN…], or host:port"
	}
	c.Call = words
	return c, ""
}

// Place reads FUNCTION@STAGE. Each side may be empty, but not both.
// A URL with user@host has a colon or a slash, and is not a place.
func Place(word string) (function, stage string, ok bool) {
	function, stage, ok = strings.Cut(word, "@")
	if !ok || word == "@" || strings.ContainsAny(word, ":/") || strings.Contains(stage, "@") {
		return "", "", false
	}
	return function, stage, true
}
