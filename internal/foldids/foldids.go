// Package foldids gives calls that differ only in ids one form: /customers/17 and /customers/18 are
// both /customers/*. The form is what a person would write into a rule, so it serves as the
// identity of an alert and in proposed rules. [URL] folds the path of a URL, [Resource] an ARN or a
// name, [Entry] a proposed rule.
//
// Ids are digits, dates, hexadecimal, UUIDs, ULIDs, KSUIDs, base64, e-mail addresses, what follows
// a prefix such as cus_, and mixtures of letters and digits that are not a known word. An id inside
// a segment folds alone: tenant-17-ledger is tenant-*-ledger. Whether a text is an id is a guess.
//
// Folding twice changes nothing. All functions take time that is linear in the length of their
// input, and URL and Resource do not allocate.
package foldids

import "strings"

// masked is what package mask puts in place of a token. It counts as an id.
const masked = "[masked]"

// URL calls emit with the pieces of the folded form of a URL, in order. Only the path is folded:
// whoever can choose a host can choose any other part, too.
func URL(s string, emit func(string)) {
	// The host ends where the path begins. "//" may be at the start, without a scheme.
	path := 0
	if i := strings.Index(s, "//"); i == 0 || i > 0 && s[i-1] == ':' {
		path = i + len("//")
	}
	if i := strings.IndexByte(s[path:], '/'); i >= 0 {
		path += i
	} else {
		path = len(s)
	}
	// Nothing can fold: one piece, without a walk over segments.
	if plain(s[path:]) {
		emit(s)
		return
	}
	f := folder{s: s}
	versions := true // a date or a digit here is the version of an API
	for at := path; at < len(s); {
		// at is the slash or the colon in front of the segment.
		end := f.segmentEnd(at + 1)
		segment := s[at+1 : end]
		// /api/2024-11-01/users keeps its date, and /rest/api/2/issue its number. /users/2024-11-01
		// and /issue/2 do not.
		version := versions && (isAPIDate(segment) || isMajor(segment) && end < len(s))
		if !version && !isPreview(segment) {
			f.segment(at+1, end, emit)
		}
		versions = versions && beforeVersion(segment)
		at = end
	}
	f.finish(emit)
}

// Resource calls emit with the pieces of the folded form of an ARN, of what follows an ARN's fifth
// colon, or of a name. Only the keys of objects in S3 are data: in names, the parts fold that tools
// append, so that table/Shop-Orders1A2B3C4D-AbCd12EfGh34 never becomes table/*. The first segment
// is a kind or a name, such as that of a bucket: it never folds whole, because a rule for * would
// allow every bucket.
func Resource(s string, emit func(string)) {
	// arn:PARTITION:s3:::bucket/key has no region and no account. Access points have both.
	partition, ok := strings.CutPrefix(s, "arn:")
	_, after, _ := strings.Cut(partition, ":")
	resource(s, ok && strings.HasPrefix(after, "s3:::"), emit)
}

// resource folds a resource. With keys, what follows the first segment is the key of an object.
func resource(s string, keys bool, emit func(string)) {
	at := 0
	// An ARN folds after its fifth colon. Account and region are not ids to fold.
	if strings.HasPrefix(s, "arn:") {
		colons := 0
		for at < len(s) && colons < 5 {
			if s[at] == ':' {
				colons++
			}
			at++
		}
	}
	// The numbers of models are versions: anthropic.claude-3-5-sonnet-20240620-v1:0.
	if !keys && (strings.HasPrefix(s[at:], "foundation-model/") || strings.HasPrefix(s[at:], "inference-profile/")) {
		emit(s)
		return
	}
	// In front of the key is the bucket, a name. With keys, what follows is data.
	f := folder{s: s, names: true}
	for first := true; at <= len(s); first = false {
		end := f.segmentEnd(at)
		// The first segment folds in part at most.
		if !first || !f.whole(at, end) {
			f.segment(at, end, emit)
		}
		f.names = !keys
		at = end + 1
	}
	f.finish(emit)
}

// String returns what one of the functions emits.
func String(fold func(string, func(string)), s string) string {
	var b strings.Builder
	// A piece as long as s is s itself: nothing has folded, and the builder is not needed.
	changed := false
	fold(s, func(piece string) {
		changed = changed || len(piece) != len(s)
		b.WriteString(piece)
	})
	if !changed {
		return s
	}
	return b.String()
}

// A folder folds one text. What lies between done and the next id is emitted as it is.
type folder struct {
	s     string
	done  int
	names bool // what folds is a name
}

// id puts a * in place of s[from:to].
func (f *folder) id(from, to int, emit func(string)) {
	if from > f.done {
		emit(f.s[f.done:from])
	}
	emit("*")
	f.done = to
}

// finish emits what is left behind the last id.
func (f *folder) finish(emit func(string)) {
	if f.done < len(f.s) {
		emit(f.s[f.done:])
	}
}

// segmentEnd returns the end of the segment that begins at from: the next slash or colon.
func (f *folder) segmentEnd(from int) int {
	for from < len(f.s) && f.s[from] != '/' && f.s[from] != ':' {
		from++
	}
	return from
}

// segment folds the ids in s[from:end].
func (f *folder) segment(from, end int, emit func(string)) {
	// The cheap checks come first: few segments hold an id.
	if text := f.s[from:end]; text == "" || plain(text) || isVersion(text) || text == "**" { // ** stands in entries
		return
	}
	for at := from; at < end; {
		to := pieceEnd(f.s, at, end)
		if to > at {
			f.piece(at, to, end, emit)
		}
		at = to + 1
	}
}

// plain reports that a segment or a path cannot hold an id: it has no digit, none of the characters
// that ids have, and no long word that is not in one case. Most are plain.
func plain(s string) bool {
	// run is the length of the present word, uppers how many capitals it has behind its first
	// letter, and hex whether it could be a hexadecimal number.
	run, uppers, hex := 0, 0, true
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			run++
			hex = hex && c <= 'f'
			continue
		}
		switch kind(c) {
		case digit, marked:
			return false
		case lower, upper:
			run++
			// The capital that begins a word is usual.
			if run > 1 {
				uppers++
			}
			hex = hex && c <= 'F'
		default:
			// %40 is the @ of an e-mail address. Other escapes may hide a digit.
			if c == '%' || run >= shortestWord && (uppers > 0 || hex) {
				return false
			}
			run, uppers, hex = 0, 0, true
		}
	}
	return run < shortestWord || uppers == 0 && !hex
}

// whole reports whether s[from:end] is one id, so that it would become a * alone.
func (f *folder) whole(from, end int) bool {
	pieces := 0
	// Anything but one * makes it 2 or more.
	count := func(piece string) {
		if pieces++; piece != "*" {
			pieces = 2
		}
	}
	probe := folder{s: f.s[from:end], names: f.names}
	probe.segment(0, end-from, count)
	probe.finish(count)
	return pieces == 1
}

// pieceEnd returns the end of the piece that begins at from. Pieces are separated by characters
// that neither ids nor e-mail addresses have.
func pieceEnd(s string, from, end int) int {
	for from < end && kind(s[from]) != border {
		from++
	}
	return from
}

// piece folds the ids in s[from:end]; the segment ends at last.
func (f *folder) piece(from, end, last int, emit func(string)) {
	text := f.s[from:end]
	// From the certain to the guessed: an e-mail address, base64 as one text, then the chains of
	// runs.
	if isEMail(text) && !f.names {
		f.id(from, afterPadding(f.s, end, last), emit)
		return
	}
	// The prefix stays: cus_NffrFeUfNV2Hib is cus_*.
	if tail := from + prefixLength(text); !f.names && isRandomWord(f.s[tail:end]) {
		f.id(tail, afterPadding(f.s, end, last), emit)
		return
	}
	// Runs are collected into chains; a word ends a chain.
	c := chain{start: -1}
	before := run{from: from, to: from}
	for {
		r, ok := nextRun(f.s, before, end, f.names)
		if !ok {
			break
		}
		// Two runs are joined if nothing, or one such character, is between them: 2024-01.
		joined := c.start >= 0 && (r.from == c.end || r.from == c.end+1 && joins(f.s[c.end]))
		if r.class == word || !joined {
			f.close(&c, emit)
			c.start = r.from
		}
		if r.class == word {
			c.start = -1
		}
		// One id makes an id of the whole chain.
		c.id, c.end = c.id || r.class == id, r.to
		before = r
	}
	// Base64 ends in "=", which is a border between pieces.
	if c.end == end {
		c.end = afterPadding(f.s, end, last)
	}
	f.close(&c, emit)
}

// A chain is a number of runs that are not words, each joined to the next by at most one character.
// If one of them is an id, the whole chain is: the parts of a UUID, or a date.
type chain struct {
	start, end int // start is -1 for no chain
	id         bool
}

// close folds a chain that holds an id, and empties c.
func (f *folder) close(c *chain, emit func(string)) {
	if c.start >= 0 && c.id {
		f.id(c.start, c.end, emit)
	}
	c.start, c.id = -1, false
}

// joins reports characters that join the parts of an id.
func joins(c byte) bool { return strings.IndexByte("-_.+~", c) >= 0 }

// afterPadding returns the end of an id that ends at end: the padding of base64 belongs to it.
func afterPadding(s string, end, last int) int {
	to := end
	for to < last && s[to] == '=' {
		to++
	}
	if to == last {
		return to
	}
	// Something follows it, so that it is not padding: a=b.
	return end
}
