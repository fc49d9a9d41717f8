package guard

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/httpguard"
)

// This file has what a program does with a guard beside Check: it wires it to clients, and ends it.

// closeBudget is the longest time that Close takes.
const closeBudget = 2 * time.Second

// Transport returns a round tripper that checks each request and hands it to base if it may go out.
// A nil base is the current http.DefaultTransport, without the guard that Install adds. Use
// Transport for clients with a transport of their own: Install guards clients that use
// http.DefaultTransport.
func (g *Guard) Transport(base http.RoundTripper) http.RoundTripper {
	if _, standard := http.DefaultTransport.(*http.Transport); base == nil && !standard {
		base = http.DefaultTransport // for example tracing instrumentation; do not bypass it
	}
	self := g.self()
	if gap := httpguard.Gap(base); gap != "" && self.netRules() > 0 {
		self.layers.addGap(gap)
	}
	return &httpguard.Transport{Guard: self, Base: base}
}

// AWS returns the option for config.WithAPIOptions that guards every AWS client made from the
// config. This includes the clients that loading the config itself makes (STS, SSO).
func (g *Guard) AWS() []func(*middleware.Stack) error {
	if g = g.self(); g != nil {
		g.awsAsked.Store(true)
	}
	return []func(*middleware.Stack) error{awsmiddleware.New(g)}
}

// Install makes g one of the guards of the process, which all judge: it guards
// http.DefaultTransport in place and, in Lambda, the look-up of names. Load and Wrap call Install.
// An equal guard (same policies, function and stage) that was installed before judges for both, and
// takes over g's sinks.
//
// The error lists uses of http.DefaultTransport that cannot be guarded; all others are.
func (g *Guard) Install() error {
	if g.self() == nil {
		return errNilGuard
	}
	return notWhollyGuarded(g.join(caller()).layers.gaps())
}

// Close sends what is left to send, as Flush does with its defaults, and removes g from the guards
// of the process. Other guards go on judging. Guards with the same policies, for the same function
// and stage, are one (see Load): each Load needs its own Close, and the last one removes the guard.
// A second Close of the same guard has no effect. A test that installs a guard ends with
//
//	t.Cleanup(func() { g.Close() })
func (g *Guard) Close() error {
	if g.self() == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeBudget)
	defer cancel()
	err := g.Flush(ctx)
	g.leave()
	return err
}

// Uninstall removes g from the guards of the process. It is for tests; Close also sends what is
// left to send.
func (g *Guard) Uninstall() {
	if g.self() != nil {
		g.leave()
	}
}

// Flush sends all alerts and the counts of repeats, and waits until they have arrived: at most for
// Options.FlushBudget, and until 100 ms before ctx's deadline. Call it at the end of the process:
// before os.Exit, and in a callback of lambda.WithEnableSIGTERM. A wrapped handler does not need
// Flush, because each invocation waits for its alerts.
//
// The error names what has not arrived. The log has all alerts in any case.
func (g *Guard) Flush(ctx context.Context) error {
	if g = g.self(); g == nil {
		return nil
	}
	g.allowed.Flush(time.Now(), true)
	g.current.Load().trial.flush(time.Now(), true)
	return g.alerts().Close(ctx)
}
