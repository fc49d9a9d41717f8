package guard

import (
	"cmp"
	"context"
	"errors"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/policy"
)

// Load returns the guard of a function, and makes it the process's guard, which the package-level
// functions use.
//
// The policy is Options.Policy, else the files that $OUTGUARD_POLICY names, else policy.yaml beside
// the binary. Every *.yaml and *.yml file in /opt/outguard (the folder of Lambda layers, for
// example a security team's) is added. Each policy judges by its own rules: a call must satisfy all
// of them, and the strictest outcome applies.
//
// The files of /opt/outguard are central: Function, Stage, Region, Account and Getenv of the
// options and OUTGUARD_STAGE have no effect on them. They are compiled for the function, the region
// and the account with which Lambda started the process, and for the stage that each of them
// determines; see [policy.ParseCentral].
//
// Load always returns a guard. If Load also returns an error, that guard refuses every call and
// fails every invocation. The error is a [*PolicyError], and has been logged and sent as an alert.
func Load(o *Options) (*Guard, error) {
	g, err := load(o, layerDir)
	return g.join(caller()), err
}

func load(o *Options, layers string) (*Guard, error) {
	s := o.withDefaults()
	return loadFor(s, layers, central{options: o, settings: s})
}

func loadFor(s *settings, layers string, c central) (*Guard, error) {
	sources, warnings, err := find(s, layers)
	errs := []error{err}
	var policies []*policy.Policy
	var refused string // hash of the first file that cannot be parsed
	for _, f := range sources {
		p, err := compile(f, s, &c)
		if err != nil {
			errs = append(errs, err)
			refused = cmp.Or(refused, f.sha256())
			continue
		}
		policies = append(policies, p)
	}
	var joined *policy.Policy
	if len(policies) > 0 {
		joined = policy.Join(policies...) // also if others failed: their alert goes to these targets
	}
	g := build(joined, s)
	g.warnings = append(append(warnings, c.warnings()...), g.warnings...)
	if err := errors.Join(errs...); err != nil {
		broken := &PolicyError{Err: err, sha256: refused}
		g.policy = nil
		g.broken.Store(broken)
		ticket := g.lifecycle.ticket(nil)
		g.alerts().Record(g.policyAlert(nil, broken), ticket)
		ctx, cancel := context.WithTimeout(context.Background(), blockWait+alerting.FlushMargin)
		defer cancel()
		_ = g.alerts().Flush(ctx, ticket) // log.Fatal may follow: send the alert and its metric now
		return g, broken
	}
	return g, nil
}
