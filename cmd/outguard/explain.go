package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/policytest"
	"github.com/outguard/outguard/policy"
)

// explainCommand is for people: it says all that bears on a call, where check says the verdict
// alone.
var explainCommand = command{
	name:    "explain",
	summary: "show the rules in effect, or why a call gets its verdict",
	args:    "[flags] [FUNCTION@STAGE] [CALL]",
	help: `
With a CALL, written as for outguard check, prints its verdict; everything in all files that forbids it; each rule, in order,
and why it applies or not; and what would change the verdict. Without one, prints the rules in effect for the function:
those of all files, with variables expanded, each with its place. check is for programs, explain for people.

CALL may be a line of the function's log, which also says where the function runs; - reads lines from standard input. What is
masked in it is an unknown text: if the verdict depends on it, each possible verdict is printed with a call that gets it.

With -never, proves that every call of a form, written as an entry of a blacklist, breaks the policy in every function and
stage, or prints one that does not. With -blocked, that every such call is blocked too.

Exit codes: 0 the call is allowed, no call was given, or -never is proved; 1 the call breaks the policy, or -never is not
proved; 2 a policy or the call cannot be read.`,
	examples: `
  outguard explain checkout@prod
  outguard explain checkout@prod GET https://api.stripe.com/v1/charges
  outguard explain '{"schema":"outguard.alert/v1", …}'
  aws logs tail /aws/lambda/checkout --since 1h | outguard explain -
  outguard explain -never 'http: *.pastebin.com' -blocked
  outguard explain -policy policy.yaml -central security.yaml checkout@prod dynamodb:PutItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders`,
	setup: func(fs *flag.FlagSet) action {
		var at place
		at.flags(fs)
		asJSON := fs.Bool("json", false, "print one line of JSON for each rule, after one for the verdict")
		never := fs.String("never", "", "`form` of calls, as an entry of a blacklist, that must never be allowed: 'http: *.pastebin.com'")
		blocked := fs.Bool("blocked", false, "with -never: every such call must be blocked")
		return func(std stdio, args []string) (int, error) {
			// A line of a log says where the function runs. It counts more than the defaults of
			// flags, and less than flags that are given.
			given := map[string]bool{}
			fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
			if len(args) > 0 {
				// The first argument stands for flags that are given.
				function, stage, ok := policytest.Place(args[0])
				if !ok && isFunction(args) {
					function = args[0]
				}
				given["function"], given["stage"] = given["function"] || function != "", given["stage"] || stage != ""
			}
			args = at.called(args)
			if *never != "" {
				at.narrow(given)
			}
			// at is copied: lines of a log change it for themselves.
			e := explainer{out: bufio.NewWriter(std.out), err: std.err, json: *asJSON, at: at, given: given}
			exit, err := e.run(std, args, *never, *blocked)
			// Output is flushed after an error too: what was explained before it is still right.
			if ferr := e.out.Flush(); err == nil {
				err = ferr
			}
			return exit, err
		}
	},
}

// run does what the arguments ask for.
func (e *explainer) run(std stdio, args []string, never string, blocked bool) (exit int, err error) {
	switch {
	case never != "" && len(args) > 0:
		return 0, fmt.Errorf("-never stands beside the call %q; one of the two", strings.Join(args, " "))
	case never != "":
		return e.never(never, blocked)
	// Alone, it would have no effect, and nobody would notice.
	case blocked:
		return 0, errors.New("-blocked needs -never")
	// The order matters: "-" and a line of a log would not be read as calls.
	case len(args) == 1 && args[0] == "-":
		return e.lines(std.in)
	case isLine(args):
		return e.lines(strings.NewReader(strings.Join(args, " ")))
	}
	if err := noCallButFile(args, "write - to have its lines explained: outguard explain -"); err != nil {
		return 0, &inputError{err}
	}
	if err := e.at.noCallButStage(args); err != nil {
		return 0, &inputError{err}
	}
	// Lines of a log and -never load policies themselves, since each has a place of its own.
	if e.policy, err = e.load(&e.at); err != nil {
		return 0, err
	}
	if len(args) == 0 {
		e.rules()
		return exitOK, nil
	}
	// A request that Go refuses to make is explained too: it is blocked as malformed.
	call, cannot := parseArgs(args)
	if cannot != nil && !errors.As(cannot, new(*rejected)) {
		return 0, cannot
	}
	warnOfTypo(e.err, "explain", &call)
	return e.call(&e.at, call, cannot), nil
}

// load compiles the policies of a place.
func (e *explainer) load(at *place) (*policy.Policy, error) {
	p, err := at.load()
	// The notice says why verdicts may differ from those of the deployed function.
	if err == nil && at.notice != "" {
		fmt.Fprintln(e.err, "outguard explain: "+at.notice)
	}
	return p, err
}

// An explainer prints what a policy says.
type explainer struct {
	// The policy is that of the place which was loaded last.
	policy *policy.Policy
	out    *bufio.Writer
	err    io.Writer
	json   bool
	at     place
	given  map[string]bool // what the command line says of the place
}

// rules prints the policy's files and the rules in effect.
func (e *explainer) rules() {
	// Each file has settings of its own, so that each has two lines.
	for _, info := range e.policy.Info() {
		if !e.json {
			fmt.Fprintf(e.out, "%s: function %s, stage %s, on_violation %s, on_unguarded %s%s\n", info.File,
				orNone(info.Function), orNone(info.Stage), info.OnViolation, info.OnUnguarded, owned(info.Owner))
			fmt.Fprintf(e.out, "  what no rule names %s\n", unnamed(info.DefaultDeny))
		}
	}
	// Without a call, no rule applies or not.
	for _, r := range e.policy.Rules() {
		e.rule(&r, "", "")
	}
}

// unnamed says what happens to a call that no rule names.
func unnamed(defaultDeny bool) string {
	if defaultDeny {
		return "breaks the policy"
	}
	return "is allowed: there is no whitelist"
}

// orNone makes an empty name visible.
func orNone(s string) string {
	// "function , stage" would look like a mistake of this command.
	if s == "" {
		return "(none)"
	}
	return s
}

// owned returns ", owner NAME", or nothing for a file without an owner.
func owned(owner string) string {
	if owner == "" {
		return ""
	}
	return ", owner " + owner
}

// call prints why a call gets its verdict. A call that could not be made has an error.
func (e *explainer) call(at *place, call policy.Call, cannot error) (exit int) {
	d, as := decideOr(e.policy, call, cannot)
	// Cure adds what else forbids the call, and the entry that would allow it.
	d = e.policy.Cure(as, d)
	if !d.Allowed() {
		exit = exitFound
	}
	if text := at.awsNotice(&call, &d); text != "" {
		fmt.Fprintln(e.err, "outguard explain: "+text)
	}
	if e.json {
		_ = printJSON(e.out, "", d)
	} else {
		_ = printText(e.out, describe(call, e.policy.Explain(call).Call), d)
	}
	e.consider(d, as)
	return exit
}

// consider prints what forbids a call, and how each rule bears on it.
func (e *explainer) consider(d policy.Decision, as policy.Call) {
	if !e.json {
		e.against(d)
		fmt.Fprintln(e.out, "\nEach rule, in order:")
	}
	// The call is the one that the verdict is about: it may be the address, or the wire form.
	for _, r := range e.policy.Consider(as) {
		// In a blacklist, a rule that applies forbids the call; in a whitelist, it allows it.
		applies := "does not apply"
		if r.Applies {
			applies = "allows the call"
			if r.List == policy.Blacklist {
				applies = "forbids the call (" + r.Verdict.String() + ")"
			}
		}
		e.rule(&r.RuleText, applies, r.Why)
	}
}

// against prints everything that forbids a call, and who keeps the file.
func (e *explainer) against(d policy.Decision) {
	// An allowed call has nothing against it.
	if len(d.Against) == 0 {
		return
	}
	fmt.Fprintln(e.out, "\nWhat forbids the call:")
	// The owner is whom to ask about the rule: it may be in a central file.
	for _, r := range d.Against {
		fmt.Fprintf(e.out, "  %-5s  %s%s: %s\n", r.Verdict, source(policy.Decision{List: r.List, Rule: r.Rule, Policy: r.Policy}),
			owned(r.Policy.Owner), printable(r.Reason))
	}
}

// rule prints one rule, and how it bears on a call.
func (e *explainer) rule(r *policy.RuleText, applies, why string) {
	if e.json {
		// Lines for rules have other keys than the line for the verdict, which comes first.
		line := struct {
			List    string   `json:"list"`
			Rule    string   `json:"rule"`
			File    string   `json:"file"`
			Line    int      `json:"line"`
			Owner   string   `json:"owner,omitempty"`
			Entry   []string `json:"entry"`
			Verdict string   `json:"verdict,omitempty"`
			Applies string   `json:"applies,omitempty"`
			Why     string   `json:"why,omitempty"`
		}{r.List.String(), r.Rule.ID, r.Rule.File, r.Rule.Line, r.Policy.Owner, r.Lines, "", applies, why}
		// A whitelist has no verdict of its own.
		if r.List == policy.Blacklist {
			line.Verdict = r.Verdict.String()
		}
		out := json.NewEncoder(e.out)
		out.SetEscapeHTML(false)
		_ = out.Encode(line)
		return
	}
	// The place comes first, for editors that jump to it.
	fmt.Fprintf(e.out, "  %s:%d  %s", r.Rule.File, r.Rule.Line, r.List)
	// A rule without an id is named by its place, which is printed already.
	if named := fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line); r.Rule.ID != named {
		fmt.Fprintf(e.out, " %s", r.Rule.ID)
	}
	// Without a call, a blacklist rule shows what it would do.
	if applies == "" && r.List == policy.Blacklist {
		applies = r.Verdict.String()
	}
	// Neither is known for a whitelist rule without a call.
	if applies != "" {
		fmt.Fprintf(e.out, ": %s", applies)
	}
	if why != "" {
		fmt.Fprintf(e.out, ": %s", printable(why))
	}
	fmt.Fprintln(e.out)
	// The first line of an entry has the dash.
	for i, line := range r.Lines {
		fmt.Fprintf(e.out, "    %s %s\n", [2]string{"-", " "}[min(i, 1)], printable(line))
	}
}
