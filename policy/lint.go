package policy

import (
	"fmt"
	"slices"
	"strings"
)

// built is a rule beside the draft that it was made of.
type built struct {
	rule
	draft   *draft
	section *section
}

// How many pairs of subjects lint compares, at 20 ns each: a function must not start slowly because of it. For a whole file
// there is more time.
const (
	maxPairs     = 1 << 16
	maxPairsFile = 1 << 26
)

// lint warns of rules that can never matter, and of those that are wider than they look.
func (c *compiler) lint(rules []built) {
	size := 0
	for i := range rules {
		r := &rules[i]
		size += len(r.draft.subject) + len(r.draft.except)
		if r.mode == narrow {
			c.lintWhitelisted(r)
		}
		if r.kind == kindIP && r.draft.key == "ip" {
			for k, s := range r.subject {
				if p, ok := s.(*ipPattern); ok && p.doubt != "" {
					c.warn(r.draft.subject[k].place, p.doubt, "write what is meant")
				}
			}
		}
	}
	c.lintIDs(rules)
	limit := maxPairs
	if c.checking {
		limit = maxPairsFile
	}
	if size*size > limit {
		return
	}
	for i := range rules {
		if rules[i].draft.key == "feed" {
			continue
		}
		for k := range rules[i].draft.subject {
			c.lintSubject(rules, i, k)
		}
	}
}

// maxSameID is with how many earlier rules of the same id a rule is compared.
const maxSameID = 100

// lintIDs warns of ids that two rules of one function share.
func (c *compiler) lintIDs(rules []built) {
	ids := make(map[string][]*built)
	for i := range rules {
		r := &rules[i]
		id := r.draft.id
		if id.value == "" {
			continue
		}
		for _, before := range ids[r.origin.ID] {
			if before.draft != r.draft && (!c.checking || before.section.includes(r.section) || r.section.includes(before.section)) {
				c.warn(id.place, fmt.Sprintf("id %q is used on line %d too", short(r.origin.ID), before.origin.Line), "give each rule an id of its own")
				break
			}
		}
		if same := ids[r.origin.ID]; len(same) < maxSameID {
			ids[r.origin.ID] = append(same, r)
		}
	}
}

// lintSubject warns when another rule leaves the k-th subject of a rule without effect.
func (c *compiler) lintSubject(rules []built, i, k int) {
	r := &rules[i]
	t := r.draft.subject[k]
	for j := range rules {
		other := &rules[j]
		if other.draft == r.draft || !other.coversSubject(r, k) || !other.conditionsCover(&r.rule) || !other.outlives(r) {
			continue
		}
		switch {
		case r.mode == narrow && other.mode == wide:
			c.warn(t.place, fmt.Sprintf("%q can never be allowed: the blacklist on line %d holds all of it", short(t.value), other.origin.Line),
				"delete the entry, or narrow the blacklist with except:")
			return
		case r.mode != other.mode || !r.draft.onViolation.same(other.draft.onViolation):
		case j > i && r.coversAny(other) && r.conditionsCover(&other.rule) && r.outlives(other):
			// The two are equal, and the later one is told.
		default:
			c.warn(t.place, fmt.Sprintf("%q has no effect: the rule on line %d covers it", short(t.value), other.origin.Line), "delete one of them")
			return
		}
	}
}

// outlives reports whether b holds for every function, in every stage and on every day for which r holds.
func (b *built) outlives(r *built) bool {
	stages := func(d *draft) (s []string) {
		for _, t := range d.stages {
			s = append(s, t.value)
		}
		return s
	}
	return b.section.includes(r.section) &&
		(b.draft.stages == nil || r.draft.stages != nil && subset(stages(r.draft), stages(b.draft))) &&
		(b.draft.until.value == "" || b.draft.until.value == r.draft.until.value)
}

// includes reports whether s applies to every function that t applies to.
func (s *section) includes(t *section) bool {
	return s == t || s.name.value == "" || t.name.value != "" && globCovers(s.name.value, t.name.value)
}

// same reports whether two on_violation say the same.
func (a *action) same(b *action) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.word.value == b.word.value &&
		slices.EqualFunc(a.byStage, b.byStage, func(x, y stageWord) bool { return x.key.value == y.key.value && x.word.value == y.word.value })
}

// coversAny reports whether b covers a subject of r.
func (b *built) coversAny(r *built) bool {
	for k := range r.draft.subject {
		if b.coversSubject(r, k) {
			return true
		}
	}
	return false
}

// coversSubject reports whether a subject of b takes all that the k-th subject of r takes.
func (b *built) coversSubject(r *built, k int) bool {
	if b.any || r.any {
		return b.any && b.kind == r.kind
	}
	return anyCovers(b.subject, r.subject[k])
}

// lintWhitelisted warns of entries of a whitelist that cannot do what they look like.
func (c *compiler) lintWhitelisted(r *built) {
	for i, s := range r.subject {
		p, ok := s.(*httpPattern)
		if !ok {
			continue
		}
		at := r.draft.subject[i].place
		if service := signedOnly(p.host); service != "" {
			c.warn(at, fmt.Sprintf("%s answers signed calls only, and those are judged by aws: rules", p.host), "write aws: "+service+":… for what is called there")
		}
		if under, ok := strings.CutPrefix(p.host, "*."); ok && shared(under) {
			c.warn(at, fmt.Sprintf("anybody can have a host under %s", under), "name the hosts that are yours, or write aws: rules")
		}
	}
	for i, t := range r.draft.subject {
		if host := r.hostOf(i); strings.Contains(host, "xn--") && !isASCIIText(t.value) {
			c.warn(t.place, fmt.Sprintf("%q is %s, which can look like another host and not be it", short(t.value), host), "write "+host)
		}
	}
	subject := awsPatterns(r.subject)
	for i, text := range r.resources {
		if p := doubtfulResource(subject, text); p != nil {
			c.warn(r.draft.resources[i].place, p.what, p.fix)
		}
	}
	for i, m := range r.methods {
		if up := strings.ToUpper(m); up != m && slices.Contains(usualMethods, up) {
			c.warn(r.draft.methods[i].place, fmt.Sprintf("methods are compared exactly, and %q is not %s", m, up), "write "+up)
		}
	}
	for i, s := range r.subject {
		if p, ok := s.(*ipPattern); ok && p.ranges[0].Bits() == 0 {
			c.warn(r.draft.subject[i].place, fmt.Sprintf("%s allows every address", p), "name the networks that are meant")
		}
	}
}

// hostOf returns the host that the k-th subject names, "" for none.
func (b *built) hostOf(k int) string {
	if b.any {
		return ""
	}
	switch p := b.subject[k].(type) {
	case *httpPattern:
		return p.host
	case *netPattern:
		return p.host
	}
	return ""
}

var usualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// lintStages warns of stages that are none of the file's and look like one of them: those of accounts and stage:, and, for a
// rule, those that some on_violation: lists. Other names may come from outside, for tests.
func (c *compiler) lintStages(sections []*section) {
	var known []string
	add := func(names []string, t text) []string {
		if t.value == "" || strings.Contains(t.value, "${") || slices.Contains(names, t.value) {
			return names
		}
		return append(names, t.value)
	}
	known = add(known, c.file.tree.stage)
	for _, a := range c.file.tree.accounts {
		known = add(known, a.word)
	}
	listed := slices.Clone(known)
	for _, s := range c.file.tree.sections() {
		if s.onViolation != nil {
			for _, w := range s.onViolation.byStage {
				listed = add(listed, w.key)
			}
		}
	}
	check := func(t text, names []string) {
		if near := nearest(t.value, names); near != "" && !slices.Contains(names, t.value) {
			c.warn(t.place, fmt.Sprintf("stage %q is none of the file's", short(t.value)), fmt.Sprintf("did you mean %q?", near))
		}
	}
	for _, s := range sections {
		s.eachStage(func(t text) { check(t, known) })
		for e := range s.drafts {
			for _, t := range e.stages {
				check(t, listed)
			}
		}
	}
}
