// Package match finds the rules that name a host, an address or a path: the same speed for ten rules and for a million.
//
// [Hosts] and [Addrs] map what a call names to the numbers that were given for it; [Path] matches one path. Each is built once
// and never changes.
package match

// A list is an immutable list of numbers; equal lists are stored once, so that a million hosts of one feed share one.
type list int32

const empty list = -1

// cell is the head of a list and its tail.
type cell struct {
	value int32
	next  list
}

// lists holds all lists of one index.
type lists struct {
	cells []cell
	known map[cell]list // while building
}

// with returns the list l with value in front.
func (ls *lists) with(value int32, l list) list {
	c := cell{value, l}
	if known, ok := ls.known[c]; ok {
		return known
	}
	if ls.known == nil {
		ls.known = map[cell]list{}
	}
	ls.cells = append(ls.cells, c)
	ls.known[c] = list(len(ls.cells) - 1)
	return ls.known[c]
}

// each calls yield for the numbers of l until it returns false.
func (ls *lists) each(l list, yield func(value int32) bool) bool {
	for l != empty {
		c := ls.cells[l]
		if !yield(c.value) {
			return false
		}
		l = c.next
	}
	return true
}
