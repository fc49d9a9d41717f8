package policy

import (
	"hash/maphash"

	"github.com/outguard/outguard/internal/syntax"
)

// This file finds rules that say the same as one before them. A file of many functions repeats most
// of its rules, and a rule without a fault or a warning has none where it stands again.

// repeats are the drafts so far that are right, by a hash of what they say. The zero repeats has
// none, and takes none.
type repeats struct {
	seed  maphash.Seed
	right map[uint64]*syntax.Draft
}

// newRepeats returns the repeats of a file with some number of sections. Within one section, hardly
// anybody writes a rule twice.
func newRepeats(sections int) (r repeats) {
	if sections > 1 {
		r = repeats{maphash.MakeSeed(), map[uint64]*syntax.Draft{}}
	}
	return r
}

// find returns a draft that says the same as e and is right; nil if there is none.
func (r *repeats) find(e *syntax.Draft) *syntax.Draft {
	if r.right == nil {
		return nil
	}
	if d := r.right[r.sum(e)]; d != nil && saysTheSame(d, e) {
		return d
	}
	return nil
}

// add adds a draft that is right.
func (r *repeats) add(e *syntax.Draft) {
	if r.right != nil {
		r.right[r.sum(e)] = e
	}
}

// sum hashes the lists that nearly all rules differ in.
func (r *repeats) sum(e *syntax.Draft) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	for _, list := range [...][]syntax.Text{e.Subject, e.Methods, e.Resources} {
		for _, t := range list {
			_, _ = h.WriteString(t.Value)
			_ = h.WriteByte(0)
		}
		_ = h.WriteByte(1)
	}
	return h.Sum64()
}
