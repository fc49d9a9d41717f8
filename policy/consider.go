package policy

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// A RuleText is a rule in effect: as it has been compiled for the function, variables expanded.
type RuleText struct {
	Rule    *RuleRef
	Policy  *Info    // the file that the rule is in
	List    List     // Whitelist or Blacklist
	Verdict Verdict  // of a call that a blacklist rule forbids
	Lines   []string // the entry, a key to a line
}

// Rules returns the rules in effect, in the order of files and lines. Rules of another stage and
// those whose until: has passed are not among them.
func (p *Policy) Rules() (all []RuleText) {
	for _, q := range p.parts() {
		for _, i := range q.byLine() {
			all = append(all, q.text(i))
		}
	}
	return all
}

// byLine returns the numbers of the rules in the order of the file.
func (p *Policy) byLine() []int {
	numbers := make([]int, len(p.refs))
	for i := range numbers {
		numbers[i] = i
	}
	slices.SortStableFunc(numbers, func(a, b int) int { return p.refs[a].Line - p.refs[b].Line })
	return numbers
}

// text returns a rule as Rules shows it.
func (p *Policy) text(number int) RuleText {
	r := &p.rules[number]
	t := RuleText{Rule: &p.refs[number], Policy: &p.set.info, List: Whitelist, Verdict: Allow, Lines: r.Lines()}
	if !r.Vouches() {
		t.List, t.Verdict = Blacklist, Verdict(r.Outcome)
	}
	return t
}

// Considered is a rule held against a call.
type Considered struct {
	RuleText
	Applies bool   // a whitelist rule allows the call; a blacklist rule forbids it
	Why     string // why it does not apply, or why a blacklist rule forbids the call
}

// Consider holds each rule in effect against a call, one by one, in the order of Rules. It compiles
// a policy for each, so it is for people, not for a function's calls.
func (p *Policy) Consider(c Call) (all []Considered) {
	for _, q := range p.parts() {
		for _, i := range q.byLine() {
			all = append(all, q.consider(i, &c))
		}
	}
	return all
}

// consider holds one rule against a call.
func (p *Policy) consider(number int, c *Call) Considered {
	one := Considered{RuleText: p.text(number)}
	r := p.rules[number]
	// A blacklist rule first as it is.
	if one.List == Blacklist {
		if reason, ok := p.alone(r, Blacklist, c); ok {
			one.Applies, one.Why = true, reason
			return one
		}
		// Read as a whitelist rule, which matches no more, the rule says what differs.
		r.Mode = pattern.Narrow
	}
	reason, missed := p.alone(r, Whitelist, c)
	switch {
	case missed:
		// The text is that of a whitelist's miss, and here it is about one rule.
		one.Why = strings.NewReplacer(
			"no whitelist rule matches", "the rule does not match", "no whitelist rule allows", "the rule does not match",
		).Replace(reason)
	case one.List == Whitelist:
		one.Applies = true
	default:
		one.Why = "the call is not one of those that the rule forbids"
	}
	return one
}

// alone judges a call by one rule, and returns what its list says against the call.
func (p *Policy) alone(r rule.Rule, in List, c *Call) (reason string, found bool) {
	// A policy of this rule alone. Its list counts as the only one.
	set := p.set
	set.whitelist = in == Whitelist
	one, err := newPolicy(set, []rule.Rule{r})
	if err != nil {
		return err.Error(), true
	}
	all := one.against(c)
	// on_unguarded: of a whitelist rule means that the layer sees too little.
	i := slices.IndexFunc(all, func(r Reason) bool { return r.List == in || in == Whitelist && r.List == Unguarded })
	if i < 0 {
		return "", false
	}
	return all[i].Reason, true
}
