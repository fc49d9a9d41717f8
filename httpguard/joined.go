package httpguard

import (
	"slices"
	"sync/atomic"

	"github.com/outguard/outguard/internal/judged"
)

// joinedNow are the guards of the process; nil: none. It is all that changes when a guard joins or
// leaves.
var joinedNow atomic.Pointer[joined]

// joined are guards that judge together: a call has to satisfy each. It never changes.
type joined struct {
	all []*Installation
	ids []any // the guards, as a mark names them
}

// with returns j and i.
func (j *joined) with(i *Installation) *joined {
	all := append(slices.Clip(j.installations()), i)
	return newJoined(all)
}

// askedBy reports whether g asks all of them.
func (j *joined) askedBy(g Guard) bool {
	return j == nil || judged.Covers(g, j)
}

// Guards returns the guards that have to judge.
func (j *joined) Guards() []any { return j.ids }

func newJoined(all []*Installation) *joined {
	if len(all) == 0 {
		return nil
	}
	ids := make([]any, len(all))
	for n, i := range all {
		ids[n] = i.guard
	}
	return &joined{all, ids}
}

func (j *joined) installations() []*Installation {
	if j == nil {
		return nil
	}
	return j.all
}
