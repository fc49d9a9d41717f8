package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/policy"
)

// This file loads a guard: the policy, its environment, the sinks.

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
	g.join(caller())
	return g, err
}

func load(o *Options, layers string) (g *Guard, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			g, err = refuseAll(o, fault)
		}
	}()
	s := o.withDefaults()
	return loadFor(s, layers, central{options: o, settings: s})
}

// refuseAll returns the guard for options whose functions panic: it does without them.
func refuseAll(o *Options, fault any) (*Guard, error) {
	if o == nil {
		o = new(Options)
	}
	s := (&Options{Stdout: o.Stdout, Notifiers: o.Notifiers, FlushBudget: o.FlushBudget,
		Function: o.Function, Stage: o.Stage, Region: o.Region, Account: o.Account}).withDefaults()
	return refusing(build(nil, s), fmt.Errorf("a function of the options panics: %v", fault), salvage{})
}

func loadFor(s *settings, layers string, c central) (*Guard, error) {
	sources, warnings, err := find(s, layers)
	errs := []error{err}
	var policies, own, fromLayers []*policy.Policy
	var lost salvage
	for _, f := range sources {
		p, err := compile(f, s, &c)
		if err != nil {
			errs = append(errs, err)
			lost.add(f, s, &c)
			continue
		}
		policies = append(policies, p)
		if f.central {
			fromLayers = append(fromLayers, p)
		} else {
			own = append(own, p)
		}
	}
	var joined *policy.Policy
	if len(policies) > 0 {
		joined = policy.Join(policies...) // also if others failed: their alert goes to these targets
	}
	g := build(joined, s, lost.targets...)
	g.warnings = append(append(warnings, append(c.warnings(), enforcedNext(sources, joined)...)...), g.warnings...)
	if err := errors.Join(errs...); err != nil {
		return refusing(g, err, lost)
	}
	g.watch(s, &c, layers, own, fromLayers)
	return g, nil
}

// refusing makes g refuse every call because of err, and reports it.
func refusing(g *Guard, err error, lost salvage) (*Guard, error) {
	broken := &PolicyError{Err: err, sha256: lost.sha256}
	g.current.Store(packaged(nil, nil))
	g.origin.stage = cmp.Or(g.origin.stage, lost.stage)
	g.broken.Store(broken)
	ticket := g.lifecycle.ticket(nil)
	g.alerts().Record(g.policyAlert(nil, broken), ticket)
	ctx, cancel := context.WithTimeout(context.Background(), blockWait+alerting.FlushMargin)
	defer cancel()
	_ = g.alerts().Flush(ctx, ticket) // log.Fatal may follow: send the alert and its metric now
	return g, broken
}

// A salvage is what can still be read of the files that are refused: the report about them goes to
// their own notify: entries, and counts for their stage.
type salvage struct {
	targets []policy.Target
	stage   string
	sha256  string // hash of the first file
}

func (l *salvage) add(f source, s *settings, c *central) {
	env := s.env(f.feeds)
	if f.central {
		env = c.env()
	}
	l.targets = append(l.targets, policy.TargetsOf(f.name, f.data, env)...)
	l.stage = cmp.Or(l.stage, policy.StageOf(f.name, f.data, env))
	l.sha256 = cmp.Or(l.sha256, f.sha256())
}
