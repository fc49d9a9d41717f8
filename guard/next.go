package guard

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/policy"
)

// This file judges by the policies that next: names, beside those that count, and logs where they
// differ. It never alerts and never refuses a call.

// A trial is what it takes to try next policies. A guard without any has none. A standing owns it:
// a new policy brings a new trial.
type trial struct {
	next   []policy.Next
	log    *alerting.Calls
	failed atomic.Bool // an error of this module has been reported
}

// newTrial returns nil if no file of p has a next policy. With counted, differences are a metric.
func newTrial(p *policy.Policy, q *alerting.Queue, counted bool) *trial {
	if next := p.Next(); next != nil {
		return &trial{next: next, log: q.NewNext(counted)}
	}
	return nil
}

// enforcedNext warns of next policies that are enforced already: their verdicts hold anyway.
func enforcedNext(sources []source, p *policy.Policy) (warnings []string) {
	for _, info := range p.Info() {
		if info.Next == nil {
			continue
		}
		i := slices.IndexFunc(sources, func(s source) bool { return s.name == info.Next.File })
		if i < 0 {
			continue
		}
		fix := "leave it out of OUTGUARD_POLICY"
		if sources[i].central {
			fix = "put it into a folder of its own, as every *.yaml there is: next: next/" + filepath.Base(info.Next.File)
		}
		warnings = append(warnings, fmt.Sprintf("%s is enforced, although %s names it as its next policy; %s", info.Next.File, info.File, fix))
	}
	return warnings
}

// flush logs the repeats that are due.
func (t *trial) flush(now time.Time, last bool) {
	if t != nil {
		t.log.Flush(now, last)
	}
}

// decideBesideNext returns the decision that counts, and logs or counts the call if a next policy
// would deal with it otherwise. An error of this module in doing so has no effect either.
//
//go:noinline
func (g *Guard) decideBesideNext(ctx context.Context, s *standing, c policy.Call) (d policy.Decision) {
	defer func() {
		if bug := recover(); bug != nil {
			// The trial must not change what happens to a call: the policy that counts judges
			// again, alone.
			d = s.Policy.DecideBriefly(c)
			if !s.trial.failed.Swap(true) {
				g.logGap(fmt.Sprintf("a next policy could not judge a call, because of an error in Outguard that should be reported: %v", bug))
			}
		}
	}()
	return s.Policy.DecideBesideNext(c, func(d, would policy.Decision, next int) {
		g.differs(ctx, s, c, d, would, next)
	})
}

// differs logs or counts a call with which a next policy would deal otherwise.
//
//go:noinline
func (g *Guard) differs(ctx context.Context, s *standing, c policy.Call, d, would policy.Decision, next int) {
	if c.Via == policy.ViaConnect {
		d, would = wentOut(d), wentOut(would)
	}
	// On a connect both verdicts become alerts, and then nothing differs.
	if d.Verdict == would.Verdict {
		return
	}
	if lower(c.Via) {
		before := &g.counted
		if inv := g.invocation(ctx); inv != nil {
			before = &inv.counted
		}
		if !before.firstOfNext(&c, stricter(&d, &would), placeOf(callerSite())) {
			return
		}
	}
	log, file := s.trial.log, s.trial.next[next].Info
	var exact, form maphash.Hash
	exact.SetSeed(log.Seed())
	form.SetSeed(log.Seed())
	// The form also holds verdicts and rules: a call that differs by another rule is new to
	// whoever tries the policy.
	for _, text := range [...]string{file.File, d.Verdict.String(), would.Verdict.String(), ruleID(&d), ruleID(&would)} {
		form.WriteString(text)
		// The zero byte keeps "ab","c" apart from "a","bc".
		form.WriteByte(0)
	}
	s.Policy.Identity(c, func(piece string) { exact.WriteString(piece) }, func(piece string) { form.WriteString(piece) })
	if !log.Again(exact.Sum64(), form.Sum64(), time.Now()) {
		g.recordNext(ctx, s, c, exact.Sum64(), form.Sum64(), next)
	}
}

// stricter returns the decision that forbids more.
func stricter(a, b *policy.Decision) *policy.Decision {
	if b.Verdict < a.Verdict {
		return b
	}
	return a
}

// ruleID returns the id of the rule that decided, or "" if no rule did.
func ruleID(d *policy.Decision) string {
	if d.Rule == nil {
		return ""
	}
	return d.Rule.ID
}

// recordNext logs such a call at first sight, with the reasons.
//
//go:noinline
func (g *Guard) recordNext(ctx context.Context, s *standing, c policy.Call, exact, form uint64, next int) {
	n := &s.trial.next[next]
	d, would := s.decided(c), n.Policy.Decide(c)
	if c.Via == policy.ViaConnect {
		would = wentOut(would)
	}
	described := s.Policy.Explain(c).Call
	d.Call, would.Call = &described, &described
	inv, by := g.invocation(ctx), cmp.Or(placeOf(callerSite()), noCaller)
	a, b := g.alert(inv, d, by), g.alert(inv, would, by)
	// The author of the next policy needs the entry that would keep the call working.
	b.Allow = would.Allow
	s.trial.log.Record(exact, form, a, &alerting.Next{File: n.Info.File, SHA256: n.Info.SHA256, Alert: b})
}
