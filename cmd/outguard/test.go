package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/policytest"
	"github.com/outguard/outguard/policy"
)

// testCommand is for CI. A policy is changed often, and its cases say what must stay.
var testCommand = command{
	name:    "test",
	summary: "check that a policy decides as *.policytest files say",
	args:    "[flags] [FUNCTION@STAGE] [FILE…]",
	help: `
Reads cases (default: every *.policytest file of this folder; a folder stands for those in it) and judges each by the
policy.yaml beside its file, or by -policy. A case is one line:

  VERDICT [FUNCTION@STAGE] CALL [by RULE]

VERDICT is allow, log, alert or block. CALL is written as for outguard check. RULE is the id of the rule that must decide;
"whitelist" stands for a call that no rule of the whitelist allows. What follows a # is a comment.

A case that fails is printed with what was decided and why. Exit codes: 0 every case holds, 1 some case fails or -min-cover is
not reached, 2 a policy or a line cannot be read.`,
	examples: `
  outguard test
  outguard test -cover policies/*.policytest
  outguard test -account 111122223333 -region eu-west-1 -min-cover 80

A policytest file:
  allow  checkout@prod  POST https://api.stripe.com/v1/charges
  block  checkout@dev   GET https://evil.example/x                  by no-exfil
  block  checkout@dev   s3:PutObject arn:aws:s3:::receipts/1.pdf    by whitelist`,
	setup: func(fs *flag.FlagSet) action {
		var at place
		at.flags(fs)
		cover := fs.Bool("cover", false, "print the rules that no case decides")
		least := fs.Float64("min-cover", 0, "`percent` of the rules that some case must decide")
		asJSON := fs.Bool("json", false, `print {"file","line","case","want","got","rule","reason","ok"}, one line of JSON for each case`)
		return func(std stdio, args []string) (int, error) {
			// "outguard test ./..." is a likely slip for "outguard go test ./...".
			if err := noPackages(args); err != nil {
				return 0, err
			}
			// A share above 100 would always fail, and a negative one would never.
			if *least > 100 || *least < 0 {
				return 0, fmt.Errorf("-min-cover %v is not a share in percent; write 0 to 100", *least)
			}
			// Glob fails for a bad pattern only, and this one is good.
			if args = casesOf(at.named(args)); len(args) == 0 {
				args, _ = filepath.Glob("*.policytest")
			}
			// A run without any case must not look like success.
			if len(args) == 0 {
				return 0, &inputError{errors.New("no *.policytest file here; name one, or write the first with outguard init")}
			}
			t := tester{at: at, out: std.out, err: std.err, json: *asJSON, decided: map[policy.RuleRef]bool{}}
			// A file with an error does not end the loop, so that one run shows all.
			for _, name := range args {
				t.file(name)
			}
			if *cover || *least > 0 {
				t.cover(*cover, *least)
			}
			return t.exit, nil
		}
	},
}

// casesOf returns files of cases, with those in a folder in the place of the folder.
func casesOf(names []string) (all []string) {
	for _, name := range names {
		in, _ := filepath.Glob(filepath.Join(name, "*.policytest"))
		if info, err := os.Stat(name); err != nil || !info.IsDir() || len(in) == 0 {
			in = []string{name}
		}
		all = append(all, in...)
	}
	return all
}

// noPackages finds out that somebody wanted to test a Go package.
func noPackages(args []string) error {
	for _, a := range args {
		if strings.HasSuffix(a, "...") || a == "." {
			return fmt.Errorf("%s names packages; did you mean outguard go test %s?", a, strings.Join(args, " "))
		}
	}
	return nil
}

// looksLikePolicy matches the text of a policy, which is easily given in the place of its tests.
var looksLikePolicy = regexp.MustCompile(`(?m)^version:`)

// A tester judges the cases of files, and remembers the worst exit code.
type tester struct {
	at       place
	out, err io.Writer
	json     bool
	exit     int

	noted   bool                    // what -region and -account are for was printed
	rules   []policy.RuleRef        // of all policy files, in the order read
	read    map[string]bool         // the policy files that rules are from
	decided map[policy.RuleRef]bool // rules that have decided a case, without their ids
}

// file judges the cases of one file and prints those that fail.
func (t *tester) file(name string) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.broken(openError(name, err))
		return
	}
	// "outguard test policy.yaml" is an easy slip.
	if looksLikePolicy.Match(text) {
		t.broken(fmt.Errorf("%s is a policy; name *.policytest files, and the policy with -policy", name))
		return
	}
	cases, err := policytest.Read(bytes.NewReader(text))
	// Lines that cannot be read are reported, and the other cases are judged all the same.
	t.broken(placed(name, err)...)
	if err == nil && len(cases) == 0 {
		t.broken(fmt.Errorf("%s: no case in it", name))
		return
	}
	// Cases mostly repeat a few functions and stages. Each policy is compiled once.
	places := map[[2]string]*policy.Policy{}
	failed, whole := 0, err == nil // whole: every line was read, and judged
	for i := range cases {
		c := &cases[i]
		at := t.place(name, c)
		p, ok := places[[2]string{at.function, at.stage}]
		if !ok {
			if p, err = at.load(); err != nil {
				// The error is reported at the first case of the place. The nil policy is kept, so
				// that it is reported once.
				whole = false
				t.broken(placed(name, &policytest.Error{Line: c.Line, Problem: err.Error()})...)
			}
			places[[2]string{at.function, at.stage}] = p
			// The rules are those of the files that cases are judged by, for the share of the
			// cover.
			t.listRules(at)
		}
		// Cases without a policy are neither right nor wrong: broken has set the exit code.
		if p != nil && !t.judge(name, c, p) {
			failed++
		}
	}
	switch {
	// The word FAIL and the file come first, as go test prints them.
	case failed > 0:
		t.exit = max(t.exit, exitFound)
		if !t.json {
			fmt.Fprintf(t.out, "FAIL  %s  %d of %s\n", name, failed, casesText(len(cases)))
		}
	// With broken lines, the file is not ok, even if all other cases hold.
	case whole && !t.json:
		fmt.Fprintf(t.out, "ok    %s  %s\n", name, casesText(len(cases)))
	}
}

// casesText writes a number of cases, in singular or plural.
func casesText(n int) string {
	if n == 1 {
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}

// broken prints what keeps cases from being judged.
func (t *tester) broken(errs ...error) {
	for _, err := range errs {
		fmt.Fprintf(t.err, "outguard test: %v\n", err)
		t.exit = exitUsage
	}
}

// placed adds a file's name to the faults of its lines.
func placed(name string, err error) (errs []error) {
	all := []error{err}
	// policytest.Read joins an error for each line.
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		// An Error begins with its line, so that no blank follows the colon.
		if fault := new(policytest.Error); errors.As(err, &fault) {
			errs = append(errs, fmt.Errorf("%s:%w", name, err))
		} else if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errs
}

// place is where a case is judged: by the policy beside its file unless a flag names another.
func (t *tester) place(name string, c *policytest.Case) *place {
	// A copy: each case has a place of its own.
	at := t.at
	if len(at.files) == 0 && len(at.centrals) == 0 {
		at.files = []string{filepath.Join(filepath.Dir(name), "policy.yaml")}
	}
	at.named([]string{c.Function + "@" + c.Stage})
	return &at
}

// judge judges one case and reports whether it holds.
func (t *tester) judge(name string, c *policytest.Case, p *policy.Policy) bool {
	// A request that Go refuses to make is a case like any other: it is blocked.
	call, err := parseArgs(c.Call)
	if err != nil && !errors.As(err, new(*rejected)) {
		t.broken(placed(name, &policytest.Error{Line: c.Line, Problem: err.Error()})...)
		return false
	}
	d, as := decideOr(p, call, err)
	// A case that fails counts for the cover too: the rule has been tried.
	if by := deciding(d); by != nil {
		t.decided[at(by)] = true
	}
	// Both must hold: the right verdict by the wrong rule is an accident.
	ok := d.Verdict.String() == c.Want && isBy(d, c.By)
	if text := t.at.awsNotice(&call, &d); text != "" && !ok && !t.noted {
		t.noted = true
		fmt.Fprintln(t.err, "outguard test: "+text)
	}
	switch {
	case t.json:
		t.printJSON(name, c, d, ok)
	// Cases that hold are not printed: there may be hundreds.
	case !ok:
		t.printFailure(name, c, p.Cure(as, d), describe(call, p.Explain(call).Call))
	}
	return ok
}

// isBy reports whether what a case names has decided.
func isBy(d policy.Decision, by string) bool {
	rule := deciding(d)
	return by == "" || rule != nil && rule.ID == by || rule == nil && by == d.List.String()
}

// deciding returns the rule that decided; nil where a whitelist misses a rule, and where there is
// no list.
func deciding(d policy.Decision) *policy.RuleRef {
	if d.List == policy.Whitelist && !d.Allowed() {
		return nil // the nearest rule
	}
	return d.Rule
}

// at is where a rule stands, whatever it is called for a function.
func at(r *policy.RuleRef) policy.RuleRef { return policy.RuleRef{File: r.File, Line: r.Line} }

// printFailure prints a case that does not hold, with the verdict that it got and why.
func (t *tester) printFailure(name string, c *policytest.Case, d policy.Decision, subject string) {
	fmt.Fprintf(t.out, "%s:%d: %s, but:\n", name, c.Line, c.Text())
	// The verdict is indented below the case that it belongs to.
	var text bytes.Buffer
	_ = printText(&text, subject, d)
	for line := range strings.Lines(text.String()) {
		fmt.Fprint(t.out, "  "+line)
	}
}

// printJSON prints a line for each case, whether it holds or not.
func (t *tester) printJSON(name string, c *policytest.Case, d policy.Decision, ok bool) {
	line := struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		Case   string `json:"case"`
		Want   string `json:"want"`
		Got    string `json:"got"`
		Rule   string `json:"rule"`
		Reason string `json:"reason"`
		OK     bool   `json:"ok"`
	}{File: name, Line: c.Line, Case: c.Text(), Want: c.Want, Got: d.Verdict.String(), Reason: d.Reason, OK: ok}
	// A whitelist miss has no rule, and "rule" is empty then.
	if rule := deciding(d); rule != nil {
		line.Rule = rule.ID
	}
	// An error of writing ends the command: see checkedWriter.
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(line)
}

// listRules notes the rules of a place's policy files.
func (t *tester) listRules(at *place) {
	if t.read == nil {
		t.read = map[string]bool{}
	}
	// The second list has the central files, which are parsed by other rules.
	for i, names := range [...][]string{at.files, at.centrals} {
		for _, name := range names {
			if t.read[name] {
				continue
			}
			t.read[name] = true
			// A file that does not parse has been reported by load.
			if file, err := parsePolicy(name, i == 1); err == nil {
				t.rules = append(t.rules, file.Rules()...)
			}
		}
	}
}

// cover prints what share of the rules has decided a case, and which have not.
func (t *tester) cover(list bool, least float64) {
	var missing []policy.RuleRef
	for _, r := range t.rules {
		if !t.decided[at(&r)] {
			missing = append(missing, r)
		}
	}
	// A policy without rules is covered: no case is missing.
	share := 100.0
	if len(t.rules) > 0 {
		share = 100 * float64(len(t.rules)-len(missing)) / float64(len(t.rules))
	}
	// The share is compared before it is rounded for people.
	if share < least {
		t.exit = max(t.exit, exitFound)
	}
	// With -json, only lines for cases are printed. The exit code says the rest.
	if t.json {
		return
	}
	if list {
		for _, r := range missing {
			fmt.Fprintf(t.out, "%s:%d: no case is decided by %s\n", r.File, r.Line, r.ID)
		}
	}
	fmt.Fprintf(t.out, "cover %.0f %%: %d of %s\n", share, len(t.rules)-len(missing), counted(len(t.rules), "rule", "rules"))
}
