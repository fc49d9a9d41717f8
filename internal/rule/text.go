package rule

import (
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// Lines returns the rule as the lines of an entry, as it has been compiled: variables are expanded,
// and a feed is a count of what it lists.
//
//	http: https://api.stripe.com/v1/**
//	methods: [GET, POST]
func (r *Rule) Lines() []string {
	var subject []string
	for _, p := range r.Subject {
		subject = append(subject, p.String())
	}
	// A rule of an invalid kind is shown as such. It forbids everything.
	key := "invalid"
	if row := r.Kind.row(); row != nil {
		key = row.key
	}
	// The subject is the first line, and a rule without one has a word in its place.
	lines := []string{key + ": " + list(subject)}
	switch feed := len(r.Hosts) + len(r.Addrs); {
	case r.Any:
		lines[0] = key + ": any"
	case feed > 0:
		lines[0] = "feed: " + strconv.Itoa(feed) + " entries"
	}
	// nil means that the key is not there. An empty list is shown.
	add := func(key string, texts []string) {
		if texts != nil {
			lines = append(lines, key+": "+list(texts))
		}
	}
	// In the order in which docs and proposals have the keys.
	var except []string
	for _, p := range r.Except {
		except = append(except, p.String())
	}
	add("except", except)
	add("methods", r.Methods)
	add("access", r.Access)
	add("resources", r.Resources)
	add("regions", r.Regions)
	add("accounts", r.Accounts)
	add("callers", callerTexts(r))
	return lines
}

// list writes one text plainly and several as a flow sequence.
func list(texts []string) string {
	if len(texts) == 1 {
		return report.YAML(texts[0])
	}
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = report.YAML(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
