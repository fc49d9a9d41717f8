package match

import "strings"

// Hosts finds the numbers that were added for a host name. Exact names are in a map; a pattern is found by the labels it
// ends in, so that patterns cost nothing until a host ends like them.
type Hosts struct {
	lists
	exact    map[string]list
	suffixes map[string]list // literal last labels → numbers, or patterns that end in them
	depths   uint64          // bit n: some suffix has n labels
	rest     list            // patterns that end in a wildcard, and "*"
	patterns []hostPattern   // numbers below 0 in a list are ^index of these
}

// hostPattern is a pattern that more than its last labels must match.
type hostPattern struct {
	text  string
	value int32
}

// NewHosts returns an empty index that expects size exact hosts.
func NewHosts(size int) *Hosts {
	return &Hosts{exact: make(map[string]list, size), suffixes: map[string]list{}, rest: empty}
}

// Add adds value for a host in canonical form, or a pattern: a leading "*." is one or more labels, any other "*" stays inside one
// label, and "*" alone is every host.
func (h *Hosts) Add(pattern string, value int32) {
	if !strings.Contains(pattern, "*") {
		h.AddExact(pattern, value)
		return
	}
	fixed := literalSuffix(pattern)
	if pattern != "*" && pattern != "*."+fixed {
		h.patterns = append(h.patterns, hostPattern{pattern, value})
		value = ^int32(len(h.patterns) - 1)
	}
	if fixed == "" {
		h.rest = h.with(value, h.rest)
		return
	}
	old, ok := h.suffixes[fixed]
	if !ok {
		old = empty
	}
	h.suffixes[fixed] = h.with(value, old)
	h.depths |= 1 << min(strings.Count(fixed, ".")+1, 63)
}

// AddExact adds value for a host in canonical form that is not a pattern.
func (h *Hosts) AddExact(host string, value int32) {
	old, ok := h.exact[host]
	if !ok {
		old = empty
	}
	h.exact[host] = h.with(value, old)
}

// Done ends the building and frees what it took.
func (h *Hosts) Done() { h.known = nil }

// Each calls yield for each number that was added for host, until it returns false.
func (h *Hosts) Each(host string, yield func(value int32) bool) {
	if l, ok := h.exact[host]; ok && !h.each(l, yield) {
		return
	}
	if h.depths != 0 && !h.eachSuffix(host, yield) {
		return
	}
	if h.rest != empty {
		h.verified(h.rest, host, yield)
	}
}

// eachSuffix walks the labels of host from the right.
func (h *Hosts) eachSuffix(host string, yield func(value int32) bool) bool {
	depth := 0
	for i := len(host) - 1; i > 0; i-- {
		if host[i] != '.' {
			continue
		}
		depth++
		if h.depths&(1<<min(depth, 63)) == 0 {
			continue
		}
		if l, ok := h.suffixes[host[i+1:]]; ok && !h.verified(l, host, yield) {
			return false
		}
	}
	return true
}

// verified is each for a list that may hold patterns.
func (h *Hosts) verified(l list, host string, yield func(value int32) bool) bool {
	for l != empty {
		c := h.cells[l]
		v := c.value
		if v < 0 {
			p := h.patterns[^v]
			if !wildHost(p.text, host) {
				l = c.next
				continue
			}
			v = p.value
		}
		if !yield(v) {
			return false
		}
		l = c.next
	}
	return true
}

// literalSuffix is the last labels of a pattern that have no wildcard.
func literalSuffix(pattern string) string {
	rest := pattern[strings.LastIndexByte(pattern, '*')+1:]
	dot := strings.IndexByte(rest, '.')
	if dot < 0 {
		return ""
	}
	return rest[dot+1:]
}

// Size says which representation was chosen for how much: for tests.
func (h *Hosts) Size() (exact, suffixes, patterns int) {
	return len(h.exact), len(h.suffixes), len(h.patterns)
}
