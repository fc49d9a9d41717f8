package ruleindex

import (
	"math"
	"strings"
)

// Hosts finds the numbers that were added for a host name. Exact names are in a map. A pattern is
// found by the labels it ends in, so that it costs nothing until a host ends like it.
type Hosts struct {
	lists
	exact    map[string]list
	suffixes map[string]list // literal last labels → numbers, or patterns that end in them
	depths   uint64          // bit n is set if some suffix has n labels
	rest     list            // patterns that end in a wildcard, and "*"
	patterns []hostPattern   // a number below 0 in a list is ^index of one of these
}

// hostPattern is a pattern that has to be compared with the whole host.
type hostPattern struct {
	text  string
	value int32
}

// NewHosts returns an empty index that expects size exact hosts.
func NewHosts(size int) *Hosts {
	return &Hosts{exact: make(map[string]list, size), suffixes: map[string]list{}, rest: empty}
}

// Add adds value for a host in canonical form, or for a pattern. In a pattern a leading "*." is one
// or more labels, any other "*" stays inside one label, and "*" alone is every host.
func (h *Hosts) Add(pattern string, value int32) {
	if !strings.Contains(pattern, "*") {
		h.AddExact(pattern, value)
		return
	}
	// *.example.com has the suffix example.com; *.a-*.example.com has it, too.
	fixed := literalSuffix(pattern)
	// "*." and a suffix alone is decided by the look-up. Anything else also needs a comparison.
	if pattern != "*" && pattern != "*."+fixed {
		// Its number in the list is below 0, so that Next knows.
		h.patterns = append(h.patterns, hostPattern{pattern, value})
		value = ^int32(len(h.patterns) - 1)
	}
	// "*" and "a.*" end in a wildcard: they are compared with each host.
	if fixed == "" {
		h.rest = h.with(value, h.rest)
		return
	}
	old, ok := h.suffixes[fixed]
	if !ok {
		old = empty
	}
	h.suffixes[fixed] = h.with(value, old)
	// 63 stands for all suffixes that are deeper.
	h.depths |= 1 << min(strings.Count(fixed, ".")+1, 63)
}

// AddExact adds value for a host in canonical form. Stars in it have no meaning.
func (h *Hosts) AddExact(host string, value int32) {
	// The zero list is a list, so that absence has to be asked for.
	old, ok := h.exact[host]
	if !ok {
		old = empty
	}
	h.exact[host] = h.with(value, old)
}

// Done ends the building and frees the memory that only building needs.
func (h *Hosts) Done() { h.known = nil }

// Find looks host up: the exact name at once, and patterns only as far as Next is called.
func (h *Hosts) Find(host string) Found {
	f := Found{hosts: h, host: host, next: empty, at: place{dot: int16(min(len(host), math.MaxInt16))}}
	if l, ok := h.exact[host]; ok {
		f.next = l
	}
	return f
}

// shorten goes on to the patterns that end in the next label from the right, and at last to those
// that end in a wildcard. ok is false when there are no more.
func (f *Found) shorten() (ok bool) {
	h := f.hosts
	// From the right: for a.b.example.com, com, then example.com, then b.example.com. i > 0 leaves
	// the host itself out: "*." needs at least one label in front.
	if h.depths != 0 && f.at.dot > 0 {
		left := f.host[:f.at.dot]
		for i := len(left) - 1; i > 0; i-- {
			if left[i] != '.' {
				continue
			}
			f.at.dot = int16(i)
			f.at.depth++
			// No suffix has so many labels, so that no text needs to be hashed.
			if h.depths>>min(f.at.depth, 63)&1 == 0 {
				continue
			}
			if l, ok := h.suffixes[f.host[i+1:]]; ok {
				f.next = l
				return true
			}
		}
	}
	// dot is -1 once rest has been given out.
	if f.at.dot < 0 || h.rest == empty {
		return false
	}
	f.at.dot, f.next = -1, h.rest
	return true
}

// literalSuffix returns the last labels of a pattern that have no wildcard. Behind the last star,
// from the first dot on: the label with the star is not literal.
func literalSuffix(pattern string) string {
	rest := pattern[strings.LastIndexByte(pattern, '*')+1:]
	dot := strings.IndexByte(rest, '.')
	if dot < 0 {
		return ""
	}
	return rest[dot+1:]
}

// Size returns how many hosts are in which representation, for tests.
func (h *Hosts) Size() (exact, suffixes, patterns int) {
	return len(h.exact), len(h.suffixes), len(h.patterns)
}
