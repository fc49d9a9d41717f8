package notify

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// This file words alerts for people: titles, facts, sums.

// A fact is one thing that a person wants to know about an alert.
type fact struct{ name, value string }

// headline returns what happened, in one line: "Blocked in checkout (prod): sqs:ReceiveMessage on
// orders".
func headline(a Alert) string {
	if a.Call.Kind == "policy" {
		return "The policy of " + where(a) + " is broken: every call is refused and every invocation fails"
	}
	if a.Call.Kind == KindMore {
		return number(a.Count) + " more calls in " + where(a) + ", which are not sent one by one"
	}
	return did(a) + where(a) + ": " + a.Call.short()
}

// short is String with the names that resources have within their service.
func (c Call) short() string {
	resources := make([]string, len(c.Resources))
	for i, r := range c.Resources {
		// "arn:aws:sqs:eu-west-1:111122223333:orders" is too long for a title, and "orders" says
		// enough.
		resources[i] = r
		if parts := strings.SplitN(r, ":", 6); len(parts) == 6 && parts[0] == "arn" {
			resources[i] = parts[5]
		}
	}
	c.Resources = resources
	return c.String()
}

// headlines returns what several alerts have in common.
func headlines(alerts []Alert) string {
	if len(alerts) == 1 {
		return headline(alerts[0])
	}
	// One title for both verdicts: whoever reads "blocked" must know that other calls went out.
	blocked := 0
	for _, a := range alerts {
		if a.Verdict == "block" {
			blocked++
		}
	}
	n := number(len(alerts))
	switch blocked {
	case 0:
		return n + " different calls seen, not blocked, in " + where(alerts[0])
	case len(alerts):
		return n + " different calls blocked in " + where(alerts[0])
	}
	return fmt.Sprintf("%s different calls in %s: %s blocked, %s seen", n, where(alerts[0]), number(blocked), number(len(alerts)-blocked))
}

// did returns the verdict in words, up to the function's name.
func did(a Alert) string {
	if a.Verdict == "block" {
		return verb(a) + " in "
	}
	return verb(a) + ", not blocked, in "
}

// verb returns "Blocked" or "Seen", and how many more times if a is a sum.
func verb(a Alert) string {
	again := ""
	if a.IsSum() {
		again = " " + number(a.Count) + " more times"
		if a.Count == 1 {
			again = " once more"
		}
	}
	if a.Verdict == "block" {
		return "Blocked" + again
	}
	return "Seen" + again
}

// where returns the function and its stage.
func where(a Alert) string {
	name := a.Function
	if name == "" {
		name = "a function without a name"
	}
	if a.Stage != "" {
		name += " (" + a.Stage + ")"
	}
	return name
}

// facts returns what Slack and e-mail show of an alert, in the order in which a person asks.
func facts(a Alert) []fact {
	var f factList
	if a.Call.Kind != "policy" && a.Call.Kind != KindMore {
		f.add("Tried", a.Call.String())
	}
	for i, r := range rest(a.Call.Resources) {
		if i == maxAndOn {
			f.add("and on", number(len(a.Call.Resources)-1-i)+" more: the log has them")
			break
		}
		f.add("and on", r)
	}
	if a.Call.Access != "" {
		f.add("Access", a.Call.Access)
	}
	switch {
	// Neither is one call, so the sentence about one would be wrong.
	case a.Call.Kind == "policy", a.Call.Kind == KindMore:
	case a.Verdict == "block":
		f.add("Verdict", "blocked: the call was refused")
	default:
		f.add("Verdict", "alert: the call went out")
	}
	f.add("Why", a.Reason)
	switch a.Call.Kind {
	case KindMore:
	case "policy":
		f.add("Where", a.Place)
	default:
		f.add("Rule", rule(a))
	}
	f.add("Called by", a.Caller)
	f.add("Request", a.RequestID)
	f.add("How often", often(a))
	f.add("When", a.Time.Format(time.RFC3339))
	return f
}

// A factList is what facts has so far.
type factList []fact

// add adds a fact that has a value. Inlined, it takes 2 KB more.
//
//go:noinline
func (l *factList) add(name, value string) {
	if value != "" {
		*l = append(*l, fact{name, value})
	}
}

// maxAndOn is how many resources are shown besides the first.
const maxAndOn = 3

// rest returns all resources but the first, which "Tried" shows.
func rest(resources []string) []string {
	if len(resources) < 2 {
		return nil
	}
	return resources[1:]
}

// rule returns what forbids the call. A call that is missing in the whitelist has no rule, so the
// nearest entry stands there.
func rule(a Alert) string {
	switch {
	case a.List == "whitelist" && a.Place == "":
		return "not in the whitelist"
	case a.List == "whitelist":
		return "not in the whitelist; nearest: " + a.Place
	}
	s := a.List
	// A rule without an id is named by its place already.
	if a.Rule != "" && a.Rule != a.Place {
		s += " " + a.Rule
	}
	if a.Place != "" {
		s += " " + a.Place
	}
	return strings.TrimSpace(s)
}

// often says how many calls the alert stands for, and since when.
func often(a Alert) string {
	switch {
	case a.IsSum() && a.Count == 1:
		return "once more since " + a.Since.Format(time.RFC3339)
	case a.IsSum():
		return number(a.Count) + " more times since " + a.Since.Format(time.RFC3339) + different(a)
	case a.ColdStart:
		return "first time in this container, in its first invocation"
	}
	return "first time in this container"
}

// different says how many different calls a sum counts.
func different(a Alert) string {
	switch {
	case a.Distinct < 2:
		return ""
	case a.Distinct > 64:
		return ", over 64 different ones"
	}
	return ", " + number(a.Distinct) + " different ones"
}

// number writes n with commas: 99,999.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// howToAllow returns the YAML that would allow the calls, with an introduction, or only words if
// there is none.
func howToAllow(alerts []Alert) (words, yaml string) {
	seen := map[string]bool{}
	var entries []string
	for _, a := range alerts {
		// Calls that differ in ids alone have the same entry.
		if a.Allow != "" && !seen[a.Allow] {
			seen[a.Allow] = true
			entries = append(entries, strings.TrimRight(a.Allow, "\n"))
		}
	}
	a := alerts[0]
	file := cmp.Or(a.policyFile(), "the policy file")
	switch {
	case len(entries) > 0:
		return fmt.Sprintf("If this is right, add to the whitelist of %s in %s:", a.Function, file), strings.Join(entries, "\n")
	// An entry in the whitelist would not help: the blacklist is stronger.
	case a.List == "blacklist" && a.Place != "":
		return fmt.Sprintf("%s refuses this on purpose. If it is right, narrow that rule by except: there.", a.Place), ""
	}
	return "", ""
}

// policyFile returns the name of the policy's file, or "" if the alert does not have it.
func (a Alert) policyFile() string {
	file, _, _ := strings.Cut(a.Place, ":")
	return file
}

// foot returns where an alert comes from.
func foot(a Alert) string {
	var parts []string
	for _, f := range []fact{
		{"", "Outguard"}, {"policy ", a.Policy[:min(len(a.Policy), 12)]}, {"owner ", a.Owner}, {"version ", a.Version}, {"", a.Region},
		{"account ", a.Account}, {"trace ", a.TraceID},
	} {
		if f.value != "" {
			parts = append(parts, f.name+f.value)
		}
	}
	return strings.Join(parts, " · ")
}
