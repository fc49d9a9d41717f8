package policy

import (
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
)

// checkAWSRule checks what an aws: rule's parts mean together: access, regions, accounts, and whether the tables
// can know resources of that kind (a whitelist that names what can never be known is refused).
func checkAWSRule(r *rule) error {
	for _, region := range r.regions {
		if !awscall.IsRegion(region) {
			return &problem{quoted(region) + " is not a region", "write the region's code, such as \"eu-west-1\""}
		}
	}
	for _, account := range r.accounts {
		if account != "self" && !awscall.IsAccount(account) {
			return &problem{quoted(account) + " is not an account", "write its 12 digits, or self"}
		}
	}
	for _, text := range r.resources {
		if err := checkARNPattern(r, awsPatterns(r.subject), text); err != nil {
			return err
		}
	}
	return nil
}

// checkARNPattern refuses a resource that no call of the rule's operations can touch, as far as the tables know: in a whitelist it would never
// match. A blacklist may name what it likes.
func checkARNPattern(r *rule, subject []awsPattern, text string) error {
	if text == "" {
		return &problem{"an empty resource", "name a resource, or delete the entry"}
	}
	if r.mode == wide || r.any || text == "*" || len(subject) == 0 {
		return nil
	}
	if takesNone(subject) {
		return &problem{quoted(text) + " can never match: " + subject[0].text + " takes no resource", "delete resources:, or name other operations"}
	}
	if p, certain := wrongKind(subject, text); p != nil && certain {
		return p
	}
	for _, p := range subject {
		if p.service == "*" || awsops.Resources(p.service) != "" {
			return nil
		}
	}
	return &problem{quoted(text) + " can never match: what calls of " + subject[0].service + " touch is not known",
		"delete resources:, and name the operations that are meant"}
}

// takesNone reports whether the operations that a rule names in full take no resource, all of them.
func takesNone(patterns []awsPattern) bool {
	for _, p := range patterns {
		if strings.ContainsAny(p.operation, "*?") || namesBeyondIAM(p) {
			return false
		}
		if e, ok := awsops.Find(p.service, p.operation); !ok || e.Takes {
			return false
		}
	}
	return true
}
