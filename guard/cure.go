package guard

import (
	"strconv"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// complete adds to the alert of a violation that is new what takes work to find out: everything
// that forbids the call, and the entry that would allow it, judged again.
func (g *Guard) complete(a *notify.Alert, c policy.Call, d policy.Decision) {
	// An error here must not change what happens to the call.
	defer func() {
		if recover() != nil {
			a.Allow, a.Against = "", nil
		}
	}()
	d = g.policy.Cure(c, d)
	a.Reason, a.Allow = d.Reason, d.Allow
	if clean := a.Clean(); clean.Allow != a.Allow {
		a.Allow = "" // a part of it is masked, so that it would not allow the call
	}
	if len(d.Against) < 2 {
		return // the alert itself names it
	}
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
