// Package textclasses divides texts by which of some patterns match them. Texts that the same
// patterns match are in one class, and one text stands for all of its class: whoever decides by the
// patterns alone decides the same on each of them. [Divide] finds the classes; package policy
// compares two policies by them.
package textclasses

import (
	"cmp"
	"slices"
	"strings"
)

// A Part is a piece of a pattern. The zero Part is the literal byte 0, which texts do not have.
type Part struct {
	kind kind
	byte byte // of a literal
}

// kind is what a part matches.
type kind uint8

const (
	literal kind = iota
	one          // one byte, but not the separator
	run          // any number of bytes, but no separator
	oneAny       // one byte
	runAny       // any number of bytes
)

// The parts other than literals.
var (
	One    = Part{kind: one}    // one byte, but not the separator
	Run    = Part{kind: run}    // any number of bytes, but no separator
	OneAny = Part{kind: oneAny} // one byte
	RunAny = Part{kind: runAny} // any number of bytes
)

// Literal returns the parts of a text that stands for itself.
func Literal(text string) []Part {
	parts := make([]Part, len(text))
	for i := range len(text) {
		parts[i] = Part{byte: text[i]}
	}
	return parts
}

// A Pattern matches a text if one of its sequences of parts does. An empty Pattern matches none.
type Pattern [][]Part

// Glob returns the pattern of a glob: * is any number of bytes, ? is one.
func Glob(text string) Pattern {
	parts := Literal(text)
	for i := range parts {
		switch parts[i].byte {
		case '*':
			parts[i] = RunAny
		case '?':
			parts[i] = OneAny
		}
	}
	return Pattern{parts}
}

// A Language says which texts there are. States begin with 0. Step returns the state after one more
// byte; ok is false if no text goes on like this. Accepts reports whether a text may end in a
// state. Both are pure functions.
type Language struct {
	Separator byte   // 0: none
	Others    string // bytes to choose one from that no pattern names
	Step      func(state int, c byte) (next int, ok bool)
	Accepts   func(state int) bool
}

// A Class is the texts that the same patterns match.
type Class struct {
	Text    string // one of them, the shortest
	Matches []int  // the patterns that match it, in ascending order
}

// Divide returns the classes of a language, those with the shortest texts first. It looks at limit
// states at most; whole is false if there are more, and then classes may be missing.
func Divide(l Language, patterns []Pattern, limit int) (classes []Class, whole bool) {
	// This is the subset construction for automata: all patterns run side by side, and a
	// combination of their states is visited once. Breadth first, so that the first text of a class
	// is its shortest.
	d := divider{Language: l, seen: map[string]bool{}, found: map[string]bool{}}
	start := d.compile(patterns)
	d.alphabet(patterns)
	d.visit(&start)
	for len(d.queue) > 0 {
		at := d.queue[0]
		d.queue = d.queue[1:]
		d.accept(&at)
		// Bytes that no pattern names behave alike, so that one of them is enough.
		for _, c := range d.bytes {
			if next, ok := d.step(&at, c); ok {
				d.visit(&next)
			}
		}
		// The number of combinations can be exponential in the number of patterns.
		if len(d.seen) > limit {
			return d.classes, false
		}
	}
	return d.classes, true
}

// A divider goes over the states that all patterns can be in together, the shortest texts first.
type divider struct {
	// The automaton, as compile and alphabet make it.
	Language
	parts []Part // of all sequences, each with an end
	of    []int  // by place in parts: the pattern
	end   []bool // by place in parts: the sequence has been matched whole
	bytes []byte

	// What the walk has come to: states to visit, known states and classes, and the result.
	queue   []state
	seen    map[string]bool
	found   map[string]bool
	classes []Class
}

// A state is where the patterns and the language are after a text.
type state struct {
	text   string
	lang   int
	places []int // in parts, in ascending order
}

// compile writes all sequences one after another into parts, and returns the state before the first
// byte: each sequence at its start.
func (d *divider) compile(patterns []Pattern) state {
	var start state
	for i, p := range patterns {
		for _, sequence := range p {
			start.places = append(start.places, len(d.parts))
			// The Part{} is the end of a sequence. It matches no byte.
			d.parts = append(append(d.parts, sequence...), Part{})
			for range len(sequence) {
				d.of, d.end = append(d.of, i), append(d.end, false)
			}
			d.of, d.end = append(d.of, i), append(d.end, true)
		}
	}
	start.places = d.closed(start.places)
	return start
}

// alphabet collects the bytes that the patterns distinguish, and one that they do not.
// The separator is distinguished by One and Run, although no pattern may name it.
func (d *divider) alphabet(patterns []Pattern) {
	used := [256]bool{}
	if d.Separator != 0 {
		used[d.Separator] = true
	}
	for _, p := range patterns {
		for _, sequence := range p {
			for _, part := range sequence {
				if part.kind == literal {
					used[part.byte] = true
				}
			}
		}
	}
	// Others is in the order of preference, so that the texts of classes are readable.
	if i := strings.IndexFunc(d.Others, func(r rune) bool { return !used[byte(r)] }); i >= 0 {
		d.bytes = append(d.bytes, d.Others[i])
	}
	for c, is := range used {
		if is {
			d.bytes = append(d.bytes, byte(c))
		}
	}
}

// closed adds the places behind runs of no bytes, and sorts. places grows while it is read, so that
// runs behind runs are passed, too.
func (d *divider) closed(places []int) []int {
	for i := 0; i < len(places); i++ {
		if p := places[i]; !d.end[p] && (d.parts[p].kind == run || d.parts[p].kind == runAny) {
			places = append(places, p+1)
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// step returns the state after one more byte. ok is false if the language has no such text.
func (d *divider) step(from *state, c byte) (to state, ok bool) {
	if to.lang, ok = d.Step(from.lang, c); !ok {
		return to, false
	}
	// One and Run do not match the separator.
	inside := d.Separator == 0 || c != d.Separator
	for _, p := range from.places {
		if d.end[p] {
			continue
		}
		switch part := d.parts[p]; part.kind {
		case literal:
			if part.byte == c {
				to.places = append(to.places, p+1)
			}
		case one:
			if inside {
				to.places = append(to.places, p+1)
			}
		case oneAny:
			to.places = append(to.places, p+1)
		// A run stays where it is. closed adds the place behind it.
		case run:
			if inside {
				to.places = append(to.places, p)
			}
		case runAny:
			to.places = append(to.places, p)
		}
	}
	to.places, to.text = d.closed(to.places), from.text+string(c)
	return to, true
}

// visit puts a state that was not seen before into the queue. Its text is the shortest.
func (d *divider) visit(s *state) {
	key := keyOf(s.places, s.lang)
	if !d.seen[key] {
		d.seen[key] = true
		d.queue = append(d.queue, *s)
	}
}

// accept adds the class of a state, if a text may end there and the class is new.
func (d *divider) accept(s *state) {
	if !d.Accepts(s.lang) {
		return
	}
	// A pattern may have several sequences that end here. It counts once.
	var matches []int
	for _, p := range s.places {
		if d.end[p] {
			matches = append(matches, d.of[p])
		}
	}
	slices.Sort(matches)
	matches = slices.Compact(matches)
	if key := keyOf(matches, 0); !d.found[key] {
		d.found[key] = true
		d.classes = append(d.classes, Class{s.text, matches})
	}
}

// keyOf makes a map's key of some numbers and one more, four bytes each.
func keyOf(numbers []int, last int) string {
	key := make([]byte, 0, 4*len(numbers)+4)
	for _, n := range append(slices.Clip(numbers), last) {
		key = append(key, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return string(key)
}

// Compare orders classes by their texts, the shortest first.
func Compare(a, b Class) int { return cmp.Or(len(a.Text)-len(b.Text), strings.Compare(a.Text, b.Text)) }
