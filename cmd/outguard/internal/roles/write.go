package roles

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/policy"
)

// A section is a function with its rules.
type section struct {
	name  string
	rules []*rule
}

// Policy returns a policy with a section for each function. It loads, and it has no faults: entries
// that a policy cannot have are left.
func (r *Reader) Policy() ([]byte, error) {
	if len(r.functions) == 0 {
		return nil, errors.New("no function was found that Outguard can guard")
	}
	var sections []*section
	for _, f := range r.functions {
		sections = append(sections, &section{f.name, r.rules(f)})
	}
	for {
		text, entries := check(sections)
		faults, err := r.faults(text, entries)
		if err != nil {
			return nil, err
		}
		if len(faults) == 0 {
			break
		}
		r.remove(entries, faults)
	}
	r.overlaps(sections)
	return render(sections), nil
}

// overlaps notes sections that may be of one function, whose rules add up. Names such as *-Orders-*
// and *-Refunds-* overlap in names only that no template makes.
func (r *Reader) overlaps(sections []*section) {
	core := func(s string) string { return strings.Trim(s, "*-") }
	for i, a := range sections {
		for _, b := range sections[i+1:] {
			nested := strings.Contains(core(a.name), core(b.name)) || strings.Contains(core(b.name), core(a.name))
			if nested && pattern.GlobsOverlap(a.name, b.name) {
				r.note(fmt.Sprintf("%q and %q may match one function, whose rules then add up; name the stack with -param AWS::StackName=NAME, or write the functions' names", a.name, b.name))
			}
		}
	}
}

// An entry is an entry of a rule, at its line.
type entry struct {
	section *section
	rule    *rule
	list    *[]string // nil: the rule as a whole
	index   int
}

// check writes a policy with a line for each entry, so that a fault names its entry.
func check(sections []*section) (text string, entries map[int]entry) {
	var b strings.Builder
	entries = map[int]entry{}
	line := 1
	write := func(e entry, format string, args ...any) {
		fmt.Fprintf(&b, format+"\n", args...)
		if e.rule != nil {
			entries[line] = e
		}
		line++
	}
	write(entry{}, "version: 1")
	write(entry{}, "on_violation: alert")
	write(entry{}, "functions:")
	for _, s := range sections {
		write(entry{}, "  %s:", strconv.Quote(s.name))
		for _, deny := range [...]bool{false, true} {
			var rules []*rule
			for _, r := range s.rules {
				if r.deny == deny {
					rules = append(rules, r)
				}
			}
			switch {
			case deny && len(rules) == 0:
				continue
			case deny:
				write(entry{}, "    blacklist:")
			case len(rules) == 0:
				write(entry{}, "    whitelist: []")
			default:
				write(entry{}, "    whitelist:")
			}
			for _, r := range rules {
				lead := "- "
				for _, l := range r.lists() {
					if len(*l.values) == 0 {
						continue
					}
					write(entry{s, r, nil, 0}, "      %s%s:", lead, l.key)
					lead = "  "
					for i, v := range *l.values {
						write(entry{s, r, l.values, i}, "          - %s", l.quote(v))
					}
				}
			}
		}
	}
	return b.String(), entries
}

type ruleList struct {
	key    string
	values *[]string
	quote  func(string) string
}

// lists returns the lists of a rule, in the order of its keys.
func (r *rule) lists() []ruleList {
	return []ruleList{
		{"aws", &r.actions, report.YAML},
		{"except", &r.except, report.YAML},
		{"resources", &r.resources, report.YAML},
		{"regions", &r.regions, variable},
		{"accounts", &r.accounts, strconv.Quote}, // digits would be a number
	}
}

// variable writes a value in which ${region} is the built-in variable.
func variable(s string) string {
	if s == "${region}" {
		return `"${region}"`
	}
	return report.YAML(s)
}

// A fault is what is wrong at a line of the policy.
type fault struct {
	line         int
	problem, fix string
}

// faults returns what is wrong with entries of a policy: errors, and warnings if there are no
// errors. err is an error of no entry, such as of a policy that is too large.
func (r *Reader) faults(text string, entries map[int]entry) (all []fault, err error) {
	file, err := policy.ParseFile("policy.yaml", []byte(text))
	var errs policy.Errors
	if errors.As(err, &errs) {
		for _, e := range errs {
			f := fault{e.Line, e.Problem, e.Fix}
			if _, ok := entries[e.Line]; !ok {
				return nil, fmt.Errorf("the policy would not be valid: %s", reason(f))
			}
			all = append(all, f)
		}
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	warnings := file.Warnings()
	if r.Wrong != nil {
		warnings = append(warnings, file.CheckOperations(r.wrong)...)
	}
	for _, w := range warnings {
		if _, ok := entries[w.Line]; ok {
			all = append(all, fault{w.Line, w.Problem, w.Fix})
		}
	}
	return all, nil
}

// wrong is Wrong, which is asked once for each operation: roles name the same ones again and again.
func (r *Reader) wrong(prefix, operation string) (problem, fix string) {
	key := [2]string{prefix, operation}
	answer, ok := r.asked[key]
	if !ok {
		answer[0], answer[1] = r.Wrong(prefix, operation)
		if r.asked == nil {
			r.asked = map[[2]string][2]string{}
		}
		r.asked[key] = answer
	}
	return answer[0], answer[1]
}

// remove takes the entries with faults out of their rules and reports them. A fault of a rule as a
// whole takes the rule with it, so that each call leaves fewer entries.
func (r *Reader) remove(entries map[int]entry, faults []fault) {
	gone := map[*[]string]map[int]bool{}
	dropped := map[*rule]bool{}
	for _, f := range faults {
		e := entries[f.line]
		if e.list == nil || e.list == &e.rule.regions || e.list == &e.rule.accounts {
			if !dropped[e.rule] {
				dropped[e.rule] = true
				r.faulty(e, strings.Join(e.rule.actions[:min(3, len(e.rule.actions))], ", "), f)
			}
			continue
		}
		if gone[e.list] == nil {
			gone[e.list] = map[int]bool{}
		}
		if !gone[e.list][e.index] {
			gone[e.list][e.index] = true
			r.faulty(e, (*e.list)[e.index], f)
		}
	}
	seen := map[*section]bool{}
	for _, e := range entries {
		if seen[e.section] {
			continue
		}
		seen[e.section] = true
		e.section.rules = slices.DeleteFunc(e.section.rules, func(one *rule) bool {
			if dropped[one] {
				return true
			}
			for _, l := range one.lists() {
				if len(gone[l.values]) == 0 {
					continue
				}
				var kept []string
				for i, v := range *l.values {
					if !gone[l.values][i] {
						kept = append(kept, v)
					}
				}
				*l.values = kept
				if len(kept) == 0 || l.key == "except" {
					return true // without the list, the rule would be about everything
				}
			}
			return false
		})
	}
}

// faulty reports an entry with a fault.
func (r *Reader) faulty(e entry, what string, f fault) {
	switch {
	case strings.Contains(f.problem, " has no effect: the rule on line "): // another entry does the same
	case strings.Contains(f.problem, " is a bucket, and ") && slices.Contains(e.rule.resources, what+"/*"):
	case strings.Contains(f.problem, " can never be allowed: the blacklist on line "):
		r.uncalled(e.section.name, what, "another statement of the role denies it")
	case e.rule.deny:
		r.wider(e.section.name, what, reason(f))
	default:
		r.leave(e.section.name, what, reason(f))
	}
}

func reason(f fault) string {
	text := f.problem
	if f.fix != "" {
		text += "; " + f.fix
	}
	return text
}

// render writes the policy for people.
func render(sections []*section) []byte {
	var b strings.Builder
	b.WriteString("version: 1\non_violation: alert\nfunctions:\n")
	for _, s := range sections {
		name := strconv.Quote(s.name)
		if report.PlainYAML(s.name) && (s.name[0] < '0' || s.name[0] > '9') {
			name = s.name
		}
		fmt.Fprintf(&b, "  %s:\n", name)
		for _, key := range [...]string{"whitelist", "blacklist"} {
			var rules []*rule
			for _, r := range s.rules {
				if r.deny == (key == "blacklist") {
					rules = append(rules, r)
				}
			}
			switch {
			case len(rules) > 0:
				fmt.Fprintf(&b, "    %s:\n", key)
			case key == "whitelist":
				b.WriteString("    whitelist: []\n")
			}
			for _, r := range rules {
				r.write(&b)
			}
		}
	}
	return []byte(b.String())
}

func (r *rule) write(b *strings.Builder) {
	for _, c := range r.comments {
		fmt.Fprintf(b, "      # %s\n", printable(c))
	}
	lead := "      - "
	for _, l := range r.lists() {
		if len(*l.values) == 0 {
			continue
		}
		var all []string
		for _, v := range *l.values {
			all = append(all, l.quote(v))
		}
		value := " [" + strings.Join(all, ", ") + "]"
		if len(all) == 1 && l.key != "accounts" {
			value = " " + all[0]
		}
		if len(lead)+len(l.key)+len(value) >= 100 && len(all) > 1 {
			value = "\n          - " + strings.Join(all, "\n          - ")
		}
		fmt.Fprintf(b, "%s%s:%s\n", lead, l.key, value)
		lead = "        "
	}
	if r.deny {
		b.WriteString("        reason: the role denies it\n")
	}
}

// printable keeps what could end a comment out of it.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '\uFFFD'
	}, cmp.Or(s, "-"))
}
