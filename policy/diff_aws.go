package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/textclasses"
)

// otherAccount is an account that rules rarely name.
const otherAccount = "999999999999"

// aws tries operations of AWS services: all of a service that a rule names, and one of each access
// level of another service, on each kind of resource that the rules distinguish.
func (c *comparison) aws(s *space, operations func(prefix string) []string) {
	// Services that aws: rules name are tried operation by operation, because globs may name any of
	// them.
	services := map[string]bool{}
	for _, r := range s.rules {
		for _, p := range pattern.AllAWS(slices.Concat(r.Subject, r.Except)) {
			if p.Service != "*" {
				services[p.Service] = true
			}
		}
	}
	// http: rules of a blacklist may also be about the hosts of single services.
	byHost := c.wire.services(s)
	for _, service := range slices.Sorted(maps.Keys(services)) {
		rules := s.rulesOf(service)
		for _, operation := range operations(service) {
			if !c.operation(s, service, operation, rules) {
				return
			}
		}
	}
	// Of all other services, only the access level can matter: aws: "*" with access:.
	levels := oneOfEachLevel(services, byHost, operations)
	for _, service := range byHost {
		if !services[service] {
			levels = append(levels, ofEachLevel(service, map[awsops.Level]bool{}, operations)...)
		}
	}
	for _, operation := range levels {
		if !c.operation(s, operation[0], operation[1], s.rulesOf(operation[0])) {
			return
		}
	}
}

// oneOfEachLevel returns operations of services that neither an aws: rule names nor http: rules
// distinguish by their hosts: the service and the operation.
func oneOfEachLevel(named map[string]bool, byHost []string, operations func(prefix string) []string) (found [][2]string) {
	levels := map[awsops.Level]bool{}
	// Usual services, which together have operations of each level.
	for _, service := range []string{"ssm", "glue", "iam", "sqs", "sns", "ec2", "s3"} {
		if !named[service] && !slices.Contains(byHost, service) {
			found = append(found, ofEachLevel(service, levels, operations)...)
		}
	}
	return found
}

// ofEachLevel returns an operation of a service for each access level that is not among levels yet,
// and adds it there.
func ofEachLevel(service string, levels map[awsops.Level]bool, operations func(prefix string) []string) (found [][2]string) {
	for _, operation := range operations(service) {
		if level, guessed := awsops.LevelOf(service, strings.ToLower(operation)); !guessed && !levels[level] {
			levels[level] = true
			found = append(found, [2]string{service, operation})
		}
	}
	return found
}

// rulesOf returns the aws: rules that may be about a service. Services share operations, so that a
// rule of any service counts that has a wildcard for it.
func (s *space) rulesOf(service string) (rules []*rule.Rule) {
	for _, r := range s.rules {
		// aws: any
		about := r.Kind == rule.AWS && r.Any
		for _, p := range pattern.AllAWS(r.Subject) {
			about = about || p.Service == "*" || p.Service == service
		}
		if about {
			rules = append(rules, r)
		}
	}
	return rules
}

// operation tries one operation on each kind of resource, in each region and with each account's
// key.
func (c *comparison) operation(s *space, service, operation string, rules []*rule.Rule) bool {
	// First the function's own place, then each that a rule names.
	regions, accounts := []string{s.own[0]}, []string{s.own[1]}
	for _, r := range rules {
		regions = append(regions, r.Regions...)
		accounts = append(accounts, r.Accounts...)
		for _, text := range r.Resources {
			if parts := strings.SplitN(text, ":", 6); len(parts) == 6 && parts[0] == "arn" {
				regions, accounts = append(regions, parts[3]), append(accounts, parts[4])
			}
		}
	}
	// A region and an account that no rule names: "any other" is a kind, too.
	regions = append(regions, "ap-southeast-2")
	if c.wire != nil {
		regions = append(regions, c.wire.regions...)
	}
	regions = distinct(regions, awsname.LooksLikeRegion)
	accounts = distinct(append(accounts, otherAccount), awsname.IsAccount)
	// The own account is not known: "" is how calls have it then.
	if s.own[1] == "" {
		accounts = append([]string{""}, accounts...)
	}
	// One resource of each kind that the rules of this service distinguish.
	resources, whole := textclasses.Divide(textclasses.Texts(), resourcePatterns(service, rules), divisionLimit)
	c.exact = c.exact && whole
	for _, region := range regions {
		requests := c.wire.requestsOf(service, region)
		// No request was found, so that what http: rules say of the call is not known.
		c.exact = c.exact && (c.wire == nil || len(requests) > 0)
		for _, account := range accounts {
			call := AWSCall{Service: service, Operation: operation, Region: region, Account: account}
			where := "in " + region
			if account != "" && account != s.own[1] {
				where += ", with a key of " + account
			}
			text := service + ":" + operation
			// First without resources, as operations are that take none.
			if !c.trySent(Call{AWS: call}, requests, func() (string, string) { return text, where }) {
				return false
			}
			for _, resource := range resources {
				arn := arnOf(service, region, cmp.Or(account, "111122223333"), resource.Text)
				call.Resources = []string{arn}
				if !c.trySent(Call{AWS: call}, requests, func() (string, string) { return text + " " + arn, where }) {
					return false
				}
			}
		}
	}
	return true
}

// resourcePatterns returns what rules distinguish of that which follows an ARN's fifth colon. A
// blacklisted bucket or table covers what is inside it, and the suffix of a secret is optional.
func resourcePatterns(service string, rules []*rule.Rule) (patterns []textclasses.Pattern) {
	seen := map[string]bool{}
	add := func(glob string) {
		if !seen[glob] {
			seen[glob] = true
			// A class for each pattern twice would cost states for nothing.
			patterns = append(patterns, textclasses.Glob(glob))
		}
	}
	for _, r := range rules {
		for _, text := range r.Resources {
			// Region and account of an ARN are tried by themselves.
			if parts := strings.SplitN(text, ":", 6); len(parts) == 6 && parts[0] == "arn" {
				text = parts[5]
			}
			add(text)
			// The inside of a bucket or table is a kind of its own.
			if !r.Vouches() && !strings.HasSuffix(text, "*") {
				add(text + "/*")
			}
			if service == "secretsmanager" && !strings.HasSuffix(text, "*") {
				add(text + "-??????")
			}
		}
	}
	return patterns
}

// distinct sorts texts, and returns each valid one once.
func distinct(texts []string, valid func(string) bool) []string {
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(s string) bool { return !valid(s) })
}

// arnOf returns the ARN of a resource. The ARNs of some services have no region, or no account
// either.
func arnOf(service, region, account, resource string) string {
	// As IAM writes the ARNs of these services.
	switch service {
	case "s3":
		region, account = "", ""
	case "iam", "cloudfront":
		region = ""
	case "route53":
		region, account = "", ""
	}
	return "arn:" + awsname.PartitionOf(region) + ":" + service + ":" + region + ":" + account + ":" + resource
}
