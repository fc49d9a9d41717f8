package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// This file parses the text as YAML, and words what the parser says.

// maxSize is how large a policy file may be. Reading it takes up to 60 times as much memory. Long
// lists belong into a feed.
const maxSize = 1 << 20

// MaxSize returns how large a policy file may be in bytes, for a function with the memory that an
// environment names: reading it may take a quarter of that. memoryMB is that memory, or 0 if it
// does not matter.
func MaxSize(getenv func(string) string) (bytes, memoryMB int) {
	if getenv == nil {
		return maxSize, 0
	}
	// Memory of 0 or an unreadable number: not in Lambda.
	mb, err := strconv.Atoi(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	if err != nil || mb <= 0 || mb >= maxSize*256>>20 {
		return maxSize, 0
	}
	// 1/256 of the memory: reading takes up to 60 times the size, which is then a quarter of it.
	return mb << 20 / 256, mb
}

// parseYAML returns the root of the file's one document. It reports what is wrong; then the root
// may be nil, or that of the file with YAML's traps mended, so that the other errors are found in
// the same run.
func parseYAML(r *report.Reporter, data []byte) *yaml.Node {
	// What is not text would only confuse the parser's messages.
	if !readable(r, data) {
		return nil
	}
	data = blankDirective(data)
	root, err := parseDocument(r, data)
	if err == nil {
		return root
	}
	// Refused: perhaps by one of the usual traps, *.example.com without quotes.
	mended, traps := mend(string(data))
	for _, t := range traps {
		r.Fail(t.Place, t.what, t.fix)
	}
	if len(traps) > 0 {
		root, err = parseDocument(r, []byte(mended))
	}
	if err != nil {
		// Traps that are mended leave the other errors to be found. What the parser still refuses
		// is one.
		r.Fail(syntaxError([]byte(mended), err))
	}
	return root
}

// blankDirective replaces a %YAML directive of version 1.1 or 1.2 by blanks. The parser refuses
// 1.2, and reads what a policy is made of in the same way.
func blankDirective(data []byte) []byte {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	for line := range bytes.Lines(text) {
		word, version, _ := strings.Cut(strings.TrimRight(string(line), " \t\r\n"), " ")
		if version, _, _ = strings.Cut(strings.TrimSpace(version), " "); word == "%YAML" && (version == "1.1" || version == "1.2") {
			// Blanks in its place keep lines and columns right. data itself is the caller's.
			start := bytes.Index(data, line)
			out := bytes.Clone(data)
			for i := range bytes.TrimRight(line, "\r\n") {
				out[start+i] = ' '
			}
			return out
		}
		// The directive stands above everything but comments.
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			break
		}
	}
	return data
}

// readable reports what cannot be the text of a policy.
func readable(r *report.Reporter, data []byte) bool {
	// A byte order mark is usual on Windows, and harmless.
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	// From the coarse to the fine: size, encoding, then single characters.
	switch {
	case len(data) > maxSize:
		r.Fail(report.Place{}, fmt.Sprintf("the file has more than %d KB", maxSize>>10), "put long lists of hosts into a file of their own and name it with feed:")
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		r.Fail(report.Place{Line: 1, Col: 1}, "the file is UTF-16", "save it as UTF-8")
	case bytes.IndexByte(data, 0) >= 0:
		r.Fail(placeOf(data, bytes.IndexByte(data, 0)), "the file holds a NUL byte", "save it as UTF-8 text")
	case !utf8.Valid(data):
		r.Fail(placeOf(data, invalidAt(data)), "the file is not UTF-8 here", "save it as UTF-8")
	case len(bytes.TrimSpace(text)) == 0:
		r.Fail(report.Place{}, "the file is empty", "write at least version: 1 and a whitelist or a blacklist")
	default:
		if i, what := hidden(text); i >= 0 {
			r.Fail(placeOf(text, i), "the file holds "+what, "delete it")
			return false
		}
		return true
	}
	return false
}

// hidden finds characters that a reviewer does not see, or sees elsewhere than YAML reads them: a
// rule must not hide in what looks like a comment.
func hidden(text []byte) (at int, what string) {
	for i := 0; i < len(text); {
		// Most of the text is ASCII, which needs no decoding.
		if b := text[i]; b >= ' ' && b < 0x7f || b == '\n' {
			i++
			continue
		}
		c, n := utf8.DecodeRune(text[i:])
		switch {
		// Some viewers break the line there, and others do not.
		case c == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			return i, "a carriage return that ends no line"
		// YAML 1.1 breaks lines at these, so that a comment could end unseen.
		case c == '\u0085' || c == '\u2028' || c == '\u2029':
			return i, fmt.Sprintf("a line break that editors do not show, %U", c)
		// With these, text is shown in another order than it is read (Trojan Source).
		case c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069':
			return i, fmt.Sprintf("a character that turns the direction of writing, %U", c)
		// Joiners belong to words of some languages, and to emoji. Others come with what is pasted,
		// which checkNodes refuses where it stands.
		case Invisible(c) && c != '\u200c' && c != '\u200d' && !strings.ContainsRune(pasted, c):
			return i, fmt.Sprintf("a character that cannot be seen, %U", c)
		// A terminal may act on these; DEL and the C1 range included.
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f || c > 0x7f && c < 0xa0:
			return i, fmt.Sprintf("the control character %U", c)
		}
		i += n
	}
	return -1, ""
}

// Invisible reports whether a character is one of Unicode's format characters, which show nothing
// themselves.
func Invisible(c rune) bool { return c >= utf8.RuneSelf && unicode.Is(unicode.Cf, c) }

// pasted are characters that texts of web pages and documents hold between their letters:
// zero-width spaces and soft hyphens.
const pasted = "\u200b\u2060\u00ad"

// invalidAt returns the index of the first byte that is not UTF-8, or len(data).
func invalidAt(data []byte) int {
	i := 0
	for i < len(data) {
		c, n := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}

// placeOf returns the place of the i-th byte. Columns count characters, as editors do.
func placeOf(data []byte, i int) report.Place {
	before := data[:i]
	start := bytes.LastIndexByte(before, '\n') + 1
	return report.Place{Line: bytes.Count(before, []byte{'\n'}) + 1, Col: utf8.RuneCount(before[start:]) + 1}
}

// parseDocument parses the only document of data. root is nil, without an error, if there is
// nothing in it, which is reported.
func parseDocument(r *report.Reporter, data []byte) (root *yaml.Node, err error) {
	defer func() { // a policy must never panic in a function, whatever the parser's state
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("yaml: the parser failed: %v", p)
		}
	}()
	// A second document would be ignored, and with it the rules that it holds.
	var doc, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.Fail(report.Place{}, "the file is empty", "write at least version: 1 and a whitelist or a blacklist")
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		at := report.Place{Line: second.Line, Col: second.Column}
		if err != nil {
			at, _, _ = syntaxError(data, err)
		}
		r.Fail(at, "a second YAML document begins here", "delete the --- and what does not belong; a policy is one document")
	}
	// Comments alone, or null.
	if len(doc.Content) == 0 {
		return nil, nil
	}
	if root := doc.Content[0]; !isNull(root) {
		return root, nil
	}
	r.Fail(report.Place{}, "the file is empty", "write at least version: 1 and a whitelist or a blacklist")
	return nil, nil
}

// syntaxError puts an error of the YAML parser into place and words. The parser gives the line
// rarely and not always right: the shortest beginning of the file that it refuses in the same
// words ends with the line that is wrong.
func syntaxError(data []byte, err error) (at report.Place, what, fix string) {
	message := yamlMessage(err)
	// A binary search over beginnings of the file. Each try parses, hence the limit in size.
	var ends []int // of the lines
	for i, c := range data {
		if c == '\n' {
			ends = append(ends, i+1)
		}
	}
	ends = append(ends, len(data))
	low, high := 1, len(ends) // the line is in [low, high]
	if len(data) > 1<<18 {
		low = high // not worth the time
	}
	for low < high {
		mid := (low + high) / 2
		var n yaml.Node
		// The same error with fewer lines: what is behind them does not matter.
		if e := yaml.Unmarshal(data[:ends[mid-1]], &n); e != nil && yamlMessage(e) == message {
			high = mid
		} else {
			low = mid + 1
		}
	}
	at = report.Place{Line: low, Col: 1}
	if len(data) > 1<<18 {
		at.Line = yamlLine(err)
	}
	// The first character behind the indentation.
	if at.Line <= len(ends) {
		line := string(data[:ends[at.Line-1]])
		if at.Line > 1 {
			line = line[ends[at.Line-2]:]
		}
		at.Col = len(line) - len(strings.TrimLeft(line, " ")) + 1
	}
	what, fix = "this is not YAML: "+message, "mind the indentation and quote texts with special characters"
	// The last match counts. No message contains two of them.
	for _, w := range yamlWords {
		if strings.Contains(message, w.message) {
			what, fix = w.what, w.fix
		}
	}
	return at, what, fix
}

// yamlWords are the messages of the YAML parser, in words for people.
var yamlWords = []struct{ message, what, fix string }{
	{"exceeded max depth", "this is nested too deeply", "a policy is at most 7 levels deep"},
	{"unexpected end of stream", "a quote is opened and never closed", "close it"},
	{"mapping values are not allowed", "a colon where none can be", `quote the text if the colon belongs to it: "…"`},
	{"did not find expected key", "the line does not fit what is above it", "align it with its neighbours, and close quotes and brackets"},
	{"did not find expected '-' indicator", "the line does not fit the list above it", "begin each entry of a list with a dash, in the same column"},
	{"did not find expected ',' or ']'", "the list in [ ] is not closed or not well formed", `close it with ], and quote texts with special characters: "…"`},
	{"did not find expected ',' or '}'", "the mapping in { } is not closed or not well formed", `close it with }, and quote texts with special characters: "…"`},
	{"block sequence entries are not allowed", "a dash where no list can begin", "begin the list on a line of its own"},
	{"could not find expected ':'", "a colon is missing", "write key: value, or the key, a colon, and its entries below"},
	{"unknown escape character", `the text in "…" holds a \ that escapes nothing`, `use '…' or write \\`},
}

// yamlMessage strips a YAML parser's error of its place. "yaml: line 3: message" or "yaml:
// message".
func yamlMessage(err error) string {
	s := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(s, "line "); ok {
		if _, message, ok := strings.Cut(rest, ": "); ok {
			return message
		}
	}
	return s
}

// yamlLine returns the line that an error of the parser names, or 1.
func yamlLine(err error) int {
	rest, _ := strings.CutPrefix(err.Error(), "yaml: line ")
	number, _, _ := strings.Cut(rest, ":")
	n, _ := strconv.Atoi(number)
	return max(n, 1)
}
