package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file proposes an entry that would allow a call, and judges it again before it is shown.

// Cure completes a decision on a call that breaks the policy, for people: Against lists everything
// that forbids the call, and Allow is judged again. Added to the whitelist of the file that Policy
// names, it loads, allows this call, and allows no other; otherwise Allow is "". Reason then names
// every rule that forbids the call, with its file and owner.
//
// It takes much longer than Decide, because it compiles the whitelist again: call it once for each
// violation that is reported. c must be the call that d is about. In paths, an id stands for any.
func (p *Policy) Cure(c Call, d Decision) Decision {
	if d.Allowed() || len(p.parts()) == 0 {
		return d
	}
	// The decision's own finding goes to the front, so that texts begin with it. slices.Insert is
	// 5 KB more.
	d.Against = p.against(&c)
	decided := func(r Reason) bool { return r.List == d.List && r.Rule == d.Rule && r.Policy == d.Policy }
	if i := slices.IndexFunc(d.Against, decided); i > 0 {
		first := d.Against[i]
		copy(d.Against[1:], d.Against[:i])
		d.Against[0] = first
	}
	// The reason of each other finding is appended, since one entry may have to undo all.
	d.Allow = p.cure(&c, d.Against)
	d.Reason += others(d.Against)
	return d
}

// others names what forbids a call beside the first thing.
func others(against []Reason) string {
	var b strings.Builder
	for i, r := range against {
		if i > 0 {
			b.WriteString("; also forbidden by " + r.from() + ": " + r.Reason)
		}
	}
	return b.String()
}

// from says where a reason comes from: "policy.yaml:14 (rule no-reads, owner payments)".
func (r *Reason) from() string {
	// A rule has its place, a built-in one its name. Misses have no rule.
	place := r.Policy.File
	var more []string
	switch {
	case r.Rule == nil:
	case r.Rule.File == "":
		more = append(more, "built-in rule "+r.Rule.ID)
	default:
		place = fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line)
		// An id that is the place itself says nothing new.
		if r.Rule.ID != place && r.List != Whitelist {
			more = append(more, "rule "+r.Rule.ID)
		}
	}
	if r.List == Whitelist {
		place = "the whitelist of " + r.Policy.File
	}
	if r.Policy.Owner != "" {
		more = append(more, "owner "+r.Policy.Owner)
	}
	if more == nil {
		return place
	}
	return place + " (" + strings.Join(more, ", ") + ")"
}

// maxEntries is the length beyond which entries are not judged again: nobody would read them, and
// alerts have no room for them.
const maxEntries = 4 << 10

// cure returns the entries that allow a call: everything against it must be undone by entries for
// one file. Otherwise it returns "".
func (p *Policy) cure(c *Call, against []Reason) string {
	var entries []string
	// Entries go into one file. A call that two files forbid needs two people.
	for _, r := range against {
		if r.allow == "" || r.Policy != against[0].Policy {
			return ""
		}
		// It opens the whole of the runtime API, so that other entries are not needed.
		if r.allow == runtimeEntry {
			entries = []string{runtimeEntry} // for the whole of that API, as nobody needs a part of it
			break
		}
		if !slices.Contains(entries, r.allow) {
			entries = append(entries, r.allow)
		}
	}
	text := strings.Join(entries, "\n")
	if len(text) > maxEntries {
		return ""
	}
	// The entry should allow the next call of its kind, too: /customers/*.
	text = foldids.Paths(text) // alike to an alert are paths that differ in ids alone
	// The file's own part judges, because others have been found not to forbid the call.
	for _, q := range p.parts() {
		if len(against) > 0 && &q.set.info == against[0].Policy && q.isCuredBy(text, c) {
			return text
		}
	}
	return ""
}

// isCuredBy reports whether entries, added to the whitelist of the file, load, allow the call and
// no other.
func (p *Policy) isCuredBy(entries string, c *Call) bool {
	if !p.set.whitelist || entries == "" {
		return false // a whitelist where there is none would forbid everything else
	}
	// As if a person had added the entry: through the parser and all of its checks.
	added, ok := p.rulesOf(entries)
	if !ok {
		return false
	}
	var rules []rule.Rule
	for i := range p.rules {
		if p.rules[i].Vouches() { // what the blacklist forbids has been found before
			rules = append(rules, p.rules[i])
		}
	}
	q, err := newPolicy(p.set, append(rules, added...))
	if err != nil {
		return false
	}
	// Judged like the call itself: by its name that counts, and by both of its forms.
	call := p.decidedBy(c)
	if call.Via == ViaWire && call.HTTP != nil {
		operation := call
		operation.HTTP = nil
		var d Decision
		if q.decide(&operation, &d, nil); !d.Allowed() {
			return false
		}
	}
	var d Decision
	q.decide(&call, &d, nil)
	return d.Allowed()
}

// rulesOf returns the rules of entries for a whitelist. ok is false if they do not load, or are
// wider than a call is.
func (p *Policy) rulesOf(entries string) (rules []rule.Rule, ok bool) {
	// A file with the entry alone, at the place where it would stand.
	const list = "version: 1\nwhitelist:\n  "
	f, err := ParseFile(p.set.info.File, []byte(list+strings.ReplaceAll(entries, "\n", "\n  ")+"\n"))
	if err != nil {
		return nil, false
	}
	c, err := f.compiler(p.set.env)
	if err != nil {
		return nil, false
	}
	_, all := c.compile()
	if len(c.Errors) > 0 || len(all) == 0 {
		return nil, false
	}
	// The runtime entry is the one that may be wide.
	for i := range all {
		if entries != runtimeEntry && !isNarrow(all[i].Rule) {
			return nil, false
		}
	}
	return rulesOf(all), true
}

// isNarrow reports whether a rule is one for a single call: it has no wildcard, but for ids in a
// path, and leaves nothing out that a call has. In a resource, a * is for a part that no call shows
// (stack/prod/*), for what the operation makes (task/*) or, at its end, for all that begins so.
// internal/awsrules proposes none in place of what a call names, as of a workgroup's name.
func isNarrow(r *rule.Rule) bool {
	if r.Any || len(r.Subject) == 0 {
		return false
	}
	for _, p := range r.Subject {
		// By kind: what must be there for the entry to be about one call.
		switch p := p.(type) {
		case *pattern.HTTP:
			if strings.Contains(p.Host, "*") || p.Scheme == "" || len(r.Methods) != 1 || !narrowPath(p.Path, r.Methods[0]) {
				return false
			}
		case *pattern.AWS:
			if strings.ContainsAny(p.Service+p.Operation, "*?") {
				return false
			}
		case *pattern.Net:
			if strings.Contains(p.Host, "*") || p.Prefix.IsValid() && !p.Prefix.IsSingleIP() {
				return false
			}
		// ip: is not proposed.
		default:
			return false
		}
	}
	// A "?" has no use in a proposed resource.
	for _, resource := range r.Resources {
		if resource == "*" || strings.Contains(resource, "?") {
			return false
		}
	}
	return true
}

// narrowPath reports whether the path of an entry has the form of one call's path. A tunnel has
// none.
func narrowPath(path, method string) bool {
	return path == "" && method == "CONNECT" || path != "" && path == foldids.String(foldids.URL, path) && !strings.Contains(path, "**")
}
