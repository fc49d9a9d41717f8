package policy

import (
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file warns of aws: rules that are valid but hold otherwise than they look.

// anyAccount warns that the own account is not known, which is what a whitelist rule without accounts:
// is for. One warning stands for all such rules.
func (c *compiler) anyAccount(all []built) {
	if c.env.Account != "" || c.checking {
		return
	}
	for i := range all {
		if r := &all[i]; r.Kind == rule.AWS && r.Mode == pattern.Narrow && r.Accounts == nil {
			c.Warn(r.draft.Place, "the function's account is not known, so that aws: rules without accounts: hold for every account", "write accounts:, or set Options.Account")
			return
		}
	}
}
