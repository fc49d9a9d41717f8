package httprules

import (
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// calls is a set of the forms in which this engine sees calls.
type calls uint8

const (
	requests    calls = 1 << iota // HTTP requests
	connections                   // connections that are not HTTP
	parts                         // host and port of a call that may be HTTP, or anything else
)

// judged is the one table of the kinds of rules that this engine judges: the calls that a rule
// vouches for in a whitelist, and those that it forbids in a blacklist. A rule is about no other
// calls, and Compile refuses a kind without a row.
var judged = [...]struct {
	kind            rule.Kind
	vouches, forbid calls
}{
	{rule.AWS, 0, 0}, // package awsrules judges those
	{rule.HTTP, requests | parts, requests | connections | parts},
	{rule.IP, requests | connections | parts, requests | connections | parts},
	{rule.Net, connections | parts, requests | connections | parts},
}

// callsOf returns the calls that a rule is about. ok is false for a kind that the table does not
// have.
func callsOf(r *rule.Rule) (c calls, ok bool) {
	for i := range judged {
		if row := &judged[i]; row.kind == r.Kind {
			if r.Mode == pattern.Narrow {
				return row.vouches, true
			}
			return row.forbid, true
		}
	}
	return 0, false
}

// about reports whether the rule is about calls of a form.
func (r *conditions) about(c calls) bool { return r.calls&c != 0 }

// form returns the form in which the call is seen.
func (n *NetCall) form() calls {
	if n.Partial {
		return parts
	}
	return connections
}
