package learn

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
)

// A rule is a rule of the whitelist that is learned.
type rule struct {
	entry
	evidence
}

// A ruleset collects entries and joins those of one host, or of one service, into few rules.
type ruleset struct {
	groups   map[groupKey]map[pair]*evidence
	byAccess bool // see Log
}

// A groupKey is what the entries of a rule have in common.
type groupKey struct {
	kind     string // "http", "aws" or "net"
	of       string // the origin, the service, or the host
	regions  string
	accounts string
	access   string // of ByAccess
	unlisted bool
}

// add adds the entries of a call.
// All entries of one call count with its whole evidence.
func (s *ruleset) add(entries []entry, of *evidence) {
	for _, e := range entries {
		// Lists are joined by zero bytes, because a map's key cannot hold a slice.
		k := groupKey{regions: strings.Join(e.Regions, "\x00"), accounts: strings.Join(e.Accounts, "\x00"), unlisted: e.Unlisted}
		for _, v := range e.HTTP {
			// Paths of one origin are joined into few rules. Other hosts get rules of their own.
			k.kind, k.of = "http", origin(v)
			s.pairs(k, v, e.Methods, of)
		}
		// An entry has either http:, aws: or net:.
		for _, v := range e.AWS {
			k.kind = "aws"
			service, operation, _ := strings.Cut(v, ":")
			k.of, k.access = service, ""
			// Access needs resources: read access to a whole service would be too wide.
			if s.byAccess && !e.Unlisted && len(e.Resources) > 0 {
				// The rule then names all operations of the service, and access: says which of them
				// it allows.
				if k.access = accessOf(service, operation); k.access != "" {
					v = service + ":*"
				}
			}
			s.pairs(k, v, e.Resources, of)
		}
		for _, v := range e.Net {
			k.kind, k.of, k.access = "net", host(v), ""
			s.pairs(k, v, nil, of)
		}
	}
}

// pairs adds each combination of the subject with a condition. Without conditions, "" stands for
// them.
func (s *ruleset) pairs(k groupKey, subject string, conditions []string, of *evidence) {
	if s.groups == nil {
		s.groups = map[groupKey]map[pair]*evidence{}
	}
	if s.groups[k] == nil {
		s.groups[k] = map[pair]*evidence{}
	}
	if len(conditions) == 0 {
		conditions = []string{""} // none
	}
	for _, c := range conditions {
		// Calls that differ in ids alone fall on one pair, and their evidence adds up.
		p := pair{subject, c}
		if s.groups[k][p] == nil {
			s.groups[k][p] = &evidence{}
		}
		s.groups[k][p].merge(of)
	}
}

// accessOf returns the word of access: for an operation; "" if the tables do not have it.
func accessOf(service, operation string) string {
	prefix, _ := awsops.Service(service)
	level, guessed := awsops.LevelOf(prefix, strings.ToLower(operation))
	switch {
	// A guess about a new operation must not widen a rule.
	case guessed:
		return ""
	case level == awsops.List, level == awsops.Read:
		return "read"
	case level == awsops.Write:
		return "write"
	case level == awsops.Tagging:
		return "tagging"
	case level == awsops.Permissions:
		return "permissions"
	}
	return ""
}

// rules returns the rules, in the order of kind, origin and subject.
func (s *ruleset) rules() (all []rule) {
	for _, k := range slices.SortedFunc(maps.Keys(s.groups), compareKeys) {
		pairs := widest(k.kind, s.groups[k])
		for _, p := range group(pairs) {
			r := rule{evidence: p.evidenceOf(pairs)}
			r.Unlisted = k.unlisted
			if k.regions != "" {
				r.Regions = strings.Split(k.regions, "\x00")
			}
			if k.accounts != "" {
				r.Accounts = strings.Split(k.accounts, "\x00")
			}
			// One empty condition is alone in its product: groups without conditions hold nothing
			// else.
			conditions := p.conditions
			if conditions[0] == "" {
				conditions = nil
			}
			switch k.kind {
			case "http":
				r.HTTP, r.Methods = p.subjects, conditions
			case "aws":
				r.AWS, r.Resources = p.subjects, conditions
				if k.access != "" {
					r.Access = texts{k.access}
				}
			case "net":
				r.Net = p.subjects
			}
			all = append(all, r)
		}
	}
	return all
}

// widest leaves out pairs that others cover, and adds their evidence to those: an operation that is
// allowed on any resource, and resources that another glob covers.
func widest(kind string, pairs map[pair]*evidence) map[pair]*evidence {
	// Only AWS resources are globs of each other. Methods and ports are compared by text.
	if kind != "aws" {
		return pairs
	}
	// Short conditions first: a glob is shorter than most texts that it covers.
	sorted := slices.SortedFunc(maps.Keys(pairs), func(p, q pair) int {
		return cmp.Or(cmp.Compare(p.subject, q.subject), cmp.Compare(len(p.condition), len(q.condition)), cmp.Compare(p.condition, q.condition))
	})
	kept := map[pair]*evidence{}
	var wide []pair // of one subject
	for _, p := range sorted {
		// Globs of another operation do not count.
		if len(wide) > 0 && wide[0].subject != p.subject {
			wide = wide[:0]
		}
		i := slices.IndexFunc(wide, func(q pair) bool { return q.condition == "" || pattern.GlobCovers(q.condition, p.condition) })
		if i >= 0 {
			kept[wide[i]].merge(pairs[p])
			continue
		}
		// A copy: merge must not change the evidence of the calls.
		kept[p] = &evidence{}
		kept[p].merge(pairs[p])
		if p.condition == "" || strings.ContainsAny(p.condition, "*?") {
			wide = append(wide, p)
		}
	}
	return kept
}

// compareKeys orders http before aws before net, which is how people read a policy.
func compareKeys(a, b groupKey) int {
	order := func(k groupKey) string {
		// The zero bytes separate the parts of the key.
		rank := strings.IndexByte("han", k.kind[0]) // http, aws, net
		text := string(rune('0'+rank)) + "\x00" + k.of + "\x00" + k.regions + "\x00" + k.accounts
		if k.unlisted {
			text += "\x00unlisted"
		}
		text += "\x00" + k.access
		return text
	}
	return strings.Compare(order(a), order(b))
}

// origin returns scheme, host and port of a URL.
func origin(url string) string {
	// Queries are not in entries, so that a slash ends the origin.
	if i := strings.Index(url, "://"); i >= 0 {
		if j := strings.IndexByte(url[i+3:], '/'); j >= 0 {
			return url[:i+3+j]
		}
		return url
	}
	// An entry without a scheme is short for https://.
	before, _, _ := strings.Cut(url, "/")
	return before
}

// host returns the host of host:port.
func host(s string) string {
	// [::1]:443 has colons in brackets, too.
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		return s[:i]
	}
	return s
}
