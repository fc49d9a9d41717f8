package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// A Key says which list of a rule an entry stands in. The zero Key is invalid.
type Key uint8

const (
	Subject Key = 1 + iota
	Except
	Methods
	Resources
	Regions
	Accounts
)

// A Dead is an entry of a rule that can match no call, or is probably not what the author intended.
type Dead struct {
	Key   Key
	Index int  // in the list of Key
	Doubt bool // it may match a call: worth a warning in every list
	report.Problem
}

// deadEntries are those that were found so far.
type deadEntries []Dead

// add takes what the checks return: nil for nothing to report. Inlined, it takes 2 KB more.
//
//go:noinline
func (l *deadEntries) add(k Key, i int, doubt bool, p *report.Problem) {
	if p != nil {
		*l = append(*l, Dead{k, i, doubt, *p})
	}
}

// Dead finds the entries of a rule that can match no call. It is the one check of the kind: a
// whitelist with such an entry is refused, and in a blacklist or in an except: it is a warning. The
// texts are those of the rule's subject and of its except, in the order of their patterns.
func (r *Rule) Dead(subject, except []string) []Dead {
	var found deadEntries
	add := found.add
	// First the texts by themselves.
	for i, p := range r.Subject {
		pattern.Doubts(p, subject[i], r.Mode, func(dead bool, p *report.Problem) { add(Subject, i, !dead, p) })
		if len(r.Methods) != 1 { // else it is for one call, as proposed entries are
			add(Subject, i, true, pattern.RootAlone(p, subject[i]))
		}
		add(Subject, i, true, pattern.OneSlash(p, subject[i], func(q pattern.Pattern) bool { return pattern.AnyCovers(r.Subject, q) }))
	}
	// An except: of a whitelist widens what is forbidden, so that it is read wide, and the other
	// way around.
	for i, p := range r.Except {
		pattern.Doubts(p, except[i], r.Mode.Opposite(), func(_ bool, p *report.Problem) { add(Except, i, true, p) })
		add(Except, i, true, pattern.RootAlone(p, except[i]))
		add(Except, i, true, pattern.Below(p, except[i], func(q pattern.Pattern) bool { return pattern.AnyCovers(r.Except, q) }))
	}
	// Then what contradicts other keys of the same rule.
	r.deadExcept(except, add)
	r.deadTunnels(subject, add)
	// Only aws: has more conditions, and any without one is never dead.
	if r.Kind != AWS || r.Any && r.Resources == nil && r.Regions == nil && r.Accounts == nil {
		return found
	}
	for i, region := range r.Regions {
		p, certain := pattern.WrongRegion(region)
		add(Regions, i, !certain, p)
	}
	for i, account := range r.Accounts {
		add(Accounts, i, false, pattern.WrongAccount(account))
	}
	r.deadAccess(add)
	before := len(found)
	// One entry is reported once: the place of an ARN only if its resource is fine.
	r.deadResources(add)
	if len(found) == before {
		r.deadPlaces(add)
	}
	return found
}

// deadTunnels finds paths in a whitelist rule for CONNECT alone: nobody sees the paths in a tunnel.
// methods: [CONNECT, GET] still matches a GET by its path.
func (r *Rule) deadTunnels(texts []string, add func(Key, int, bool, *report.Problem)) {
	if r.Mode != pattern.Narrow || len(r.Methods) == 0 || slices.ContainsFunc(r.Methods, func(m string) bool { return m != "CONNECT" }) {
		return
	}
	for i, s := range r.Subject {
		if p, ok := s.(*pattern.HTTP); ok && p.Path != "" {
			add(Subject, i, false, report.OfKey("http", texts[i], " can never match with methods: CONNECT: a tunnel cannot be limited to a path",
				"write the host without its path"))
		}
	}
}

// deadResources finds resources that no call of the rule's operations touches, and operations that
// touch no resource.
func (r *Rule) deadResources(add func(Key, int, bool, *report.Problem)) {
	// all: every entry names less than *, so that operations without a resource never match.
	all := r.Resources != nil
	subject := r.withoutCalls(add)
	if len(subject) == 0 && !r.Any {
		return // no call takes any of the actions, whatever they touch
	}
	known := resourcesKnown()
	// First each resource, by what the operations can touch.
	for i, text := range r.Resources {
		switch text {
		// "*" also matches calls that touch nothing, and unknown resources.
		case "*":
			all = false
			continue
		case "":
			add(Resources, i, false, &report.Problem{What: "an empty resource", Fix: "name a resource, or delete the entry"})
			continue
		}
		// From the certain to the vague: wrong kind or form, a bucket for operations on objects,
		// nothing known.
		p, certain := pattern.WrongResource(subject, text, r.Mode)
		if p == nil && r.Mode == pattern.Narrow {
			p, certain = pattern.BucketAlone(subject, text), true
		}
		if p == nil {
			p, certain = unknownResources(subject, text, r.Mode, known)
		}
		add(Resources, i, !certain, p)
	}
	// Then each operation, by whether it touches anything.
	if !all || r.Any {
		return
	}
	if r.Mode == pattern.Narrow && !slices.ContainsFunc(subject, known) {
		return // reported for each resource
	}
	r.byID(add)
	// none has the places of operations that take no resource.
	var none []int
	for i, s := range subject {
		if r.Mode == pattern.Narrow && awsops.GoesByID(s.Service, s.Operation) {
			// "*" counts as known below, so that it is not reported twice.
			subject[i].Service = "*" // reported
			continue
		}
		if pattern.Resourceless(s) {
			none = append(none, i)
		}
	}
	// If no operation takes a resource, the resource is wrong, else the single operations are.
	switch {
	case len(none) > 0 && r.Mode != pattern.Narrow:
		// A blacklist also goes by what the input of such an operation names.
		for _, i := range none {
			add(Subject, i, true, &report.Problem{
				What: fmt.Sprintf("%q takes no resource in IAM, so that resources: leaves only calls whose input names it", subject[i].Text),
				Fix:  "to forbid all of them, name it in a rule of its own, without resources:",
			})
		}
		return
	case len(none) > 0 && len(none) == len(subject):
		add(Resources, 0, false, report.Of(r.Resources[0], " can never match: "+subject[0].Text+" takes no resource",
			"delete resources:, or name other operations"))
		return
	}
	for i, s := range subject {
		if r.Mode == pattern.Narrow && !known(s) && !pattern.Resourceless(s) {
			add(Subject, i, true, &report.Problem{
				What: fmt.Sprintf("%q is never allowed here: what calls of %s touch is not known", s.Text, s.Service),
				Fix:  "name it in a rule of its own, without resources:",
			})
		}
	}
	for _, i := range none {
		add(Subject, i, true, &report.Problem{
			What: fmt.Sprintf("%q takes no resource, so that a rule with resources: never matches it", subject[i].Text),
			Fix:  "name it in a rule of its own, without resources:",
		})
	}
}

// withoutCalls reports the actions among the subjects that no call takes, and returns the subjects;
// nil if they are all of that kind.
func (r *Rule) withoutCalls(add func(Key, int, bool, *report.Problem)) []pattern.AWS {
	subject := pattern.AllAWS(r.Subject)
	without := 0
	for i := range subject {
		// Some IAM actions have no call of their own. What to write instead is in the table.
		s := &subject[i]
		if what, fix := awsops.NoCall(s.Service, s.Operation); what != "" {
			add(Subject, i, true, &report.Problem{What: fmt.Sprintf("%q %s", s.Text, what), Fix: fix})
			without++
		}
	}
	if without == len(subject) {
		return nil
	}
	return subject // also those without calls: what follows names subjects by their places
}

// byID reports the operations of a whitelist rule with resources: that go by an id, so that the
// rule never allows them.
func (r *Rule) byID(add func(Key, int, bool, *report.Problem)) {
	if r.Mode != pattern.Narrow {
		return
	}
	for i, s := range pattern.AllAWS(r.Subject) {
		// "*" and "s3:*" mean whatever is there. Naming what they leave out would be noise.
		if strings.Trim(s.Operation, "*") == "" {
			continue
		}
		// kinesis:GetRecords has the iterator of a shard, which does not show the stream.
		operations := awsops.ByID(s.Service, func(name string) bool { return s.Matches(s.Service, name) })
		switch {
		case len(operations) == 0:
		case !strings.ContainsAny(s.Operation, "*?"):
			add(Subject, i, true, &report.Problem{
				What: fmt.Sprintf("%q goes by an id that does not show what it touches, so that a rule with resources: does not allow it", s.Text),
				Fix:  "name it in a rule of its own, without resources:",
			})
		default:
			add(Subject, i, true, &report.Problem{
				What: fmt.Sprintf("%q has operations that go by an id, which a rule with resources: does not allow: %s", s.Text, strings.Join(operations, ", ")),
				Fix:  "name those in a rule of their own, without resources:",
			})
		}
	}
}

// unknownResources says that nothing is known of what calls of the services touch.
func unknownResources(subject []pattern.AWS, text string, m pattern.Mode, known func(pattern.AWS) bool) (p *report.Problem, certain bool) {
	if len(subject) == 0 || m == pattern.Wide {
		return nil, false // a blacklist rule catches calls whose resources cannot be known
	}
	// One known service is enough for the entry to match.
	if slices.ContainsFunc(subject, known) {
		return nil, false
	}
	return report.Of(text, " can never match: what calls of "+subject[0].Service+" touch is not known",
		"delete resources:, and name the operations that are meant"), true
}

// resourcesKnown returns a function that reports whether it is known what calls of a subject's
// service touch. It looks the service up once: most rules name one.
func resourcesKnown() func(s pattern.AWS) bool {
	// A cache of one, because a rule mostly repeats the same service.
	service, known := "", false
	return func(s pattern.AWS) bool {
		if s.Service != service {
			service, known = s.Service, s.Service == "*" || awsops.HasResources(s.Service)
		}
		return known
	}
}

// deadExcept finds an except: that leaves nothing of its rule, or excludes nothing of it.
func (r *Rule) deadExcept(texts []string, add func(Key, int, bool, *report.Problem)) {
	if len(r.Except) == 0 {
		return
	}
	// An except: of a blacklist is read narrowly, and still means what its rule names.
	alike := r.Except
	// Parsed again in the rule's mode, because only patterns of one mode can be compared.
	if row := r.Kind.row(); row != nil && r.Mode == pattern.Wide {
		alike = nil
		for _, text := range texts {
			if p, err := row.Parse(text, r.Mode); err == nil {
				alike = append(alike, p)
			}
		}
	}
	// "any" minus something always leaves something.
	left := r.Any || len(r.Subject) == 0
	for _, s := range r.Subject {
		left = left || !pattern.AnyCovers(alike, s)
	}
	if !left {
		add(Except, 0, false, &report.Problem{What: "except: leaves nothing of the rule", Fix: "delete the rule, or name what it does not hold for"})
		return
	}
	levels, _ := pattern.AccessLevels(r.Access, r.Mode)
	// Each entry of except: must overlap the subject, and pass access:.
	for i, e := range r.Except {
		nothing := !r.Any && len(r.Subject) > 0
		for _, s := range r.Subject {
			nothing = nothing && !pattern.Overlaps(s, e)
		}
		// An operation that access: leaves out anyway needs no except:.
		if p, ok := e.(*pattern.AWS); ok && r.Access != nil && !strings.ContainsAny(p.Operation, "*?") {
			known, found := awsops.Find(p.Service, p.Operation)
			nothing = nothing || found && !levels.Has(known.Level)
		}
		if nothing {
			add(Except, i, true, report.OfKey("except", texts[i], " excludes nothing: the rule does not match it anyway",
				"delete it, or name what the rule matches"))
		}
	}
}
