package main

import (
	"regexp"
	"slices"
	"strings"
)

// A faultRule is a kind of fault, with an id that stays the same: whoever suppresses or counts
// faults goes by it.
type faultRule struct {
	id      string
	text    string   // what such a fault is
	phrases []string // in the problems of such faults, outside quotes
}

// faultRules is the one table of the kinds of faults. The first whose phrase is in a problem
// counts, and the last two have the rest. docs/command.md lists the ids; none is ever renamed.
var faultRules = []faultRule{
	// The order counts: a problem may have the phrases of two kinds, such as a feed: that is empty.
	{"unreadable", "the file cannot be read as YAML, or as text", []string{"YAML", "UTF-8", "UTF-16", "NUL byte", "nested too deeply", "the file holds", "the file is empty", "the file has more than"}},
	{"no-list", "a section without a list", []string{"call everything"}},
	{"unknown-key", "a key that the language does not have", []string{"unknown key"}},
	{"repeated-key", "a key that stands there twice", []string{"is repeated"}},
	{"next", "next: names a policy that is missing or faulty", []string{"next policy", "next:"}},
	{"callers", "callers: names no package that can call", []string{"callers:"}},
	{"feed", "a feed that cannot be read or is empty", []string{"feed"}},
	{"variable", "a variable that is not set, or not one", []string{"${", "a $ and no variable", "expands to"}},
	{"no-match", "an entry that no call matches", []string{"can never match", "truncated ARN", "not a resource of", "matches nothing", "the entry is left out", "the rule is left out"}},
	{"no-effect", "an entry that another one covers, or that allows nothing", []string{"has no effect", "can never be allowed", "leaves nothing of the rule", "it allows nothing"}},
	{"expired", "a rule whose last day has passed, or comes soon", []string{"the rule ended with", "the rule ends with", "until:"}},
	{"too-wide", "a whitelist rule that is as wide as anything", []string{"too wide", "allows every host", "as wide as", "anybody can have a host", "needs a reason"}},
	{"lookalike", "a host that can look like another one", []string{"can look like another host"}},
	{"unknown-service", "a service of AWS that the tables do not have", []string{"unknown AWS service", "has a wildcard in its service"}},
	{"unknown-operation", "an operation that no call takes", []string{"is not a known operation", "an action of IAM that no call", "not the name of an operation", "names no operation"}},
	{"stage", "a stage that is not declared, or not determined", []string{"a stage", "stage ", "the stage", "stages:", "no stage:"}},
	{"function", "a function that no section is for", []string{"no section", "function's name", "a function named", "of other functions"}},
	{"account", "an account that is not one, or not known", []string{"account"}},
	{"duplicate-id", "an id that two rules have", []string{"is used on line"}},
	{"notify", "a target of notify: that receives nothing, or is not one", []string{"sent there", "notify", "sns:", "slack:", "webhook", "eventbridge:", "channel:", "verdicts:", "secret:"}},
	{"method", "a method that is not one of HTTP", []string{"HTTP method", "methods are compared"}},
	{"empty", "a key or an entry without a value", []string{"is empty", "no entries", "an empty list", "holds nothing to match", "an empty resource", "has no subject", "has no host", "no destination"}},
	{"structure", "a key or a value in the wrong place or shape", []string{"not a list", "is a list", "not a mapping", "a rule is a mapping", "not text", "two subjects", "two destinations", "in a rule with", "in an entry with", "in a whitelist", "stands where", "stands beside", "share a line"}},

	// A fault that no phrase finds gets one of these two by its severity.
	{invalidRule, "a value that is not valid", []string{"the entry counts as what it probably means"}},
	{doubtfulRule, "a value that is valid, and probably not what was meant", nil},
}

const (
	invalidRule  = "invalid"
	doubtfulRule = "doubtful"
)

// inQuotes is what a problem quotes of the policy, which says nothing of the kind of fault.
var inQuotes = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// ruleOf returns the id of a fault's kind.
func ruleOf(f *fault) string {
	// A value that says "feed" must not make a fault one of feeds.
	problem := inQuotes.ReplaceAllString(f.Problem, `""`)
	for i := range faultRules {
		if slices.ContainsFunc(faultRules[i].phrases, func(p string) bool { return strings.Contains(problem, p) }) {
			return faultRules[i].id
		}
	}
	// An error is certain. A warning says that something is probably wrong.
	if f.Severity == "error" {
		return invalidRule
	}
	return doubtfulRule
}
