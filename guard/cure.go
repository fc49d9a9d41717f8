package guard

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// This file completes the reason of a violation by an entry that would allow it.

// maxCures is how many violations are completed in a second. It bounds what a flood of different
// ones costs: each takes as long as compiling the whitelist.
const maxCures = 50

// A perSecond counts up to a limit in each second.
type perSecond struct{ second, count atomic.Int64 }

// take reports whether there is one left in this second.
func (p *perSecond) take(now time.Time) bool {
	// Goroutines that cross into a new second together may take a few more. That is harmless: the
	// limit bounds work, not safety.
	if s := now.Unix(); p.second.Swap(s) != s {
		p.count.Store(0)
	}
	return p.count.Add(1) <= maxCures
}

// complete adds to the alert of a violation that is new what takes work to find out: everything
// that forbids the call, and the entry that would allow it, judged again.
func (g *Guard) complete(s *standing, a *notify.Alert, c policy.Call, d policy.Decision) {
	// An error here must not change what happens to the call.
	defer func() {
		if recover() != nil {
			a.Allow, a.Against = "", nil
		}
	}()
	if !g.cures.take(time.Now()) {
		a.Allow = "" // nobody has judged it again
		return
	}
	d = s.Policy.Cure(c, d)
	a.Reason, a.Allow = d.Reason, d.Allow
	// Clean masks what may be a secret. An entry with a masked part would not match the call, so
	// the reason alone remains.
	if clean := a.Clean(); clean.Allow == "" {
		a.Reason, a.Allow = clean.Reason, ""
	} else if clean.Allow != a.Allow {
		a.Allow = "" // cut, so that it would not allow the call
		a.Reason += "; no entry is proposed, because it is too long"
	}
	if len(d.Against) < 2 {
		return // the alert itself names it
	}
	// Several teams' policies may each forbid the call: the alert names every owner who has to
	// agree.
	for _, r := range d.Against {
		one := notify.Against{List: r.List.String(), Owner: r.Policy.Owner, Place: r.Policy.File, Reason: r.Reason}
		if r.Rule != nil {
			one.Rule = r.Rule.ID
			if r.Rule.File != "" {
				one.Place = r.Rule.File + ":" + strconv.Itoa(r.Rule.Line)
			}
		}
		a.Against = append(a.Against, one)
	}
}
