package policy

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// An awsPattern is a parsed aws: subject.
type awsPattern struct {
	text      string
	service   string // IAM prefix; "*": any
	operation string // glob over the lower-case names of an operation and its IAM actions
}

// parseAWSPattern parses "service:Operation".
func parseAWSPattern(text string, m mode) (awsPattern, error) {
	if m != narrow && m != wide {
		return awsPattern{}, errMode
	}
	service, operation, ok := strings.Cut(text, ":")
	switch {
	case !ok || operation == "":
		return awsPattern{}, &problem{quoted(text) + " names no operation", "write " + quoted(strings.TrimSuffix(text, ":")+":*") + " for all of a service's operations, or name one: \"s3:GetObject\""}
	case service == "*" && m == narrow:
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

// awsPatterns returns the aws: patterns among subjects.
func awsPatterns(subjects []pattern) (patterns []awsPattern) {
	for _, s := range subjects {
		if p, ok := s.(*awsPattern); ok {
			patterns = append(patterns, *p)
		}
	}
	return patterns
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

// matches reports whether the pattern names an operation by its own name.
func (p *awsPattern) matches(service, name string) bool {
	return (p.service == "*" || p.service == service) && glob(p.operation, name)
}

// levels is a set of access levels.
type levels uint8

func (l levels) has(level awsops.Level) bool { return l&(1<<level) != 0 }

// accessOf returns the levels that an access: word of a rule stands for; "" is all of them. In a blacklist, write covers
// tagging and permissions, which change things as well.
func accessOf(word string, m mode) (l levels, ok bool) {
	switch word {
	case "":
		return ^levels(0), true
	case "list":
		return 1 << awsops.List, true
	case "read":
		return 1<<awsops.List | 1<<awsops.Read, true
	case "write":
		if m == wide {
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
