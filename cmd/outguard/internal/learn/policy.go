package learn

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/policy"
)

// A Result is what was learned of a log.
type Result struct {
	Sections []Section // in the order of their names
	Left     []Left    // calls that are not in the policy, in order of function and call
	Calls    int       // distinct calls that the rules allow
	Allowed  int       // distinct calls that the policy given to Learn allows already
	byAccess bool
}

// A Section holds the rules of one function, or of functions with one generated name.
// Its rules are made from calls; learned are those of calls that the rules then allowed.
type Section struct {
	Name      string // of functions:
	Functions []string
	rules     []rule
	calls     []*call
	learned   []*call // that the rules allow
}

// Left is a call that is not learned.
type Left struct {
	Where  string // function@stage
	Call   string
	Reason string
	Calls  int
	Last   time.Time
}

// Learn makes the whitelist of the log. If enforced is not nil, it compiles the policy that the
// whitelist is added to: what it allows is not learned again, and what it forbids is left.
func (l *Log) Learn(enforced Judge) (*Result, error) {
	r := &Result{byAccess: l.ByAccess}
	byFunction := map[string][]*call{}
	// Sorted keys make the result independent of the order of lines.
	for _, key := range slices.Sorted(maps.Keys(l.calls)) {
		c := l.calls[key]
		byFunction[c.function] = append(byFunction[c.function], c)
	}
	functions := slices.Sorted(maps.Keys(byFunction))
	names := sections(functions)
	for _, f := range functions {
		// Functions with one generated name, such as orders-Worker-*, share the rules.
		i := slices.IndexFunc(r.Sections, func(s Section) bool { return s.Name == names[f] })
		if i < 0 {
			i = len(r.Sections)
			r.Sections = append(r.Sections, Section{Name: names[f]})
		}
		r.Sections[i].Functions = append(r.Sections[i].Functions, f)
		r.Sections[i].calls = append(r.Sections[i].calls, byFunction[f]...)
	}
	slices.SortFunc(r.Sections, func(a, b Section) int { return cmp.Compare(a.Name, b.Name) })
	// Under denyAll, each refusal proposes the entry that allows the call. Rules are made of these.
	deny := &compiled{judge: judgeOf(denyAll)}
	// base stays nil without a policy to go by: nothing is allowed yet.
	var base *compiled
	if enforced != nil {
		base = &compiled{judge: enforced}
	}
	for i := range r.Sections {
		if err := r.learn(&r.Sections[i], deny, base); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// learn finds the rules of a section. Calls that are seen only as a name or as host and port come
// after others, which often allow them.
func (r *Result) learn(s *Section, deny, base *compiled) error {
	// The set grows from round to round, and the rules are made anew after each.
	set := ruleset{byAccess: r.byAccess}
	var learned []*call
	for _, partial := range [...]func(*call) bool{
		func(c *call) bool { return c.Kind != "net" },
		func(c *call) bool { return c.Kind == "net" && c.Via != "name" },
		func(c *call) bool { return c.Kind == "net" && c.Via == "name" },
	} {
		// so is the policy so far: it decides whether a connection needs a rule of its own.
		so := &compiled{judge: judgeOf(r.text(s))}
		for _, c := range s.calls {
			if !partial(c) {
				continue
			}
			// What the enforced policy allows is not learned again.
			if done, err := r.allowed(c, base); done || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			// refused is what no whitelist entry can change, such as a built-in rule.
			entries, refused, err := c.entries(deny)
			if err != nil {
				return err
			}
			if refused != "" {
				r.leave(c, refused)
				continue
			}
			// A request to https://api.example also has a line for its name and one for host and
			// port 443. An http: rule allows these two, and no net: rule is needed.
			if c.Kind == "net" {
				d, err := c.decide(so)
				switch {
				case err != nil:
					return err
				case d.Allowed():
					s.learned = append(s.learned, c)
					r.Calls++
					continue
				case d.List == policy.Unguarded: // a net: rule would open the whole host
					r.leave(c, d.Reason)
					continue
				}
			}
			learned = append(learned, c)
			set.add(entries, &c.evidence)
		}
		// The next round judges by these rules.
		s.rules = set.rules()
	}
	return r.verify(s, learned)
}

// allowed reports whether the enforced policy settles a call: it allows the call, or something
// other than its whitelist forbids it.
func (r *Result) allowed(c *call, base *compiled) (done bool, err error) {
	if base == nil {
		return false, nil
	}
	// A call that cannot be judged is left with its reason by entries.
	asked, cannot := c.call()
	if cannot != "" {
		return false, nil
	}
	p, err := base.at(c.place)
	// nil without an error: the enforced policy has no section for the function.
	if p == nil || err != nil {
		return false, err
	}
	d := p.Decide(asked)
	if d.Allowed() {
		r.Allowed++
		return true, nil
	}
	// Adding to the whitelist does not help against a blacklist.
	for _, why := range p.Cure(asked, d).Against {
		// The first such reason is enough: an entry would not allow the call.
		if why.List != policy.Whitelist {
			r.leave(c, reasonOf(why))
			return true, nil
		}
	}
	return false, nil
}

// verify judges the calls by the rules that were learned of them.
// Rules are folded and joined, so that a call may, by mistake of these, not be covered. It is then
// reported and not silently lost.
func (r *Result) verify(s *Section, learned []*call) error {
	whole := &compiled{judge: judgeOf(r.text(s))}
	for _, c := range learned {
		d, err := c.decide(whole)
		if err != nil {
			return fmt.Errorf("the learned policy does not load: %w", err)
		}
		if !d.Allowed() {
			r.leave(c, "the learned rules do not allow it: "+d.Reason)
			continue
		}
		s.learned = append(s.learned, c)
		r.Calls++
	}
	return nil
}

// decide judges the call by a policy. A call that cannot be judged is not allowed.
func (c *call) decide(by *compiled) (d policy.Decision, err error) {
	asked, cannot := c.call()
	if cannot != "" {
		return policy.Decision{Reason: cannot}, nil
	}
	// A nil policy blocks, as for a function without a section.
	p, err := by.at(c.place)
	if err != nil {
		return d, err
	}
	return p.Decide(asked), nil
}

// Verify judges every call again, by the policy that the rules were added to. It returns the calls
// that it does not allow and that Learn did not leave out, with its reasons.
func (l *Log) Verify(by Judge, learned *Result) (wrong []Left, err error) {
	r, err := l.Learn(by)
	if err != nil {
		return nil, err
	}
	// What Learn left out is known, and its reasons are on the screen already.
	known := map[string]bool{}
	for _, left := range learned.Left {
		known[left.Where+left.Call] = true
	}
	for _, left := range r.Left {
		if !known[left.Where+left.Call] {
			wrong = append(wrong, left)
		}
	}
	for _, s := range r.Sections {
		// Rules that are still learned are missing in the edited file.
		if len(s.rules) > 0 {
			wrong = append(wrong, Left{Where: s.Name, Call: "…", Reason: "the edited policy still lacks:\n" + s.Entries()})
		}
	}
	return wrong, nil
}

// leave reports a call as not learned.
func (r *Result) leave(c *call, reason string) {
	r.Left = append(r.Left, Left{c.where(), c.String(), reason, c.calls, c.last})
}

// text returns the policy with this section alone. Others cannot decide its calls.
func (r *Result) text(s *Section) string {
	var b strings.Builder
	writePolicy(&b, []Section{*s})
	return b.String()
}

// Policy returns the whole policy. It loads, and it is the same for the same calls.
func (r *Result) Policy() []byte {
	var b strings.Builder
	writePolicy(&b, r.Sections)
	return []byte(b.String())
}
