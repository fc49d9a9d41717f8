package learn

import (
	"bytes"
	"slices"
	"strings"
)

// This file counts lines of allowed calls, which have no fingerprint, without decoding them: such a
// line is known by its form and by all else that is not of one call alone.

// ofOne are the keys whose values differ between lines of one form, in the order of the lines. What
// ends a value is a byte, or for 0 the end of its digits.
var ofOne = [...]struct {
	key []byte
	end byte
}{
	{[]byte(`"timestamp":"`), '"'}, {[]byte(`"time":"`), '"'}, {[]byte(`"url":"`), '"'}, {[]byte(`"resources":[`), ']'},
	{[]byte(`"caller":"`), '"'}, {[]byte(`"count":`), 0}, {[]byte(`"distinct":`), 0}, {[]byte(`"since":"`), '"'},
}

// maxSeen bounds the lines that are remembered: one has half a kilobyte, and a log can hold any.
const maxSeen = 20_000

// appendCommon appends a line without the values of ofOne. In a line with another order of keys,
// more stays, so that it is known to itself alone.
func appendCommon(b, line []byte) []byte {
	for _, o := range ofOne {
		i := bytes.Index(line, o.key)
		if i < 0 {
			continue
		}
		i += len(o.key)
		n := bytes.IndexByte(line[i:], o.end)
		if o.end == 0 {
			n = bytes.IndexFunc(line[i:], func(c rune) bool { return c < '0' || c > '9' })
		}
		if n < 0 {
			break
		}
		b, line = append(b, line[:i]...), line[i+n:]
	}
	return append(b, line...)
}

// repeatSeen counts a line of a form that is known. It reports false for a line that is to be
// decoded: a new one, or one with a lesser sample than the call has.
func (l *Log) repeatSeen(line []byte) bool {
	l.common = l.common[:0]
	if !bytes.Contains(line, []byte(`"form":"`)) {
		return false
	}
	l.common = appendCommon(l.common, line)
	c := l.seen[string(l.common)]
	return c != nil && !c.lesser(line) && c.repeat(line)
}

// knowSeen remembers the line that repeatSeen did not know.
func (l *Log) knowSeen(c *call) {
	if len(l.common) == 0 || len(l.seen) >= maxSeen {
		return
	}
	if l.seen == nil {
		l.seen = map[string]*call{}
	}
	l.seen[string(l.common)] = c
}

// lesser reports whether the call of a line may be a lesser sample or another call, or has to be
// decoded to say so.
func (c *call) lesser(line []byte) bool {
	url, _ := field(line, `"url":"`, '"')
	resources, _ := field(line, `"resources":[`, ']')
	// Escapes would have to be decoded, and a line with other characters is broken.
	for _, text := range [][]byte{url, resources} {
		if bytes.ContainsFunc(text, func(r rune) bool { return r == '\\' || r < ' ' || r == '\uFFFD' }) {
			return true
		}
	}
	if string(url) != c.URL {
		return string(url) < c.URL
	}
	var all []string
	if n := len(resources); n > 0 {
		if resources[0] != '"' || resources[n-1] != '"' {
			return true
		}
		all = strings.Split(strings.TrimSuffix(strings.TrimPrefix(string(resources), `"`), `"`), `","`)
	}
	// A form names the first resource alone: the call may be another one.
	if len(all) > 1 && !slices.Equal(all, c.Resources) {
		return true
	}
	// What is not a list of texts has a quote left, or another number of them.
	odd := func(text string) bool { return strings.Contains(text, `"`) }
	return len(all) != len(c.Resources) || slices.ContainsFunc(all, odd) || slices.Compare(all, c.Resources) < 0
}
