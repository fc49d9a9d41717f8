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
	// A function whose role allows nothing gets an empty whitelist, and so may call nothing.
	for _, f := range r.functions {
		sections = append(sections, &section{f.name, r.rules(f)})
	}
	// Each round removes the entries with faults. New ones may then appear, such as warnings that
	// errors had hidden, until nothing is left to remove.
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
// It points into the rule, so that remove can shorten the list in place.
type entry struct {
	section *section
	rule    *rule
	list    *[]string // nil: the rule as a whole
	index   int
}

// check writes a policy with a line for each entry, so that a fault names its entry.
func check(sections []*section) (text string, entries map[int]entry) {
	var b strings.Builder
	// Lines are from 1, as in the errors of package policy.
	entries = map[int]entry{}
	line := 1
	// write adds one line, which belongs to e unless e is zero.
	write := func(e entry, format string, args ...any) {
		fmt.Fprintf(&b, format+"\n", args...)
		if e.rule != nil {
			entries[line] = e
		}
		// Every write makes one line, so that counting is enough to know where an entry stands.
		line++
	}
	// The same head as render, so that what is checked is what is written.
	write(entry{}, "version: 1")
	write(entry{}, "on_violation: alert")
	write(entry{}, "functions:")
	for _, s := range sections {
		write(entry{}, "  %s:", strconv.Quote(s.name))
		// The whitelist first, as in render. An empty one is written out: the function then calls
		// nothing.
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
				// The first key of a rule has the dash, and others are below it.
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

// A ruleList is a key of the YAML with its values in the rule. quote writes one value; each list
// has its own pitfalls.
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
	// The text is that of check: no policy is written before it has no faults.
	file, err := policy.ParseFile("policy.yaml", []byte(text))
	// Errors come first: warnings are found in a valid policy only.
	var errs policy.Errors
	if errors.As(err, &errs) {
		for _, e := range errs {
			f := fault{e.Line, e.Problem, e.Fix}
			// A fault in a line of the frame, such as too many sections, cannot be removed.
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
	// Wrong knows which operations the SDK has, beyond what the library itself knows.
	if r.Wrong != nil {
		warnings = append(warnings, file.CheckOperations(r.wrong)...)
	}
	for _, w := range warnings {
		// A warning about the frame, such as an empty whitelist, is what the author should see
		// later.
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
	// Indexes are those of the checked text, so that nothing is deleted before all faults are read.
	gone := map[*[]string]map[int]bool{}
	dropped := map[*rule]bool{}
	for _, f := range faults {
		e := entries[f.line]
		// A rule without its regions or accounts would be wider, so that it goes as a whole.
		if e.list == nil || e.list == &e.rule.regions || e.list == &e.rule.accounts {
			if !dropped[e.rule] {
				dropped[e.rule] = true
				r.faulty(e, strings.Join(e.rule.actions[:min(3, len(e.rule.actions))], ", "), f)
			}
			continue
		}
		// Several faults may be about one entry; the first one is reported.
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
		// The map of entries has an order of its own, and rules stay in theirs.
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
				// gone is about indexes of this list, so that one pass over it is enough.
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
	// No report: another rule allows the same.
	case strings.Contains(f.problem, " has no effect: the rule on line "): // another entry does the same
	// No report: for bucket/* next to the bucket, objects are allowed as meant.
	case strings.Contains(f.problem, " is a bucket, and ") && slices.Contains(e.rule.resources, what+"/*"):
	case strings.Contains(f.problem, " can never be allowed: the blacklist on line "):
		// A role may allow s3:* and deny s3:DeleteObject: the blacklist has it.
		r.uncalled(e.section.name, what, "another statement of the role denies it")
	// Without the entry, the blacklist forbids less than the role does.
	case e.rule.deny:
		r.wider(e.section.name, what, reason(f))
	default:
		r.leave(e.section.name, what, reason(f))
	}
}

// reason joins problem and fix into one sentence for Left.
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
		// A name such as 123 or true must not become a number or a bool.
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
			// An explicit empty whitelist: the function calls nothing.
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

// write writes a rule with its comments, on as few lines as fit.
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
		// Short lists stay on one line, in brackets.
		value := " [" + strings.Join(all, ", ") + "]"
		// One value needs no list; accounts must be one.
		if len(all) == 1 && l.key != "accounts" {
			value = " " + all[0]
		}
		// Beyond 100 columns, each value gets a line of its own, which diffs well.
		if len(lead)+len(l.key)+len(value) >= 100 && len(all) > 1 {
			value = "\n          - " + strings.Join(all, "\n          - ")
		}
		fmt.Fprintf(b, "%s%s:%s\n", lead, l.key, value)
		lead = "        "
	}
	// The reason is what people see when a call is blocked: it is not a decision of the policy's
	// author.
	if r.deny {
		b.WriteString("        reason: the role denies it\n")
	}
}

// printable keeps what could end a comment out of it.
// A line break in a Sid would otherwise end the comment, and the rest be YAML.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '\uFFFD'
	}, cmp.Or(s, "-"))
}
