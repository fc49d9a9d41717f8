package guard

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/policy"
)

// learns reports whether the guard logs allowed calls too: OUTGUARD_LEARN=1.
func (s *settings) learns() bool {
	switch v := s.start("OUTGUARD_LEARN"); v {
	case "1":
		return true
	case "", "0":
	default:
		s.warnings = append(s.warnings, fmt.Sprintf("OUTGUARD_LEARN=%q has no effect; set it to 1 to log allowed calls", v))
	}
	return false
}

// saw logs or counts an allowed call. What the layers below another one see of a call that has been
// judged is not another call.
//
//go:noinline
func (g *Guard) saw(ctx context.Context, log *alerting.Calls, c policy.Call, d policy.Decision) {
	// Lower layers see an AWS operation again as its request, and a request again as the address
	// that it connects to. The log has the first only.
	if c.Via == policy.ViaWire || c.Via == policy.ViaAddr || c.Addr != "" {
		return
	}
	var exact, form maphash.Hash
	// exact identifies this very call; form leaves out what varies, such as ids in a path. Hashes
	// suffice, so a repeat does not build a text.
	exact.SetSeed(log.Seed())
	form.SetSeed(log.Seed())
	g.policy().Identity(c, func(piece string) { exact.WriteString(piece) }, func(piece string) { form.WriteString(piece) })
	if now := time.Now(); !log.Again(exact.Sum64(), form.Sum64(), now) {
		g.recordAllowed(ctx, log, exact.Sum64(), form.Sum64(), c, d)
	}
}

// recordAllowed logs a call at first sight. It judges the call once more, because DecideBriefly
// leaves the description out.
//
//go:noinline
func (g *Guard) recordAllowed(ctx context.Context, log *alerting.Calls, exact, form uint64, c policy.Call, d policy.Decision) {
	described := g.policy().Explain(c).Call
	d.Call = &described
	a := g.alert(g.invocation(ctx), d, cmp.Or(placeOf(callerSite()), noCaller))
	// An allowed call needs neither a reason nor an entry.
	a.Reason, a.Allow = "", ""
	log.Record(exact, form, a, nil)
}
