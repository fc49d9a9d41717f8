package guard

import (
	"context"
	"runtime"

	"github.com/outguard/outguard/internal/buildhooks"
	"github.com/outguard/outguard/internal/procenv"
	"github.com/outguard/outguard/netguard"
	"github.com/outguard/outguard/policy"
)

// What is called before the policy is loaded, in init functions and early in main, cannot be
// refused. In Lambda, the layer of names remembers the names that are looked up until then, and
// each guard that joins the process reports those that break its policy. With the build word such
// calls are judged when they are made (decision 36).
func init() {
	if runtime.GOOS != "linux" || buildhooks.Inserted() {
		return
	}
	// An init function that ran before may have set variables.
	env := procenv.Read()
	// A developer's machine keeps the system's resolver, see Options.Names.
	if env.Getenv("AWS_LAMBDA_FUNCTION_NAME") == "" {
		return
	}
	if off, _ := netguard.ParseOff(env.Getenv("OUTGUARD_LAYERS")); !off.Names {
		netguard.Remember()
	}
}

// reportEarly reports the look-ups that were made before a guard was loaded and break the policy.
func (g *Guard) reportEarly() {
	defer func() {
		if bug := recover(); bug != nil {
			_ = g.failed(bug)
		}
	}()
	if g.broken.Load() != nil {
		return // it reports that
	}
	s := g.current.Load()
	for _, c := range netguard.Early() {
		c.Caller = func() (path string, main bool) { return "", false }
		// It logs what a next policy would do; the decision that counts follows, with its texts.
		if s.trial != nil {
			_ = g.decideBesideNext(context.Background(), s, c)
		}
		d := s.Policy.Decide(c)
		if d.Allowed() {
			continue
		}
		// The look-up has happened, so that a block could refuse nothing and would fail an innocent
		// invocation.
		if d.Verdict == policy.Block {
			d.Verdict = policy.Alert
		}
		d.Reason += "; the call went out, because it was made before the policy was loaded"
		// the code that loads the guard is not the caller
		if a := g.alert(nil, d, ""); g.counted.first(&c, &d, "") {
			_ = g.record(nil, s, &a, d, &c, whole)
		}
	}
}
