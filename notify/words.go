package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A fact is one thing that a person wants to know of an alert.
type fact struct{ name, value string }

// headline says in one line what happened: "Blocked in checkout (prod): sqs:ReceiveMessage on …".
func headline(a Alert) string {
	return fmt.Sprintf("%s in %s: %s", did(a), where(a), a.Call)
}

// headlines says what several alerts have in common.
func headlines(alerts []Alert) string {
	if len(alerts) == 1 {
		return headline(alerts[0])
	}
	blocked := 0
	for _, a := range alerts {
		if a.Verdict == "block" {
			blocked++
		}
	}
	what := "Seen, not blocked"
	switch blocked {
	case 0:
	case len(alerts):
		what = "Blocked"
	default:
		what = fmt.Sprintf("%d blocked, %d seen", blocked, len(alerts)-blocked)
	}
	return fmt.Sprintf("%s in %s: %s different calls", what, where(alerts[0]), number(len(alerts)))
}

func did(a Alert) string {
	s := "Seen, not blocked,"
	if a.Verdict == "block" {
		s = "Blocked"
	}
	if a.IsSum() {
		return fmt.Sprintf("%s %s more", strings.TrimSuffix(s, ","), times(a.Count))
	}
	return s
}

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

// facts are what both Slack and e-mail tell of an alert, in the order in which a person asks.
func facts(a Alert) []fact {
	var f []fact
	add := func(name, value string) {
		if value != "" {
			f = append(f, fact{name, value})
		}
	}
	add("Tried", a.Call.String())
	for _, r := range rest(a.Call.Resources) {
		add("and on", r)
	}
	if a.Call.Access != "" {
		add("Access", a.Call.Access)
	}
	switch a.Verdict {
	case "block":
		add("Verdict", "blocked: the call was refused")
	default:
		add("Verdict", "alert: the call went out")
	}
	add("Why", a.Reason)
	add("Rule", rule(a))
	add("Called by", a.Caller)
	add("Request", a.RequestID)
	add("How often", often(a))
	add("When", a.Time.Format(time.RFC3339))
	return f
}

func rest(resources []string) []string {
	if len(resources) < 2 {
		return nil
	}
	return resources[1:]
}

func rule(a Alert) string {
	switch {
	case a.List == "whitelist" && a.Place == "":
		return "not in the whitelist"
	case a.List == "whitelist":
		return "not in the whitelist; nearest: " + a.Place
	}
	s := a.List
	if a.Rule != "" && a.Rule != a.Place {
		s += " " + a.Rule
	}
	if a.Place != "" {
		s += " " + a.Place
	}
	return strings.TrimSpace(s)
}

func often(a Alert) string {
	switch {
	case a.IsSum():
		return times(a.Count) + " more since " + a.Since.Format(time.RFC3339)
	case a.ColdStart:
		return "first time in this container, at its cold start"
	}
	return "first time in this container"
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return number(n) + " times"
}

// number writes n with commas: 99,999.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// howToAllow returns the words before the YAML that would allow the calls, and the YAML; or words only.
func howToAllow(alerts []Alert) (words, yaml string) {
	seen := map[string]bool{}
	var entries []string
	for _, a := range alerts {
		if a.Allow != "" && !seen[a.Allow] {
			seen[a.Allow] = true
			entries = append(entries, strings.TrimRight(a.Allow, "\n"))
		}
	}
	a := alerts[0]
	file, _, _ := strings.Cut(a.Place, ":")
	if file == "" {
		file = "the policy file"
	}
	switch {
	case len(entries) > 0:
		return fmt.Sprintf("If this is right, add to the whitelist of %s in %s:", a.Function, file), strings.Join(entries, "\n")
	case a.List == "blacklist" && a.Place != "":
		return fmt.Sprintf("%s refuses this on purpose. If it is right, narrow that rule by except: there.", a.Place), ""
	}
	return "", ""
}

// foot says where an alert comes from.
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
