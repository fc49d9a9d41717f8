package learn

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/policy"
)

// Uses is when the rules of a policy were used, by the calls of a log.
type Uses struct {
	Functions   []string          // of the log, sorted
	First, Last time.Time         // of the calls of the log
	byLine      map[int]time.Time // the last use of the rule at each line
}

// At returns when the rule at a line of the file was used last; the zero time: it was not.
func (u *Uses) At(line int) time.Time { return u.byLine[line] }

// Uses judges the calls of the log by a policy of one file, and returns which of its rules allow
// them.
func (l *Log) Uses(by Judge) (*Uses, error) {
	u := &Uses{byLine: map[int]time.Time{}}
	compiled := &compiled{judge: by}
	functions := map[string]bool{}
	// Sorted, so that an error is always the same one.
	for _, key := range slices.Sorted(maps.Keys(l.calls)) {
		c := l.calls[key]
		functions[c.function] = true
		if u.First.IsZero() || c.first.Before(u.First) {
			u.First = c.first
		}
		if c.last.After(u.Last) {
			u.Last = c.last
		}
		p, err := compiled.at(c.place)
		if err != nil {
			return nil, err
		}
		asked, cannot := c.call()
		// No policy for the function, or a call that nothing can judge: no rule was used.
		if p == nil || cannot != "" {
			continue
		}
		u.use(p, asked, c.last)
		// A call on two tables is allowed by one rule for each.
		for i := range asked.AWS.Resources { // each may have a rule of its own
			if len(asked.AWS.Resources) > 1 {
				one := asked
				one.AWS.Resources = asked.AWS.Resources[i : i+1]
				u.use(p, one, c.last)
			}
		}
	}
	u.Functions = slices.Sorted(maps.Keys(functions))
	return u, nil
}

// use notes the rule that allowed a call. A later time wins.
func (u *Uses) use(p *policy.Policy, c policy.Call, at time.Time) {
	if d := p.Decide(c); d.Allowed() && d.Rule != nil && at.After(u.byLine[d.Rule.Line]) {
		u.byLine[d.Rule.Line] = at
	}
}

// Cases returns a case of a *.policytest file for each call that the rules allow, sorted. If all
// were made in one region and account, a comment above says how to judge them there.
func (r *Result) Cases() []byte {
	var all []string
	places := map[place]bool{}
	for _, s := range r.Sections {
		for _, c := range s.learned {
			// stage and function are names; only the text can hold these.
			text := c.caseText()
			if strings.ContainsAny(text, "#\n\r\t") {
				continue // it would end the case
			}
			all = append(all, "allow  "+c.function+"@"+c.stage+"  "+text+"\n")
			places[place{region: c.region, account: c.place.account}] = true
		}
	}
	slices.Sort(all)
	cases := strings.Join(slices.Compact(all), "")
	// The loop is for the only place, if there is one.
	for at := range places {
		if len(places) == 1 && isName(at.region+at.account) && at.region != "" && at.account != "" {
			cases = "# outguard test -region " + at.region + " -account " + at.account + "\n" + cases
		}
	}
	return []byte(cases)
}

// caseText writes the call as the check command takes it.
func (c *call) caseText() string { return unmask(c.checkText()) }

// checkText is caseText with what is masked.
func (c *call) checkText() string {
	// net: cases are host:port.
	switch {
	case c.Kind == "net":
		return c.Net
	case c.Kind == "aws" && !(c.wireOnly && c.URL != ""):
		return strings.Join(append([]string{c.Service + ":" + c.Operation}, c.Resources...), " ")
	}
	return c.Method + " " + c.URL
}
