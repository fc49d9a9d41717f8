package guard

import (
	"context"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// A standing is what calls are judged by from one change of policy to the next. It never changes: a
// new policy is another standing, and the guard has a pointer to the one that holds now.
type standing struct {
	sourceapi.Standing
	trial  *trial // of its next policies; nil without any
	atOnce bool   // a block may end the context of the handler
}

// newStanding completes a standing. Next policies log to q. Where a source has a say, what they
// would change is a metric: a fleet tries them.
func newStanding(s sourceapi.Standing, q *alerting.Queue) *standing {
	return &standing{s, newTrial(s.Policy, q, s.Remote != notify.Remote{}), s.Policy != nil && endsAtOnce(s.Policy)}
}

// maxHashes is how many hashes an alert has.
const maxHashes = 8

// packaged returns the standing of the policy that came with the function.
func packaged(p *policy.Policy, q *alerting.Queue) *standing {
	s := sourceapi.Standing{Policy: p}
	if p == nil {
		return newStanding(s, q)
	}
	s.Notify = p.Targets()
	if infos := p.Info(); len(infos) > 1 {
		for _, info := range infos[:min(len(infos), maxHashes)] {
			s.Hashes = append(s.Hashes, info.SHA256)
		}
	}
	return newStanding(s, q)
}

// describe adds to an alert by which files it was judged.
func (s *standing) describe(a *notify.Alert) { a.Policies, a.Remote = s.Hashes, s.Remote }

// policy returns the policy that g judges by now; nil: it refuses every call.
func (g *Guard) policy() *policy.Policy { return g.current.Load().Policy }

// standing returns what a call is judged by. It changes only between invocations. Where several may
// run at once, they overlap, so each keeps what it began with.
// See decision 41.
func (g *Guard) standing(ctx context.Context) *standing {
	if g.lifecycle.concurrent && g.remote.Load() != nil {
		for inv := invocationFrom(ctx); inv != nil; inv = invocationFrom(inv.Context) {
			if inv.standing != nil && inv.guard.self() == g {
				return inv.standing
			}
		}
	}
	return g.current.Load()
}

// standingOf returns what the calls of an invocation are judged by, for alerts. A nil inv stands
// for outside any.
func (g *Guard) standingOf(inv *invocation) *standing {
	if inv != nil && g.lifecycle.concurrent && inv.standing != nil && inv.guard.self() == g {
		return inv.standing
	}
	return g.current.Load()
}

// mode returns the strictest on_violation.
func (s *standing) mode() policy.Verdict {
	strictest := policy.Allow
	for _, info := range s.Policy.Info() {
		strictest = min(strictest, info.OnViolation)
	}
	return strictest
}
