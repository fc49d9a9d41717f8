package awsrules

import (
	"slices"
	"sort"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/pattern"
)

// This file finds the rules that may concern a resource without trying all of them.

// An awsIndex finds the rules of one list that concern a touch, whatever their number: by the
// resource's name where a rule gives it in full, else by the beginning that the rule gives.
type index struct {
	entries []*entry            // in the order of their rules
	open    []*entry            // whose rules name no resource
	exact   map[string][]*entry // by the whole of what follows the fifth colon
	lengths []int               // of the keys of begins
	begins  map[string][]*entry // by what the pattern begins with
}

// An awsEntry is one resource of a rule, as far as one operation is concerned.
type entry struct {
	rule    *compiled
	pattern *arnPattern // nil: any resource, and none
	actions awscall.ActionSet
}

// add adds a rule, as far as an operation of a service is concerned.
func (ix *index) add(r *compiled, actions awscall.ActionSet, service string) {
	// A rule without resources needs one entry, which open has.
	if r.resources == nil {
		ix.entries = append(ix.entries, &entry{r, nil, actions})
	}
	for i := range r.resources {
		p := &r.resources[i]
		ix.entries = append(ix.entries, &entry{r, p, actions})
		if name := awscall.CutSuffix(p.resource.String()); name != "" {
			// The ARN of a secret, and the call gives the name.
			q := *p
			q.resource, q.exact = pattern.NewGlob(name), true
			ix.entries = append(ix.entries, &entry{r, &q, actions})
		}
		// Roles have paths in ARNs, and none in calls: "role/team/admin" is "role/admin" there.
		if name := withoutPath(p.resource.String()); r.mode == pattern.Wide && service == "iam" && name != "" {
			q := *p
			q.resource = pattern.NewGlob(name)
			ix.entries = append(ix.entries, &entry{r, &q, actions})
		}
		if r.mode == pattern.Wide && !p.whole && !p.resource.Open() {
			// A blacklisted bucket, table or function covers what is inside it.
			for _, inside := range []string{"/*", ":*"} {
				q := *p
				q.resource = pattern.NewGlob(p.resource.String() + inside)
				ix.entries = append(ix.entries, &entry{r, &q, actions})
			}
		}
	}
}

// withoutPath returns what a call gives of a role, a user, a group or an instance profile that has
// a path, "role/admin" for "role/team/admin"; "" for anything else. IAM's operations name them so,
// and of one name there is one.
func withoutPath(resource string) string {
	kind, rest, _ := strings.Cut(resource, "/")
	i := strings.LastIndexByte(rest, '/')
	if i < 0 || strings.ContainsAny(rest[i:], "*?") || !slices.Contains([]string{"role", "user", "group", "instance-profile"}, kind) {
		return ""
	}
	return kind + rest[i:]
}

// build makes the maps. It is called once, after the last add.
func (ix *index) build() {
	// Entries of one rule stay in their order. slices.SortStableFunc is 4 KB more.
	sort.SliceStable(ix.entries, func(i, j int) bool { return ix.entries[i].rule.Number < ix.entries[j].rule.Number })
	ix.exact, ix.begins = map[string][]*entry{}, map[string][]*entry{}
	for _, e := range ix.entries {
		if e.pattern == nil {
			ix.open = append(ix.open, e)
			continue
		}
		begin := e.pattern.resource.Begin // "" for a whole ARN
		// A pattern without a wildcard is found by one look-up.
		if e.pattern.resource.Rest == "" && !e.pattern.whole {
			ix.exact[begin] = append(ix.exact[begin], e)
			continue
		}
		// Few lengths occur, so that a resource is cut at each of them.
		if ix.begins[begin] == nil && !slices.Contains(ix.lengths, len(begin)) {
			ix.lengths = append(ix.lengths, len(begin))
		}
		ix.begins[begin] = append(ix.begins[begin], e)
	}
	slices.Sort(ix.lengths)
}

// candidates goes over the entries that may concern a touch.
// The order is that of the file only within each kind; stricter and need do not depend on it.
type candidates struct {
	index *index
	list  []*entry  // the next ones
	names [2][]byte // of the resource
	left  int       // how many of them are to be looked up
	tried int       // how many of the index's lengths the first has been cut at; -1: not even the whole
}

// candidates begins with the entries that name no resource.
func (ix *index) candidates(t *awscall.Touch) candidates {
	c := candidates{index: ix, list: ix.open, tried: -1}
	if t.State == awscall.Known {
		if c.names[0], c.left = t.Resource, 1; t.Alias != nil {
			c.names[1], c.left = t.Alias, 2
		}
	}
	return c
}

// next returns the next entry; nil: there is none left.
func (c *candidates) next() *entry {
	for len(c.list) == 0 {
		if !c.more() {
			return nil
		}
	}
	e := c.list[0]
	c.list = c.list[1:]
	return e
}

// more looks the next list up, which may be empty. It reports false if there is none.
func (c *candidates) more() bool {
	name, lengths := c.names[0], c.index.lengths
	switch {
	case c.left == 0:
		return false
	case c.tried < 0:
		c.list = c.index.exact[string(name)]
	// Lengths are sorted: if one is longer than the name, so are all others.
	case c.tried < len(lengths) && lengths[c.tried] <= len(name):
		c.list = c.index.begins[string(name[:lengths[c.tried]])]
	default:
		c.names[0], c.left, c.tried = c.names[1], c.left-1, -1
		return true
	}
	c.tried++
	return true
}
