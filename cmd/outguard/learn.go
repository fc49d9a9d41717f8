package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
)

// learnCommand makes the first whitelist of a function: nobody knows all of its calls by heart.
var learnCommand = command{
	name:    "learn",
	summary: "write the whitelist that covers the calls of a log",
	args:    "[flags] [FUNCTION@STAGE] [LOG…]",
	help: `
Reads logs (default: standard input), finds the calls that Outguard logged in them, and prints a policy that allows exactly
these calls: host by host, with ids in paths and names as *. To begin, deploy a policy with on_violation: log and
whitelist: [], which logs every distinct call and lets it go. A function with a whitelist logs its allowed calls too if it is
started with OUTGUARD_LEARN=1.

With -into, the entries are added to a policy file as lines of their own, at the end of the function's whitelist. All other
lines stay as they are, except a whitelist or a section in brackets, which is opened.

A log may be raw lines, what "aws logs tail" and "aws logs filter-log-events" print, a result of Logs Insights as JSON or CSV,
an export to S3, and gzip of each, mixed with other text. A comment above each rule holds the evidence. What a blacklist or a
built-in rule forbids, calls to metadata addresses and calls with another account's keys are not learned but listed.

Whoever can write to the log of a function can add calls to it: review the policy before it is enforced.

Exit codes: 0 the policy allows every call of the log, 1 some calls are left out, 2 a log cannot be read or has no call.`,
	examples: `
  aws logs tail /aws/lambda/checkout --since 7d | outguard learn > policy.yaml
  outguard learn -function checkout -stage prod export/*.gz > policy.yaml
  outguard learn -into policy.yaml insights.csv
  outguard learn -into policy.yaml -unused function.log
  outguard learn -by access -json function.log
  outguard learn -as iam function.log > role.json
  outguard learn -tests policy.policytest function.log > policy.yaml`,
	setup: func(fs *flag.FlagSet) action {
		// The stage has no default from the environment: $OUTGUARD_STAGE must not select lines
		// unasked.
		var c learner
		fs.StringVar(&c.log.Function, "function", "", "`name` of a function; calls of others are left out")
		fs.StringVar(&c.log.Stage, "stage", "", "`stage`; calls in others are left out")
		fs.StringVar(&c.into, "into", "", "policy `file` to add to; what it allows already is not added, and what it forbids is left out")
		fs.StringVar(&c.policy, "policy", "", "policy `file` to go by: only what it lacks is printed; it is not changed")
		fs.BoolVar(&c.onlyUnused, "unused", false, "print the rules of the policy of -policy or -into that no call of the log used, and change nothing")
		fs.StringVar(&c.cases, "tests", "", "`file` to add a policytest case to for each call that is allowed")
		fs.BoolVar(&c.query, "query", false, "print queries for Logs Insights and Athena, whose results can be read as a log")
		fs.StringVar(&c.output, "o", "", "`file` to write (default: standard output; with -into, that file)")
		fs.StringVar(&c.by, "by", "", "`word`: access writes access: read or write for a service in place of its operations that were called")
		fs.StringVar(&c.as, "as", "", "`form`: iam prints the document of a role that is enough for the AWS calls, in place of the policy")
		fs.BoolVar(&c.json, "json", false, `print {"section","entry","calls","last","callers"} for each rule, then {"where","call","reason"} for each call that is left out, a line of JSON each`)
		return func(std stdio, args []string) (int, error) {
			var named place
			args = named.named(args)
			c.log.Function, c.log.Stage = cmp.Or(named.function, c.log.Function), cmp.Or(named.stage, c.log.Stage)
			return c.run(std, args)
		}
	},
}

// A learner is one run of learn.
type learner struct {
	log    learn.Log
	counts loglines.Counts
	others passedOver
	into   string
	policy string // to go by
	output string
	cases  string // file of policytest cases

	by, as string

	onlyUnused, query, json bool
}

// check refuses flags that do not go together.
func (c *learner) check() error {
	switch {
	// -by and -as take one word each today. A text leaves room for others.
	case c.by != "" && c.by != "access":
		return fmt.Errorf("-by %s is not a way to group rules; write access", c.by)
	case c.as != "" && c.as != "iam":
		return fmt.Errorf("-as %s is not a form; write iam", c.as)
	// With two policies, it would be open which one a call has to be missing from.
	case c.policy != "" && c.into != "":
		return errors.New("-policy goes by a policy, and -into edits it; one of the two")
	// A role's document has no place in a policy.
	case c.as != "" && c.into != "":
		return errors.New("-as prints a document, and -into edits a policy; one of the two")
	case c.as != "" && c.json:
		return errors.New("-as iam is JSON already; leave -json out")
	}
	return nil
}

// run reads the logs and writes what was learned, in the form that the flags ask for.
func (c *learner) run(std stdio, args []string) (exit int, err error) {
	// -query needs no log.
	if c.query {
		_, err = io.WriteString(std.out, queries)
		return exitOK, err
	}
	if err := c.check(); err != nil {
		return 0, err
	}
	c.log.ByAccess = c.by == "access"
	// Before a log is read, which may take long, the files are.
	var into *target
	var enforced learn.Judge
	// Both flags go by the file's rules; only -into changes it.
	if name := cmp.Or(c.into, c.policy); name != "" {
		t, err := readTarget(name)
		if err != nil {
			return 0, &inputError{err}
		}
		if enforced = t.judge; c.into != "" {
			into = t
		}
	}
	var cases *casesFile
	if c.cases != "" {
		if cases, err = readCases(c.cases); err != nil {
			return 0, &inputError{err}
		}
	}
	// Logs may take minutes, and standard output has the result.
	progress := newProgress(std.err)
	// Lines of others are remembered for the message that there is nothing to learn from.
	c.counts, err = readLogs(std.in, args, func(schema string, text []byte) {
		// Add reports nothing, so that the counter shows whether the line was left out.
		left := c.log.Counts.Left
		if c.log.Add(schema, text); c.log.Counts.Left > left {
			c.others.add(text)
		}
		progress.line()
	})
	progress.end()
	cut, err := damaged(err)
	if err != nil {
		return 0, err
	}
	// The question is another one then: what the policy has and the log lacks.
	if c.onlyUnused {
		exit, err = c.unused(std)
		return exit, errors.Join(err, cut)
	}
	result, err := c.log.Learn(enforced)
	if err != nil {
		return 0, &inputError{err}
	}
	switch {
	// Counts of the log explain best why nothing was learned.
	case c.log.Counts.Alerts+c.log.Counts.Seen == 0:
		err = noCall("to learn from", c.counts, &c.others)
	// A document without statements would be refused by IAM.
	case c.as != "" && result.IAM() == nil:
		err = errors.New("the log has no AWS call that is learned")
	// With -into, the policy goes into that file, and nothing to standard output.
	case into != nil:
		err = c.addTo(into, result)
	case c.output != "":
		err = writeFile(c.output, c.text(result))
	// With -json alone, the lines take the place of the policy.
	case !c.json:
		_, err = std.out.Write(c.text(result))
	}
	// -json goes to standard output, also beside -o and -into.
	if err == nil && c.json {
		err = printLearned(std.out, result)
	}
	if err == nil && cases != nil {
		err = cases.add(result.Cases())
	}
	// The report comes last, on standard error, whatever was written before.
	c.report(std.err, result)
	if err != nil {
		return 0, errors.Join(&inputError{err}, cut)
	}
	// What was learned is written. The exit code still shows that some of the log is missing.
	if cut != nil {
		return 0, cut
	}
	// A call that was left out needs the author's attention, as the exit code shows.
	if len(result.Left) > 0 {
		return exitFound, nil
	}
	return exitOK, nil
}

// text returns what is written: the policy, or a role's document.
func (c *learner) text(r *learn.Result) []byte {
	if c.as == "iam" {
		return r.IAM()
	}
	return r.Policy()
}

// printLearned prints a line of JSON for each rule, and for each call that is left out.
func printLearned(w io.Writer, r *learn.Result) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	// URLs and entries keep their & and <.
	e.SetEscapeHTML(false)
	// Encode fails only if writing does, and then Flush returns that error.
	for _, rule := range r.Rules() {
		_ = e.Encode(rule)
	}
	for _, left := range r.Left {
		_ = e.Encode(struct {
			Where  string `json:"where"`
			Call   string `json:"call"`
			Reason string `json:"reason"`
			Calls  int    `json:"calls"`
		}{left.Where, left.Call, left.Reason, left.Calls})
	}
	return out.Flush()
}

// report prints what was read, what was skipped, and which calls are left out.
func (c *learner) report(w io.Writer, r *learn.Result) {
	out := bufio.NewWriter(w)
	defer out.Flush()
	// note prints a count, in singular or plural, and nothing for none.
	note := func(n int, one, many string) {
		switch {
		case n == 1:
			fmt.Fprintf(out, "outguard learn: 1 %s\n", one)
		case n > 1:
			fmt.Fprintf(out, "outguard learn: %d %s\n", n, many)
		}
	}
	counts := &c.log.Counts
	// Broken objects are found while scanning the text, and broken lines while decoding.
	note(c.counts.Broken+counts.Broken, "broken line was skipped", "broken lines were skipped")
	// A caller of the function may have chosen such text.
	note(c.counts.Quoted, "line inside another message was skipped", "lines inside other messages were skipped")
	// A library may be run outside Lambda, where nothing names a function.
	note(counts.Nameless, "line names no function; -function names it", "lines name no function; -function names it")
	note(counts.Left, "line of another function or stage was skipped", "lines of other functions or stages were skipped")
	// The log has lines that count violations without naming each, and lines that Lambda cut.
	note(counts.Missing, "call is counted in the log but not named", "calls are counted in the log but not named")
	// Sorted, so that the same log gives the same report.
	for _, schema := range slices.Sorted(maps.Keys(counts.Unknown)) {
		newer := printable(schema) + " skipped: a newer outguard wrote and reads it"
		note(counts.Unknown[schema], "line of "+newer, "lines of "+newer)
	}
	// Nothing learned and nothing left out is an error that run has already.
	if len(r.Sections) > 0 || len(r.Left) > 0 {
		fmt.Fprintf(out, "outguard learn: %s\n", learnedText(r))
	}
	for _, left := range r.Left {
		// The text of calls is from the log, and may be hostile.
		fmt.Fprintf(out, "left out: %s  %s\n    %s\n", printable(left.Where), printable(left.Call), printable(left.Reason))
	}
}

// learnedText says in one line how much was learned.
func learnedText(r *learn.Result) string {
	var names []string
	for _, s := range r.Sections {
		names = append(names, printable(s.Name))
	}
	// Five names show which log it was.
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("%d more", len(r.Sections)-5))
	}
	text := fmt.Sprintf("distinct calls of %s: %d allowed", strings.Join(names, ", "), r.Calls)
	// With a policy to go by, most calls need no rule any more.
	if r.Allowed > 0 {
		text += fmt.Sprintf(", %d allowed before", r.Allowed)
	}
	if len(r.Left) > 0 {
		text += fmt.Sprintf(", %d left out", len(r.Left))
	}
	return text
}
