package policy

import (
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
)

// An awsPattern is a parsed aws: subject.
type awsPattern struct {
	text      string
	service   string // IAM prefix; "*": any
	operation string // glob over the lower-case names of an operation and its IAM actions
}

// parseAWSPattern parses "service:Operation".
func parseAWSPattern(text string, list List) (awsPattern, error) {
	service, operation, ok := strings.Cut(text, ":")
	switch {
	case !ok || operation == "":
		return awsPattern{}, &problem{quoted(text) + " names no operation", "write " + quoted(strings.TrimSuffix(text, ":")+":*") + " for all of a service's operations, or name one: \"s3:GetObject\""}
	case service == "*" && list == Whitelist:
		return awsPattern{}, &problem{quoted(text) + " is as wide as every service of AWS", "name the services, or write `aws: any` with a reason"}
	case service == "*":
	case strings.ContainsAny(service, "*?"):
		return awsPattern{}, &problem{quoted(text) + " has a wildcard in its service", "name each service in a list of its own entries"}
	default:
		prefix, known := awsops.Service(service)
		if !known {
			return awsPattern{}, &problem{"unknown AWS service " + quoted(service), nearestService(service)}
		}
		service = prefix
	}
	for _, c := range []byte(operation) {
		if !isAlnum(c) && c != '*' && c != '?' {
			return awsPattern{}, &problem{quoted(operation) + " is no operation's name", "write the SDK's or IAM's name of the operation; only * and ? are wildcards"}
		}
	}
	return awsPattern{text: text, service: service, operation: strings.ToLower(operation)}, nil
}

// nearestService says what was meant by a service that does not exist.
func nearestService(name string) string {
	if near := nearest(name, awsops.Services()); near != "" {
		return "did you mean " + quoted(near) + "?"
	}
	return "use the service's IAM prefix (\"sqs\", \"logs\") or the name of its SDK package (\"cloudwatchlogs\")"
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func quoted(s string) string { return `"` + s + `"` }

// matches reports whether the pattern names an operation by its own name.
func (p *awsPattern) matches(service, name string) bool {
	return (p.service == "*" || p.service == service) && glob(p.operation, name)
}

// levels is a set of access levels.
type levels uint8

func (l levels) has(level awsops.Level) bool { return l&(1<<level) != 0 }

// accessOf returns the levels that an access: word of a rule stands for; "" is all of them. In a blacklist, write covers
// tagging and permissions, which change things as well.
func accessOf(word string, list List) (l levels, ok bool) {
	switch word {
	case "":
		return ^levels(0), true
	case "list":
		return 1 << awsops.List, true
	case "read":
		return 1<<awsops.List | 1<<awsops.Read, true
	case "write":
		if list == Blacklist {
			l = 1<<awsops.Tagging | 1<<awsops.Permissions
		}
		return l | 1<<awsops.Write, true
	case "tagging":
		return 1 << awsops.Tagging, true
	case "permissions":
		return 1 << awsops.Permissions, true
	}
	return 0, false
}

// checkAWSRule checks what an aws: rule's parts mean together: access, regions, accounts, and whether the tables
// can know resources of that kind (a whitelist that names what can never be known is refused).
func checkAWSRule(r *rule) error {
	for _, region := range r.regions {
		if !awscall.IsRegion(region) {
			return &problem{quoted(region) + " is no region", "write the region's code, such as \"eu-west-1\""}
		}
	}
	for _, account := range r.accounts {
		if account != "self" && !awscall.IsAccount(account) {
			return &problem{quoted(account) + " is no account", "write its 12 digits, or self"}
		}
	}
	for _, text := range r.resources {
		if err := checkARNPattern(r, text); err != nil {
			return err
		}
	}
	return nil
}

// checkARNPattern refuses a resource that no call of the rule's operations can touch, as far as the tables know: in a whitelist it would never
// match. A blacklist may name what it likes.
func checkARNPattern(r *rule, text string) error {
	if text == "" {
		return &problem{"an empty resource", "name a resource, or delete the entry"}
	}
	if r.list == Blacklist || r.any || text == "*" || len(r.subject.aws) == 0 {
		return nil
	}
	if takesNone(r.subject.aws) {
		return &problem{quoted(text) + " can never match: " + r.subject.aws[0].text + " takes no resource", "delete resources:, or name other operations"}
	}
	if p, certain := wrongKind(r.subject.aws, text); p != nil && certain {
		return p
	}
	for _, p := range r.subject.aws {
		if p.service == "*" || awsops.Resources(p.service) != "" {
			return nil
		}
	}
	return &problem{quoted(text) + " can never match: what calls of " + r.subject.aws[0].service + " touch is not known",
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
