package rule

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// checkAWSRule checks what an aws: rule's parts mean together: access, regions, accounts, and whether the tables
// can know resources of that kind (a whitelist that names what can never be known is refused).
func CheckAWS(r *Rule) error {
	for _, region := range r.Regions {
		if !awsname.ValidRegion(region) {
			return &report.Problem{What: report.Quoted(region) + " is not a region", Fix: "write the region's code, such as \"eu-west-1\""}
		}
	}
	for _, account := range r.Accounts {
		if account != "self" && !awsname.IsAccount(account) {
			return &report.Problem{What: report.Quoted(account) + " is not an account", Fix: "write its 12 digits, or self"}
		}
	}
	for _, text := range r.Resources {
		if err := checkARNPattern(r, pattern.AllAWS(r.Subject), text); err != nil {
			return err
		}
	}
	return nil
}

// checkARNPattern refuses a resource that no call of the rule's operations can touch, as far as the tables know: in a whitelist it would never
// match. A blacklist may name what it likes.
func checkARNPattern(r *Rule, subject []pattern.AWS, text string) error {
	if text == "" {
		return &report.Problem{What: "an empty resource", Fix: "name a resource, or delete the entry"}
	}
	if r.Mode == pattern.Wide || r.Any || text == "*" || len(subject) == 0 {
		return nil
	}
	if takesNone(subject) {
		return &report.Problem{What: report.Quoted(text) + " can never match: " + subject[0].Text + " takes no resource", Fix: "delete resources:, or name other operations"}
	}
	if p, certain := pattern.WrongResource(subject, text); p != nil && certain {
		return p
	}
	for _, p := range subject {
		if p.Service == "*" || awsops.Resources(p.Service) != "" {
			return nil
		}
	}
	return &report.Problem{What: report.Quoted(text) + " can never match: what calls of " + subject[0].Service + " touch is not known",
		Fix: "delete resources:, and name the operations that are meant"}
}

// takesNone reports whether the operations that a rule names in full take no resource, all of them.
func takesNone(patterns []pattern.AWS) bool {
	for _, p := range patterns {
		if strings.ContainsAny(p.Operation, "*?") || pattern.NamesBeyondIAM(p) {
			return false
		}
		if e, ok := awsops.Find(p.Service, p.Operation); !ok || e.Takes {
			return false
		}
	}
	return true
}
