package reportpage

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// A Summary is a log, summed up. Its lists are in the order in which they are shown.
type Summary struct {
	First      time.Time   `json:"first"`
	Last       time.Time   `json:"last"`
	Calls      Verdicts    `json:"calls"`
	Functions  []Function  `json:"functions"`
	Timeline   []Moment    `json:"timeline"`
	Violations []Violation `json:"violations"` // the most frequent
	More       int         `json:"more"`       // kinds of violations that are not among them
	Missing    int         `json:"missing"`    // calls that the log counts and does not name
	Policy     *Policy     `json:"policy,omitempty"`
}

// A Function is what one function does, in one stage.
type Function struct {
	Name  string `json:"name"`
	Stage string `json:"stage,omitempty"`
	Verdicts
	Destinations []Destination `json:"destinations"` // what broke the policy first, then by the number of calls
}

// A Destination is a host, an AWS resource, or a host and port.
type Destination struct {
	Name string `json:"name"`
	Verdicts
	Calls []Call `json:"calls"` // in the same order
}

// A Call is a call with ids as *.
type Call struct {
	Text string `json:"text"`
	Verdicts
	Callers []string  `json:"callers,omitempty"`
	Rule    string    `json:"rule,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Would   string    `json:"next,omitempty"` // the verdict of the next policy, if it is another
	Last    time.Time `json:"last"`
}

// A Moment is a part of the time that the log is about.
type Moment struct {
	Start time.Time `json:"start"`
	Verdicts
}

// A Violation is a call that breaks the policy.
// Its Call has the counts of this function and stage alone.
type Violation struct {
	Function string `json:"function"`
	Stage    string `json:"stage,omitempty"`
	Call
}

// A Policy is what the log shows of the rules of a policy.
type Policy struct {
	File   string `json:"file"`
	Rules  int    `json:"rules"` // of whitelists, of the functions of the log
	Used   int    `json:"used"`
	Unused []Rule `json:"unused"`
}

// Covered is the share of the rules that a call used, in percent.
func (p *Policy) Covered() int {
	// A policy without rules is used as a whole.
	if p.Rules == 0 {
		return 100
	}
	return 100 * p.Used / p.Rules
}

// A Rule is a rule of a policy that no call used.
type Rule struct {
	Place   string `json:"place"`
	Section string `json:"section,omitempty"`
	Text    string `json:"text"`
}

// maxViolations is how many kinds of violations are shown.
const maxViolations = 50

// moments is into how many parts a timeline is divided at most.
const moments = 60

// Summary sums the log up.
func (l *Log) Summary() *Summary {
	s := &Summary{First: l.first.UTC(), Last: l.last.UTC(), Missing: l.Missing}
	type place struct{ function, stage string }
	// Calls are grouped by place, then by destination.
	functions := map[place]map[string]*Destination{}
	for key, c := range l.calls {
		p := place{key.function, key.stage}
		if functions[p] == nil {
			functions[p] = map[string]*Destination{}
		}
		d := functions[p][key.destination]
		if d == nil {
			d = &Destination{Name: key.destination}
			functions[p][key.destination] = d
		}
		d.Verdicts.add(&c.Verdicts)
		// The same call is shown in two places of the page, and is copied.
		one := Call{key.text, c.Verdicts, slices.Sorted(maps.Keys(c.callers)), c.rule, c.reason, c.would, c.last.UTC()}
		d.Calls = append(d.Calls, one)
		// Violations are listed again, over all functions.
		if c.Broke() > 0 {
			s.Violations = append(s.Violations, Violation{key.function, key.stage, one})
		}
	}
	for p, destinations := range functions {
		f := Function{Name: p.function, Stage: p.stage}
		for _, d := range destinations {
			// Maps have no order, and the page must be the same for the same log.
			slices.SortFunc(d.Calls, func(a, b Call) int { return more(&a.Verdicts, &b.Verdicts, a.Text, b.Text) })
			f.Verdicts.add(&d.Verdicts)
			f.Destinations = append(f.Destinations, *d)
		}
		slices.SortFunc(f.Destinations, func(a, b Destination) int { return more(&a.Verdicts, &b.Verdicts, a.Name, b.Name) })
		s.Calls.add(&f.Verdicts)
		s.Functions = append(s.Functions, f)
	}
	slices.SortFunc(s.Functions, func(a, b Function) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Stage, b.Stage))
	})
	slices.SortFunc(s.Violations, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(b.Broke(), a.Broke()), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Rule, b.Rule))
	})
	// The list is cut after sorting, so that the most frequent ones stay.
	if s.More = len(s.Violations) - maxViolations; s.More > 0 {
		s.Violations = s.Violations[:maxViolations]
	}
	s.More = max(s.More, 0)
	s.Timeline = l.timeline()
	return s
}

// more orders what broke the policy, or would break the next one, before the rest, and then by the
// number of calls.
func more(a, b *Verdicts, x, y string) int {
	rank := func(v *Verdicts) int {
		if v.Broke()+v.Next > 0 {
			return 0
		}
		return 1
	}
	// Names make the order total.
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Total(), a.Total()), cmp.Compare(b.Next, a.Next), cmp.Compare(x, y))
}

// timeline divides the time into equal parts of whole hours.
func (l *Log) timeline() (all []Moment) {
	if len(l.hours) == 0 {
		return nil
	}
	hours := slices.Sorted(maps.Keys(l.hours))
	from, to := hours[0], hours[len(hours)-1]
	// Rounded up, so that there are at most moments parts.
	step := (to-from)/moments + 1
	// People read 2, 3, 6 or 12 hours and whole days more easily than 5 or 7 hours.
	for _, width := range []int64{1, 2, 3, 6, 12, 24} {
		if step <= width {
			step = width
			break
		}
	}
	if step > 24 {
		step = (step + 23) / 24 * 24
	}
	// Parts begin at midnight or a multiple of their width, in UTC.
	from -= from % step
	// Hours without calls are parts, too: a gap should be seen as one.
	for at := from; at <= to; at += step {
		all = append(all, Moment{Start: time.Unix(at*3600, 0).UTC()})
	}
	for hour, v := range l.hours {
		all[(hour-from)/step].Verdicts.add(v)
	}
	return all
}
