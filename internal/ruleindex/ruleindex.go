// Package ruleindex finds the rules that name a host, an address or a path, as fast for a million
// rules as for ten. [Hosts] and [Addrs] map what a call names to the numbers that were added for
// it. [Path] matches one path.
//
// Each is built once and never changes after that, so goroutines may share it.
package ruleindex

// A list is an immutable list of numbers. Equal lists are stored once, so that a million hosts of
// one feed share one.
type list int32

// empty is the list without numbers. It is -1, because 0 is the first cell.
const empty list = -1

// cell is the first number of a list and the rest of the list.
type cell struct {
	value int32
	next  list
}

// lists holds all lists of one index. A list is an index into cells, 4 bytes instead of a slice's
// 24.
type lists struct {
	cells []cell
	known map[cell]list // while building
}

// with returns the list l with value in front.
func (ls *lists) with(value int32, l list) list {
	// The same first number and the same rest: the list exists.
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

// Found walks over what was added for a host or an address. next is the list that is being walked.
// It has few enough fields that it is returned in registers: in memory, to copy what has just been
// written takes as long as a look-up.
type Found struct {
	hosts *Hosts // has the cells, also for an address
	host  string
	next  list
	at    place
}

// place is where the walk over the labels of a host has come to. A host has 253 characters at most.
type place struct {
	dot   int16 // from the right; -1 at the end, and for an address
	depth int16 // how many labels it has passed
}

// Next returns the next number. ok is false when there is none left. Lists are walked one after
// another: the exact host, then suffix by suffix.
func (f *Found) Next() (value int32, ok bool) {
	for {
		for f.next != empty {
			c := &f.hosts.cells[f.next]
			f.next = c.next
			// Below 0 is a pattern that ends like the host. Whether it matches as a whole is seen
			// here.
			if c.value >= 0 {
				return c.value, true
			}
			if p := &f.hosts.patterns[^c.value]; wildHost(p.text, f.host) {
				return p.value, true
			}
		}
		if !f.shorten() {
			return 0, false
		}
	}
}
