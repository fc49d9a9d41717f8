package policy

import (
	"slices"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file warns of aws: rules that are valid but hold otherwise than they look.

// unlisted reports what a rule for a service that the tables do not have cannot ask for.
func (b *ruleBuilder) unlisted() {
	e := b.draft
	if e.Unlisted == nil || !*e.Unlisted {
		return
	}
	if len(e.Access) > 0 {
		b.Fail(e.Access[0].Place, "access: with unlisted: true: the levels of the service's operations are not known", "name the operations")
	}
	if e.Mode == pattern.Narrow && len(e.Resources) > 0 && !slices.Contains(b.rule.Resources, "*") {
		b.Fail(e.Resources[0].Place, "resources: with unlisted: true: which resources a call touches is not known", "delete resources:")
	}
}

// anyAccount warns that the own account is not known, which is what a whitelist rule without
// accounts: is for. One warning stands for all such rules.
func (c *compiler) anyAccount(all []built) {
	if c.env.Account != "" || c.checking {
		return
	}
	for i := range all {
		if r := &all[i]; r.Kind == rule.AWS && r.Mode == pattern.Narrow && r.Accounts == nil {
			c.Warn(r.draft.Place, "the function's account is not known, so that aws: rules without accounts: hold for every account", "write accounts:, or give the account: Options.Account, or the flag -account")
			return
		}
	}
}
