package awsrules

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/pattern"
)

// This file says which actions of an operation a rule is about.

// covers returns the actions of an operation that the rule is about. The level of an operation that
// the tables do not have is guessed from its verb: a blacklist goes by that, a whitelist does not.
func (r *compiled) covers(op *awscall.Op) (actions awscall.ActionSet) {
	if op.Name == "" {
		return r.coversUnknown(op)
	}
	// any is a rule without subjects: for every service.
	named := r.any || namedBy(r.subject, op)
	excepted := namedBy(r.except, op)
	// A whitelist rule with an exception allows none of the operation's actions. In a blacklist,
	// the exception is about single actions, below.
	if r.mode == pattern.Narrow && excepted {
		return actions
	}
	// Of an operation that does more than its actions say, the level is its own.
	more := true
	for i, a := range op.Actions {
		more = more && (!op.Primary.Has(i) || a.Level != op.Level)
	}
	// An operation may take several actions: s3:CopyObject takes PutObject and GetObject, and a
	// rule may allow one of them.
	for i, a := range op.Actions {
		own := op.Own(i)
		if !(named && own) && !r.any && !namesAction(r.subject, &a) || namesAction(r.except, &a) {
			continue
		}
		// A guess may not open anything: a whitelist needs the level of the tables.
		if r.mode == pattern.Narrow {
			if !r.access.Has(a.Level) || r.hasAccess && a.Guessed {
				continue
			}
		} else if excepted || !r.access.Has(a.Level) && !(more && named && own && r.access.Has(op.Level)) {
			continue
		}
		actions.Add(i)
	}
	return actions
}

// namedBy reports whether one of the patterns names an operation, by its own name. One that is
// named by IAM's action is any of those that take it.
func namedBy(patterns []pattern.AWS, op *awscall.Op) bool {
	return matchesAny(patterns, op.Service, strings.ToLower(op.Name)) ||
		slices.ContainsFunc(op.Aliases, func(a awscall.Alias) bool { return matchesAny(patterns, a.Service, strings.ToLower(a.Name)) })
}

// namesAction reports whether one of the patterns names an action. One on an object's version goes
// by the name of the one on the object, too.
func namesAction(patterns []pattern.AWS, a *awscall.Action) bool {
	return matchesAny(patterns, a.Service, strings.ToLower(a.Name)) || a.Plain != "" && matchesAny(patterns, a.Service, strings.ToLower(a.Plain))
}

// coversUnknown is covers for an operation that cannot be known, of a known service: it may be any
// of them.
// A request whose operation cannot be read, such as a form with two Action parameters.
func (r *compiled) coversUnknown(op *awscall.Op) awscall.ActionSet {
	all := op.AllActions()
	for _, p := range r.subject {
		if p.Service != "*" && p.Service != op.Service {
			// A blacklist rule of another service may be about the same operation there.
			if r.mode == pattern.Wide && slices.ContainsFunc(op.Actions, func(a awscall.Action) bool { return a.Same && a.Service == p.Service }) {
				return all
			}
			continue
		}
		// A whitelist allows an unknown operation only if it allows all of them.
		if r.mode == pattern.Wide || (p.Operation == "*" && !r.hasAccess && r.except == nil) {
			return all
		}
	}
	if r.any && (r.mode == pattern.Wide || r.except == nil) {
		return all
	}
	return awscall.ActionSet(0)
}

// matchesAny compares a service and an operation in lower case to patterns.
func matchesAny(patterns []pattern.AWS, service, name string) bool {
	for i := range patterns {
		if patterns[i].Matches(service, name) {
			return true
		}
	}
	return false
}
