package httpguard

import (
	"net/http"
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

// asked returns those who have to judge r: j itself, unless a guard lets r pass as aws-lambda-go's.
func (j *joined) asked(r *http.Request) *joined {
	left := j.installations()
	for n, i := range left {
		if !i.passes(r) {
			continue
		}
		left = slices.Clone(j.all[:n])
		for _, other := range j.all[n+1:] {
			if !other.passes(r) {
				left = append(left, other)
			}
		}
		return newJoined(left)
	}
	return j
}

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
