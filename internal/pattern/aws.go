package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/report"
)

// An AWS is a parsed aws: subject.
type AWS struct {
	Text      string
	Service   string // IAM prefix; "*": any; of an unlisted service, its name without blanks and hyphens
	Operation string // glob over the lower-case names of an operation and its IAM actions
	Unlisted  bool   // the tables do not have the service
	Declared  bool   // and the rule says so
}

// ParseAWS parses "service:Operation". In a blacklist, the service may be one that the tables do
// not have: it then goes by its SDK id, its package or the name that its requests are signed for.
func ParseAWS(text string, m Mode) (AWS, error) { return parseAWS(text, m, false) }

// ParseUnlistedAWS parses the subject of a rule with unlisted: true, whose service the tables need
// not have.
func ParseUnlistedAWS(text string, m Mode) (AWS, error) { return parseAWS(text, m, true) }

// parseAWS is ParseAWS; declared says that the rule has unlisted: true.
func parseAWS(text string, m Mode, declared bool) (p AWS, err error) {
	if m != Narrow && m != Wide {
		return AWS{}, errMode
	}
	service, operation, ok := strings.Cut(text, ":")
	// From a form that is clear, such as "sqs.SendMessage", to the service and then the operation.
	switch {
	case !ok && meantOperation(text) != "":
		return AWS{}, &report.Problem{What: report.Quoted(text) + " has no colon between the service and the operation", Fix: "write " + report.Quoted(meantOperation(text))}
	case !ok || operation == "":
		return AWS{}, &report.Problem{What: report.Quoted(text) + " names no operation", Fix: noOperationFix(text)}
	case service == "*" && m == Narrow:
		return AWS{}, &report.Problem{What: report.Quoted(text) + " is as wide as every service of AWS", Fix: "name the services, or write `aws: any` with a reason"}
	case service == "*":
	// In the service, a wildcard would also take services that come to AWS later.
	case strings.ContainsAny(service, "*?"):
		return AWS{}, &report.Problem{What: report.Quoted(text) + " has a wildcard in its service", Fix: "name each service in a list of its own entries"}
	// A service has several names. Each becomes its IAM prefix.
	default:
		prefix, known := awsops.Service(service)
		if !known {
			// What the tables do not have goes by its plain name, as signatures have it.
			prefix = awsops.Plain(service)
			if prefix == "" || m == Narrow && !declared {
				return AWS{}, unknownService(text, m)
			}
			p.Unlisted = true
		}
		p.Declared = declared
		service = prefix
	}
	// A glob of letters and digits: names of operations have nothing else.
	for _, c := range []byte(operation) {
		if !isAlnum(c) && c != '*' && c != '?' {
			return AWS{}, &report.Problem{What: report.Quoted(operation) + " is not the name of an operation", Fix: operationFix(text)}
		}
	}
	p.Text, p.Service, p.Operation = text, service, strings.ToLower(operation)
	return p, nil
}

// noOperationFix says how to write what has no operation, or no service.
func noOperationFix(text string) string {
	if _, known := awsops.Service(strings.TrimSuffix(text, ":")); known {
		return "write " + report.Quoted(strings.TrimSuffix(text, ":")+":*") + " for all of a service's operations, or name one: \"s3:GetObject\""
	}
	if text == "*" {
		return "write any for every operation of every service"
	}
	return "write service:Operation, such as \"s3:GetObject\""
}

// AllAWS returns the aws: patterns among subjects.
func AllAWS(subjects []Pattern) (patterns []AWS) {
	for _, s := range subjects {
		p, ok := s.(*AWS)
		if !ok {
			continue
		}
		if patterns == nil {
			patterns = make([]AWS, 0, len(subjects))
		}
		patterns = append(patterns, *p)
	}
	return patterns
}

// unknownService is the problem with a service that the tables do not have. Where it may be a newer
// one, the fix also says how to name it all the same.
func unknownService(text string, m Mode) *report.Problem {
	name, _, _ := strings.Cut(text, ":")
	fix := nearestService(text)
	if awsops.Plain(name) != "" && m == Narrow && meantService(name) == "" {
		fix = orUnlisted(fix)
	}
	return &report.Problem{What: "unknown AWS service " + report.Quoted(name), Fix: fix}
}

// orUnlisted adds what to do about a service that is newer than the tables.
func orUnlisted(fix string) string {
	if question, ok := strings.CutSuffix(fix, "?"); ok {
		return question + "? If it is newer than this version, add unlisted: true"
	}
	return fix + ", or add unlisted: true for a service newer than this version"
}

// isAlnum reports an ASCII letter or digit.
func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// Matches reports whether the pattern names an operation by its own name.
func (p *AWS) Matches(service, name string) bool {
	return (p.Service == "*" || p.Service == service) && MatchGlob(p.Operation, name)
}

// Levels is a set of access levels.
type Levels uint8

// Has reports whether a level is in the set.
func (l Levels) Has(level awsops.Level) bool { return l&(1<<level) != 0 }

// AccessLevels returns the levels that the words of an access: stand for together; without words,
// all of them. In a blacklist, write covers tagging and permissions, which also change things.
// ok is false for a word that is not a level.
func AccessLevels(list []string, m Mode) (l Levels, ok bool) {
	// nil stands for a rule without access:, an empty list for no level.
	if list == nil {
		return ^Levels(0), true
	}
	for _, word := range list {
		one, ok := accessLevel(word, m)
		if !ok {
			return 0, false
		}
		l |= one
	}
	return l, true
}

// accessLevel returns the levels of one word.
func accessLevel(word string, m Mode) (l Levels, ok bool) {
	switch word {
	case "list":
		return 1 << awsops.List, true
	case "read":
		return 1<<awsops.List | 1<<awsops.Read, true
	case "write":
		// Tags and permissions change things, and a blacklist of write means all changes.
		if m == Wide {
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
