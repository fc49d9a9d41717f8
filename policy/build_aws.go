package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
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
	// A "*" in resources: asks for nothing.
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
	// The first stands for all: the fix is the same.
	for i := range all {
		if r := &all[i]; r.Kind == rule.AWS && r.Mode == pattern.Narrow && r.Accounts == nil {
			c.Warn(r.draft.Place, "the function's account is not known, so that aws: rules without accounts: hold for every account", "write accounts:, or give the account: Options.Account, or the flag -account")
			return
		}
	}
}

// notOwn warns of rules for the function's own account alone whose ARNs all name another one. In a
// file without a function, the own account is one of those of stage:.
func (c *compiler) notOwn(all []built) {
	own := []string{c.env.Account}
	// Without a function, a rule is dead only if it is so in each account of the file.
	if c.checking {
		own = nil
		for _, a := range c.file.tree.Accounts {
			if a.Key.Value == "*" {
				// Any account may be the own one.
				return
			}
			own = append(own, a.Key.Value)
		}
		if len(own) == 0 {
			c.besideSelf(all)
			return
		}
	}
	for i := range all {
		r := &all[i]
		// In one of the accounts, the rule may match.
		if len(own) > 0 && !slices.ContainsFunc(own, func(account string) bool { return !r.NotOwn(account) }) {
			t := r.draft.Resources[0]
			c.Warn(t.Place, report.Quoted(report.Short(t.Value))+" can never match: accounts: has self alone, and the ARN names another account", "delete accounts:, which the ARN has")
		}
	}
}

// besideSelf warns of rules for the function's own account alone whose ARNs name one, in a file
// that does not say which accounts its functions run in.
func (c *compiler) besideSelf(all []built) {
	for i := range all {
		written := all[i].draft.Resources
		if account := all[i].BesideSelf(); account != "" && !slices.ContainsFunc(written, func(t syntax.Text) bool { return strings.Contains(t.Value, "${") }) {
			t := written[0]
			c.Warn(t.Place, fmt.Sprintf("%q matches only where %s is the function's own account: accounts: has self alone", report.Short(t.Value), account),
				"delete accounts:, which the ARN has, or write ${account} in the ARN")
		}
	}
}

// elsewhere warns of rules whose regions: are all in other partitions than the function's.
func (c *compiler) elsewhere(all []built) {
	// A region may be unknown, or made up for a test.
	own := awsname.Region(c.env.Region)
	if c.checking || !awsname.LooksLikeRegion(own) {
		return
	}
	partition := awsname.PartitionOf(own)
	// accounts: shows that another account is meant, which may be in another partition.
	for i := range all {
		r := &all[i]
		if r.Regions == nil || r.Accounts != nil || slices.ContainsFunc(r.Regions, func(region string) bool { return awsname.PartitionOf(awsname.Region(region)) == partition }) {
			continue
		}
		if region := r.Regions[0]; awsname.LooksLikeRegion(region) {
			c.Warn(r.draft.Regions[0].Place, fmt.Sprintf("%q is in another partition than the function, so that the rule never matches here", report.Short(region)), "name a region of "+partition)
		}
	}
}

// unknownOperations warns of operations that the tables of this version do not have, also in an
// except:, which would exclude nothing.
func (c *compiler) unknownOperations(all []built) {
	for i := range all {
		c.unknownIn(all[i].Subject, all[i].draft.Subject)
		c.unknownIn(all[i].Except, all[i].draft.Except)
	}
}

// unknownIn is unknownOperations for the patterns of one list. texts has the same indexes.
func (c *compiler) unknownIn(patterns []pattern.Pattern, texts []syntax.Text) {
	for k, p := range pattern.AllAWS(patterns) {
		// What cannot be looked up, and what the tables have, the quickest look-up first.
		if p.Unlisted || p.Service == "*" || strings.ContainsAny(p.Operation, "*?") {
			continue
		}
		if _, known := awsops.Find(p.Service, p.Operation); known || awsops.Actions(p.Service, p.Operation) != "" {
			continue
		}
		// Actions without a call have a warning of their own.
		if what, _ := awsops.NoCall(p.Service, p.Operation); what == "" && k < len(texts) {
			c.Warn(texts[k].Place, fmt.Sprintf("%q is not an operation that this version knows", report.Short(p.Text)), "if it is newer, leave it; outguard validate finds the name that was meant")
		}
	}
}
