package learn

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/notify"
)

// This file sums up the lines about next policies, which a policy names under next:.

const (
	nextMoreSchema = "outguard.nextmore/v1"
	startSchema    = "outguard.start/v1"
)

// A Trial is what a log says of next policies. Of each next policy, the version that ran last
// counts. It is not for concurrent use. Its size grows with the number of distinct calls, not of
// lines.
// The key of calls has the outcomes, so that one call under two policies is counted twice.
type Trial struct {
	Options
	Broken  int            // lines whose fields have other types than they should
	Left    int            // lines of other functions or stages
	Missing int            // calls that the log counts and does not name
	Newer   map[string]int // lines of a newer Outguard, by schema

	calls  map[tried]*triedCall
	latest map[nextPlace]version
}

// A nextPlace is a function with a next policy.
type nextPlace struct {
	place
	file string
}

// A version is one text of a next policy.
type version struct {
	sha256 string
	last   time.Time // seen
}

// tried is what makes two calls of a trial the same.
type tried struct {
	nextPlace
	sha256   string
	form     string
	old, new outcome
}

// An outcome is what a policy makes of a call.
type outcome struct{ verdict, list, rule, place string }

// A Difference is what a next policy makes of calls that differ in ids alone.
type Difference struct {
	Function, Stage string
	File, SHA256    string // of the next policy
	Form            string // the call with ids as *
	Call            string // the first of them, as outguard check takes it
	Old, New        Outcome
	Allow           string // the entry that would allow the call in the next policy, "" for none
	Count           int    // of calls, at least
	Distinct        int    // different ones; 65 stands for more
	Last            time.Time
	Evidence        string // "at least 1,204 calls, last 2026-11-20, 3 callers"
}

// An Outcome is what a policy makes of a call.
type Outcome struct {
	Verdict string
	List    string
	Rule    string // its id, else its place
	Place   string // "policy.yaml:6"; the file alone without a rule
	Reason  string // "" for an allowed call
}

// severity orders verdicts, the strictest first.
var severity = map[string]int{"block": 0, "alert": 1, "log": 2, "allow": 3}

// Widens reports whether the next policy is milder.
func (d *Difference) Widens() bool { return severity[d.New.Verdict] > severity[d.Old.Verdict] }

// A nextLine is a line about a next policy.
// Its names are those of the log's JSON, which package json compares without case.
type nextLine struct {
	notify.Alert
	Form string
	Next struct{ File, SHA256, Verdict, List, Rule, Place, Reason, Allow string }
}

// Add adds a line of the given schema. text may change afterwards.
func (t *Trial) Add(schema string, text []byte) {
	switch schema {
	case nextSchema:
		t.line(text)
	case startSchema:
		t.start(text)
	case nextMoreSchema:
		var line struct{ Count int }
		if json.Unmarshal(text, &line) == nil {
			t.Missing += line.Count
		}
	default:
		// For example outguard.next/v2.
		if strings.HasPrefix(schema, "outguard.next/") {
			if t.Newer == nil {
				t.Newer = map[string]int{}
			}
			t.Newer[schema]++
		}
	}
}

// line adds a line about a call that a next policy judges otherwise.
func (t *Trial) line(text []byte) {
	var l nextLine
	err := json.Unmarshal(text, &l)
	_, known := severity[l.Verdict]
	// Both verdicts must be known: an unknown one could neither be compared nor shown.
	if _, ok := severity[l.Next.Verdict]; err != nil || !ok || !known || !isName(l.Function) || l.Next.File == "" {
		t.Broken++
		return
	}
	at := nextPlace{place{l.Function, l.Stage, l.Region, l.Account}, l.Next.File}
	if !t.selects(&at.place) {
		t.Left++
		return
	}
	t.saw(at, l.Next.SHA256, l.Time)
	key := tried{
		at, l.Next.SHA256, l.Form,
		outcome{l.Verdict, l.List, l.Rule, l.Place}, outcome{l.Next.Verdict, l.Next.List, l.Next.Rule, l.Next.Place},
	}
	// The sample shows one call of many. The least one is kept, so that the order does not matter.
	sample := triedCall{call: l.Call, reason: l.Reason, nextReason: l.Next.Reason, allow: l.Next.Allow}
	sample.atLeast = true // the last counts of a container are lost
	c := t.calls[key]
	switch {
	case c == nil:
		if t.calls == nil {
			t.calls = map[tried]*triedCall{}
		}
		c = &sample
		t.calls[key] = c
	case sample.order(c) < 0:
		// The evidence is of all calls, and only the shown one changes.
		sample.evidence = c.evidence
		*c = sample
	}
	c.add(&l.Alert)
}

// A triedCall is all calls of a trial that differ in ids alone.
type triedCall struct {
	evidence
	call                      notify.Call // the least of them, so that the order of lines does not matter
	reason, nextReason, allow string
}

// order compares samples by their texts; it is negative if c comes first.
func (c *triedCall) order(d *triedCall) int {
	return cmp.Or(cmp.Compare(checkable(&c.call), checkable(&d.call)), cmp.Compare(c.reason, d.reason), cmp.Compare(c.nextReason, d.nextReason))
}

// start notes which version of a next policy a function runs.
func (t *Trial) start(text []byte) {
	var l struct {
		Timestamp                        time.Time
		Function, Stage, Region, Account string
		Policies                         []struct {
			Next *struct{ File, SHA256 string }
		}
	}
	// The report does without a broken start line: next lines have the version, too.
	if json.Unmarshal(text, &l) != nil || !isName(l.Function) {
		return
	}
	for _, p := range l.Policies {
		at := nextPlace{place: place{l.Function, l.Stage, l.Region, l.Account}}
		if p.Next != nil && t.selects(&at.place) {
			at.file = p.Next.File
			t.saw(at, p.Next.SHA256, l.Timestamp)
		}
	}
}

// selects reports whether the options select the place. An empty option selects all.
func (t *Trial) selects(at *place) bool {
	return (t.Function == "" || at.function == t.Function) && (t.Stage == "" || at.stage == t.Stage)
}

// saw notes the version of a next policy at a time. With equal times, the greater hash wins, so
// that the result does not depend on the order.
func (t *Trial) saw(at nextPlace, sha256 string, when time.Time) {
	if v, ok := t.latest[at]; ok && (when.Before(v.last) || when.Equal(v.last) && sha256 <= v.sha256) {
		return
	}
	if t.latest == nil {
		t.latest = map[nextPlace]version{}
	}
	t.latest[at] = version{sha256, when}
}

// Files returns the next policies that ran last, sorted: each name with its SHA-256.
func (t *Trial) Files() (all [][2]string) {
	for at, v := range t.latest {
		if f := [2]string{at.file, v.sha256}; !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return all
}

// Differences returns what the next policies would change: what narrows first, and of that what was
// called most often. Outdated is the number of calls that versions before the last dealt with
// otherwise.
func (t *Trial) Differences() (all []Difference, outdated int) {
	for key, c := range t.calls {
		// A call that an earlier version judged says nothing about the present one.
		if t.latest[key.nextPlace].sha256 != key.sha256 {
			outdated += c.calls
			continue
		}
		all = append(all, Difference{
			Function: key.function, Stage: key.stage, File: key.file, SHA256: key.sha256, Form: key.form, Call: checkable(&c.call),
			Old:   Outcome{key.old.verdict, key.old.list, key.old.rule, key.old.place, c.reason},
			New:   Outcome{key.new.verdict, key.new.list, key.new.rule, key.new.place, c.nextReason},
			Allow: c.allow, Count: c.calls, Distinct: c.distinct, Last: c.last, Evidence: c.evidence.String(),
		})
	}
	// The last keys make the order total.
	slices.SortFunc(all, func(a, b Difference) int {
		return cmp.Or(
			cmp.Compare(direction(&a), direction(&b)), -cmp.Compare(a.Count, b.Count),
			cmp.Compare(a.Form, b.Form), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.File, b.File),
			cmp.Compare(fmt.Sprint(a.Old, a.New, a.Call), fmt.Sprint(b.Old, b.New, b.Call)),
		)
	})
	return all, outdated
}

// direction is 0 for what becomes stricter, which may break a function, and 1 for what becomes
// milder.
func direction(d *Difference) int {
	if d.Widens() {
		return 1
	}
	return 0
}

// checkable returns a call as outguard check takes it.
func checkable(c *notify.Call) string {
	switch {
	case c.URL != "":
		return c.Method + " " + c.URL
	case c.Kind == "aws":
		return strings.Join(append([]string{c.Service + ":" + c.Operation}, c.Resources...), " ")
	}
	return c.String()
}
