package policy

import "github.com/outguard/outguard/internal/canon"

// This file judges a call by the next policies, beside those that count.

// NextDiffers takes what a next policy would change. d is the decision that counts, and would be
// the one with the next policy in the place of its file; next is its index in what Policy.Next
// returns.
type NextDiffers func(d, would Decision, next int)

// DecideBesideNext is DecideBriefly, and calls differs for each next policy with which the verdict
// would be another one. Both decisions are in brief, and the second has no Call either. It
// allocates no more than DecideBriefly.
func (p *Policy) DecideBesideNext(c Call, differs NextDiffers) (d Decision) {
	d.brief = true
	p.decide(&c, &d, differs)
	return d
}

// judgeNext judges a call by the next policies. d is the decision that counts.
func (p *Policy) judgeNext(c *Call, req *canon.Request, unread string, d *Decision, differs NextDiffers) {
	// One file: its next policy against it.
	if p.joined == nil {
		if p.next != nil {
			would := Decision{brief: true, bare: true}
			if p.next.judge(c, req, unread, &would); would.Verdict != d.Verdict {
				differs(*d, would, 0)
			}
		}
		return
	}
	next := 0
	// Several files: each next policy takes the place of its file, and the others stay.
	for i, q := range p.joined {
		if q.next == nil {
			continue
		}
		would := Decision{brief: true, bare: true}
		q.next.judge(c, req, unread, &would)
		// A milder one: another file may still forbid the call.
		if would.Verdict > d.Verdict { // only then the other files matter
			for k, other := range p.joined {
				one := Decision{brief: true, bare: true}
				if k == i {
					continue
				}
				if other.judge(c, req, unread, &one); one.Verdict < would.Verdict {
					would = one
				}
			}
		}
		if would.Verdict != d.Verdict {
			differs(*d, would, next)
		}
		next++
	}
}
