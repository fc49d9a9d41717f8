package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/cmd/outguard/internal/reportpage"
)

// reportCommand is for people who were not there: a page to mail or to keep with a build.
var reportCommand = command{
	name:    "report",
	summary: "show what functions talk to, by a log",
	args:    "[flags] [LOG…]",
	help: `
Reads logs (default: standard input) as learn does, and writes one page: each function and what it talks to, with the calls
that were allowed, logged, alerted of and blocked, and those that a next policy would deal with otherwise; the calls over
time; and the most frequent violations with their rules and callers. With -policy, it also lists the rules that no call used.
The page is one file. It loads nothing and runs no script.

Whoever can write to the log of a function can add calls to it. Allowed calls are in the log of functions that are started
with OUTGUARD_LEARN=1.

Exit codes: 0 the report is written, 2 a log cannot be read or has no call.`,
	examples: `
  outguard report -o report.html function.log
  aws logs tail /aws/lambda/checkout --since 7d | outguard report -policy policy.yaml -o report.html
  outguard report -format md function.log >> "$GITHUB_STEP_SUMMARY"
  outguard report -format json -function checkout -stage prod export/*.gz`,
	setup: func(fs *flag.FlagSet) action {
		var r reporter
		fs.StringVar(&r.log.Function, "function", "", "`name` of a function; calls of others are left out")
		fs.StringVar(&r.log.Stage, "stage", "", "`stage`; calls in others are left out")
		fs.StringVar(&r.policy, "policy", "", "policy `file`; its rules that no call of the log used are listed")
		fs.StringVar(&r.output, "o", "", "`file` to write (default: standard output)")
		fs.StringVar(&r.title, "title", "What functions talk to", "`text` above the report")
		format := fs.String("format", "html", "`format`: html; md, for pull requests; json")
		asJSON := fs.Bool("json", false, "the same as -format json")
		return func(std stdio, args []string) (int, error) {
			// FUNCTION@STAGE selects the lines of one function, as the two flags do.
			args = named(args, &r.log.Function, &r.log.Stage)
			if *asJSON {
				*format = "json"
			}
			// The format is checked before any log is read, which may be large.
			write, ok := reportFormats[*format]
			if !ok {
				return 0, fmt.Errorf("-format %s is not a format; write html, md or json", *format)
			}
			return r.run(std, args, write)
		}
	},
}

// reportFormats are the formats of report.
var reportFormats = map[string]func(*reportpage.Summary, io.Writer, string) error{
	"html": (*reportpage.Summary).HTML,
	"md":   (*reportpage.Summary).Markdown,
	// The title is for people, and JSON has no place for it.
	"json": func(s *reportpage.Summary, w io.Writer, _ string) error {
		e := json.NewEncoder(w)
		// URLs stay readable: & is not written as \u0026.
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(s)
	},
}

// named takes a leading argument FUNCTION@STAGE, which stands for -function and -stage.
func named(args []string, function, stage *string) (rest []string) {
	p := place{function: *function, stage: *stage}
	rest = p.named(args)
	*function, *stage = p.function, p.stage
	return rest
}

// A reporter is one run of report.
type reporter struct {
	log                   reportpage.Log
	calls                 learner // the same lines, for the uses of rules
	policy, output, title string
}

// run reads the logs and writes the report in the given format.
func (r *reporter) run(std stdio, args []string, write func(*reportpage.Summary, io.Writer, string) error) (int, error) {
	// The policy is read before the logs, so that a fault in it is found at once.
	var into *target
	if r.policy != "" {
		var err error
		if into, err = readTarget(r.policy); err != nil {
			return 0, &inputError{err}
		}
	}
	// Both select the same lines, or a rule could be used by calls that the page leaves out.
	r.calls.log.Options = learn.Options(r.log.Options)
	// The places of lines that are left out explain an empty report.
	var others passedOver
	counts, err := readLogs(std.in, args, func(schema string, text []byte) {
		// What was skipped is named if nothing is left: -function may have a typing error.
		skipped := r.log.Skipped
		if r.log.Add(schema, text); r.log.Skipped > skipped {
			others.add(text)
		}
		// The second log finds which rules the calls used. Without -policy, nobody asks for that.
		if into != nil {
			r.calls.log.Add(schema, text)
		}
	})
	// A damaged gzip still counts for what it held. Any other error ends the command.
	cut, err := damaged(err)
	if err != nil {
		return 0, err
	}
	// Both kinds may have held calls that the page lacks.
	if n := counts.Broken + r.log.Broken; n > 0 {
		fmt.Fprintf(std.err, "outguard report: broken lines that were skipped: %d\n", n)
	}
	// The number shows when -function or -stage leaves out more than was meant.
	if r.log.Skipped > 0 {
		fmt.Fprintf(std.err, "outguard report: lines of other functions or stages that were skipped: %d\n", r.log.Skipped)
	}
	// An empty page would look like a function that calls nothing.
	if r.log.Lines == 0 {
		return 0, errors.Join(cut, &inputError{noCall("to report", counts, &others)})
	}
	summary := r.log.Summary()
	if into != nil {
		// The rules are judged in the places that the log names, hence after the log is read.
		if summary.Policy, err = r.rules(into); err != nil {
			return 0, &inputError{err}
		}
	}
	// The page is made before the file is opened, so that an error leaves no half of it.
	var page bytes.Buffer
	if err := write(summary, &page, r.title); err != nil {
		return 0, &inputError{err}
	}
	// "-" is standard output, as for other commands.
	if r.output != "" && r.output != "-" {
		// A report that exists is replaced as a whole.
		err = writeFile(r.output, page.Bytes())
	} else {
		out := bufio.NewWriter(std.out)
		_, err = page.WriteTo(out)
		err = cmp.Or(err, out.Flush())
	}
	if err != nil {
		return 0, &inputError{err}
	}
	// The report is written from what could be read. The exit code still shows a damaged log.
	return exitOK, cut
}

// rules returns which rules of the policy's whitelists the calls of the log used.
func (r *reporter) rules(t *target) (*reportpage.Policy, error) {
	uses, err := r.calls.log.Uses(t.judge)
	if err != nil {
		return nil, err
	}
	p := &reportpage.Policy{File: t.name}
	// A rule of a section that the log has nothing of may well be used elsewhere.
	for _, rule := range whiteRules(t.text) {
		if !inLog(rule.section, uses) {
			continue
		}
		// Only rules that the log could have used count, so that the share is fair.
		p.Rules++
		// Lines identify rules, because not every rule has an id.
		if !uses.At(rule.line).IsZero() {
			p.Used++
			continue
		}
		p.Unused = append(p.Unused, reportpage.Rule{Place: fmt.Sprintf("%s:%d", t.name, rule.line), Section: rule.section, Text: rule.text})
	}
	return p, nil
}
