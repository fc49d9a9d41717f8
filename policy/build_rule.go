package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file makes rules of a draft: one entry of a list, expanded and parsed.

// made is what a draft becomes: its rules, and the warnings about its entries.
type made struct {
	rules    []rule.Rule
	draft    *syntax.Draft // without the subjects that were left out
	warnings []report.Fault
}

// rules returns the rules of a draft, and reports what is wrong with it: none if something is,
// and two if a feed holds both hosts and addresses. What ParseFile made of a draft without
// variables is shared by all functions, except for the outcome of a violation.
func (c *compiler) rules(e *syntax.Draft) made {
	// Without the account, the rule is built by itself, as no function with an account has it.
	if c.file.central && c.env.Account == "" {
		without, ok := c.withoutAccount(e)
		if !ok {
			return made{draft: e}
		}
		if without != e {
			return c.build(without)
		}
	}
	// These depend on the function. All other rules are built once.
	if e.Key == "feed" || e.Variables {
		return c.build(e)
	}
	// From ParseFile: this is the one time. The warnings are kept beside the rules.
	if c.parsing {
		return c.parse(e)
	}
	m := c.file.made[e.Number]
	c.Warnings = append(c.Warnings, m.warnings...)
	return m
}

// parse makes the rules of a draft for ParseFile, and keeps them for For.
func (c *compiler) parse(e *syntax.Draft) (m made) {
	first := c.repeats.find(e)
	if first != nil && c.discards {
		return made{draft: e}
	}
	errors, warnings := len(c.Errors), len(c.Warnings)
	m = c.build(e)
	m.warnings = slices.Clone(c.Warnings[warnings:])
	if first == nil && len(c.Errors) == errors && len(m.warnings) == 0 {
		c.repeats.add(e)
	}
	if !c.discards {
		c.file.made[e.Number] = m
	}
	return m
}

// build makes the rules of a draft. With a variable that has no value, the rule is not made, and
// nothing is reported that may be due to that.
func (c *compiler) build(e *syntax.Draft) made {
	before := len(c.Errors)
	// One builder serves all drafts, with the memory of its lists.
	b := c.builder
	if b == nil {
		b = new(ruleBuilder)
		c.builder = b
	}
	*b = ruleBuilder{compiler: c, draft: e, whole: true, subjectTexts: b.subjectTexts[:0], values: [2][]string{b.values[0][:0], nil}}
	b.rule = rule.Rule{
		Origin: rule.Origin{File: c.file.tree.Name, Line: e.Line, Column: e.Col},
		Mode:   e.Mode,
	}
	r := &b.rule
	// Texts that are not matched come first: they are in messages about the others.
	reason, hasReason := c.prose(e.Reason)
	r.Origin.Reason, b.whole = reason, hasReason
	if e.ID.Value != "" {
		id, ok := c.text(e.ID)
		r.Origin.ID, b.whole = id, b.whole && ok
	}
	if r.Origin.ID == "" {
		r.Origin.ID = c.file.tree.Name + ":" + strconv.Itoa(e.Line)
	}
	// Then the conditions, and the subjects at last, which need some of them.
	r.Access = b.access()
	r.Methods = b.methods()
	r.Resources = b.texts(e.Resources)
	r.Regions, r.Accounts = b.texts(e.Regions), b.texts(e.Accounts)
	r.Callers = b.callers()
	// The subjects of a feed are in its files.
	if e.Key == "feed" {
		return made{rules: c.feed(e, *r, b.whole), draft: e}
	}

	// mapping has refused unknown keys, so that this is a gap in the table.
	k := rule.KindOf(e.Key)
	if k == nil {
		c.Fail(e.Place, fmt.Sprintf("rules under %s: cannot be judged", report.Short(e.Key)), "report this as an error in Outguard")
		return made{draft: e}
	}
	r.Kind = k.Kind
	b.unlisted()
	b.subjects(k, hasReason && strings.TrimSpace(reason) == "")
	for _, t := range e.Except {
		b.except(k, t)
	}
	// What cannot be read cannot be judged for contradictions.
	if !b.whole || len(e.Subject) == 0 || len(c.Errors) > before {
		return made{draft: e}
	}
	// Now the entries are known, so that each can be held against the others.
	b.reportDead()
	if len(c.Errors) > before || len(r.Subject) == 0 && !r.Any || b.nothingLeft {
		return made{draft: e}
	}
	// IAM reads "arn:aws:sqs" as if the missing parts were *. A blacklist must, too.
	if e.Mode == pattern.Wide {
		r.Resources = completed(r.Resources)
		r.Regions, r.Accounts = meantPlaces(r.Regions), meantPlaces(r.Accounts)
	}
	if c.discards {
		return made{draft: e}
	}
	return made{rules: []rule.Rule{*r}, draft: b.kept()}
}

// completed adds to the resources of a blacklist rule how IAM reads the truncated ARNs among them.
func completed(resources []string) []string {
	for _, text := range resources {
		// The capacity is cut, so that the texts of ParseFile are not overwritten.
		if whole := pattern.CompleteARN(text); whole != text {
			resources = append(resources[:len(resources):len(resources)], whole)
		}
	}
	return resources
}

// ruleBuilder makes the rule of one draft.
type ruleBuilder struct {
	*compiler
	draft        *syntax.Draft
	rule         rule.Rule
	whole        bool // every variable so far has a value
	subjectTexts []syntax.Text
	exceptTexts  []syntax.Text
	values       [2][]string // of subjectTexts and exceptTexts, expanded
	nothingLeft  bool        // all entries of a list were left out: the rule matches nothing
}

// deadEntry reports an entry that can match no call. lenient: in a blacklist or an except:, where
// it must not take the function down. It returns true for an entry to be left out.
//
// The last release accepted such an entry of a whitelist, so in a central file it is left out with
// a warning, and refused from the next release on.
func (c *compiler) deadEntry(at report.Place, lenient bool, p *report.Problem) (leftOut bool) {
	switch {
	case lenient:
		c.Warn(at, p.What, p.Fix)
	case c.file.central:
		c.Warn(at, p.What+": the entry is left out, and the next release refuses it", p.Fix)
		return true
	default:
		c.Fail(at, p.What, p.Fix)
	}
	return false
}

// reportDead reports the entries of the rule that can match no call.
func (b *ruleBuilder) reportDead() {
	e := b.draft
	r := &b.rule
	found := r.Dead(b.values[0], b.values[1])
	// Indexes hold in the lists as they were, so that entries are taken out at the end.
	var left [rule.Accounts + 1][]int // by list: the entries to be left out
	for i := range found {
		d := &found[i]
		var list []syntax.Text
		switch d.Key {
		case rule.Subject:
			list = b.subjectTexts
		case rule.Except:
			list = b.exceptTexts
		case rule.Resources:
			list = e.Resources
		case rule.Regions:
			list = e.Regions
		case rule.Accounts:
			list = e.Accounts
		}
		// An index outside of the list: a rule as a whole is meant.
		at := e.Place
		if d.Index < len(list) {
			at = list[d.Index].Place
		}
		if b.deadEntry(at, d.Doubt || e.Mode == pattern.Wide, &d.Problem) {
			left[d.Key] = append(left[d.Key], d.Index)
		}
	}
	// The lists of texts and of patterns stay in step.
	r.Subject = without(r.Subject, left[rule.Subject])
	b.subjectTexts = without(b.subjectTexts, left[rule.Subject])
	for _, l := range []struct {
		list *[]string
		left []int
	}{{&r.Resources, left[rule.Resources]}, {&r.Regions, left[rule.Regions]}, {&r.Accounts, left[rule.Accounts]}} {
		if l.left != nil {
			*l.list = without(*l.list, l.left)
			b.nothingLeft = b.nothingLeft || len(*l.list) == 0
		}
	}
	b.nothingLeft = b.nothingLeft || left[rule.Except] != nil // only of a rule that except: leaves nothing of
}

// kept returns the draft with the subjects, and the entries of except:, that the rule has patterns
// for.
func (b *ruleBuilder) kept() *syntax.Draft {
	subjects := b.rule.Any || slices.Equal(b.subjectTexts, b.draft.Subject)
	if subjects && slices.Equal(b.exceptTexts, b.draft.Except) {
		return b.draft
	}
	e := *b.draft
	e.Except = b.exceptTexts
	if !subjects {
		e.Subject = slices.Clone(b.subjectTexts)
	}
	return &e
}

// saysTheSame reports whether two drafts become the same rule and warnings, apart from their
// places. A new key that a rule is built of is compared here. What is checked before that, such as
// stages:, is left out, and so are texts that are only shown.
func saysTheSame(a, b *syntax.Draft) bool {
	return a.Mode == b.Mode && a.Key == b.Key &&
		equalTexts(a.Subject, b.Subject) && equalTexts(a.Except, b.Except) &&
		equalTexts(a.Methods, b.Methods) && equalTexts(a.Access, b.Access) && equalTexts(a.Resources, b.Resources) &&
		equalTexts(a.Regions, b.Regions) && equalTexts(a.Accounts, b.Accounts) && equalTexts(a.Callers, b.Callers) &&
		(a.Unlisted != nil && *a.Unlisted) == (b.Unlisted != nil && *b.Unlisted) &&
		// "any" needs a reason, whatever it is.
		(strings.TrimSpace(a.Reason.Value) == "") == (strings.TrimSpace(b.Reason.Value) == "")
}

// equalTexts reports whether two lists are the same, apart from the places of their texts.
func equalTexts(a, b []syntax.Text) bool {
	return (a == nil) == (b == nil) && slices.EqualFunc(a, b, func(t, u syntax.Text) bool { return t.Value == u.Value })
}
