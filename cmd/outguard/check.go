package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/outguard/outguard/policy"
)

// checkCommand is for programs: it reads and writes lines, and its keys stay the same.
var checkCommand = command{
	name:    "check",
	summary: "say what a policy decides on calls",
	args:    "[flags] [FUNCTION@STAGE] [CALL]",
	help: `
Judges one call given as arguments, or each line of JSON on standard input, by the policy of a function, and prints the
verdicts in the order of the calls. Nothing is sent. A call is one of

  [METHOD] https://host/path        {"http": {"method": …, "url": …, "host": …, "header": {"k": ["v"]}}}
  service:Operation [ARN…]          {"aws": {"service": …, "operation": …, "region": …, "account": …, "resources": ["arn:…"]}}
  host:port                         {"net": "host:port", "via": …}

Beside it may stand the package that calls, {"caller": {"package": "example.com/a", "main": true}}, the address that the name
resolves to, {"addr": "10.0.0.1"}, and when the call is made, {"at": "2027-01-31"}, in the place of -at. The "call" that
outguard diff -json prints has this form.

In JSON, "host" sets the Host header where it differs from the URL's, header keys are taken as they are written, and
"url_b64" (bytes) or "url_struct" (the fields of Go's url.URL) may stand for "url". "http" beside "aws" is an SDK call
together with the request it makes. "via" is the layer that sees no more of a call than a name or a connection, as in
alerts: name, dial, context, connect or proxy; without it, a connection is neither HTTP nor AWS. Other keys at the top,
such as an id of yours, are ignored. Blank lines too.

A line that cannot be read gets the verdict block and makes the command end with 2, but the lines after it are judged.
Exit codes: 0 every call is allowed, 1 some call breaks the policy, 2 a policy or a line cannot be read.`,
	examples: `
  outguard check -policy policy.yaml -function checkout GET https://api.stripe.com/v1/charges
  outguard check checkout@prod s3:PutObject arn:aws:s3:::receipts/2026/1.pdf
  outguard check -at 2027-01-31 checkout@prod GET https://old.example.com/
  outguard check -policy policy.yaml -function checkout -json < calls.jsonl > verdicts.jsonl`,
	setup: func(fs *flag.FlagSet) action {
		var at place
		at.flags(fs)
		asJSON := fs.Bool("json", false, `print {"verdict","list","rule","reason"}, one line of JSON for each call`)
		return func(std stdio, args []string) (int, error) {
			args = at.called(args)
			// A file in the place of a call is the usual slip: JSON lines are read from standard
			// input.
			if err := noCallButFile(args, "lines of JSON are read from standard input: outguard check"); err != nil {
				return 0, &inputError{err}
			}
			if err := at.noCallButStage(args); err != nil {
				return 0, &inputError{err}
			}
			// The policy is compiled once, for any number of calls.
			p, err := at.load()
			if err != nil {
				return 0, err
			}
			// The notice is for people, and so is not among the verdicts.
			if at.notice != "" {
				fmt.Fprintln(std.err, "outguard check: "+at.notice)
			}
			c := newChecker(p, std.out, std.err, *asJSON)
			c.at = at
			// Arguments are one call; without them, lines are read.
			if len(args) > 0 {
				err = c.one(args)
			} else if err = fromTerminal(std.in); err == nil {
				err = c.stream(std.in)
			}
			// Output is flushed even after an error, so that verdicts are not lost.
			if ferr := c.out.Flush(); err == nil {
				err = ferr
			}
			return c.exit, err
		}
	},
}

// fromTerminal refuses to wait for lines that nobody is about to type.
func fromTerminal(r io.Reader) error {
	if f, ok := r.(*os.File); ok {
		// A character device that is standard input is a terminal. Pipes and files are not such
		// devices.
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() == os.Stdin.Name() {
			return errors.New("no call given; write one after the flags, or JSON lines on standard input")
		}
	}
	return nil
}

// A checker judges calls one after the other and remembers the worst exit code.
type checker struct {
	policy *policy.Policy
	at     place          // what policy was loaded for
	later  *policy.Policy // as of at.now, after a line with "at"
	out    *bufio.Writer
	err    io.Writer
	print  func(w io.Writer, subject string, d policy.Decision) error
	people bool // the output is for people, who want to know more
	exit   int
	noted  bool // what -region and -account are for was printed
}

// newChecker chooses the form of output once for all calls.
func newChecker(p *policy.Policy, out, err io.Writer, asJSON bool) *checker {
	c := &checker{policy: p, out: bufio.NewWriter(out), err: err, print: printText, people: !asJSON}
	if asJSON {
		c.print = printJSON
	}
	return c
}

// one judges the call in arguments. A call that Go refuses to make gets a verdict, too.
func (c *checker) one(args []string) error {
	call, err := parseArgs(args)
	if err != nil && !errors.As(err, new(*rejected)) {
		return err
	}
	// The policy decides on an unknown operation as on any other, so that this is only a warning.
	warnOfTypo(c.err, "check", &call)
	return c.judge(c.policy, call, err)
}

// stream judges line by line. Output is held back only while more input is at hand, so that a
// program can talk to the command over pipes.
func (c *checker) stream(in io.Reader) error {
	// A Reader has no bound on the length of a line, which a Scanner has.
	r := bufio.NewReaderSize(in, 64<<10)
	for n := 1; ; n++ {
		line, rerr := r.ReadBytes('\n')
		if rerr != nil && rerr != io.EOF {
			return &inputError{fmt.Errorf("standard input: %w", rerr)}
		}
		// The last line need not end with a newline.
		if line = bytes.TrimSpace(line); len(line) > 0 {
			call, when, err := parseCall(line)
			// A line that cannot be read must not pass silently: it gets a verdict, and exit code 2
			// at the end.
			if err != nil && !errors.As(err, new(*rejected)) {
				fmt.Fprintf(c.err, "outguard check: line %d: %v\n", n, err)
				err = fmt.Errorf("line %d: %w", n, err)
				c.exit = exitUsage
			}
			p, lerr := c.asOf(when)
			if lerr != nil {
				return lerr
			}
			if err := c.judge(p, call, err); err != nil {
				return err
			}
		}
		if rerr == io.EOF {
			return nil
		}
		// No more input is at hand: a program on the other side may be waiting.
		if r.Buffered() == 0 {
			if err := c.out.Flush(); err != nil {
				return err
			}
		}
	}
}

// asOf returns the policy as of a time that a line names. The zero time stands for none.
func (c *checker) asOf(when time.Time) (p *policy.Policy, err error) {
	if when.IsZero() {
		return c.policy, nil
	}
	// Lines come in the order of times, so that one policy is enough to keep.
	if c.later == nil || !c.at.now.Equal(when) {
		c.at.now = when
		c.later, err = c.at.load()
	}
	return c.later, err
}

// judge prints the decision on one call. A call that could not be made is blocked for that reason,
// whatever the mode.
func (c *checker) judge(p *policy.Policy, call policy.Call, cannot error) error {
	d, as := decideOr(p, call, cannot)
	// Cure costs time, and only people read what it adds.
	if c.people {
		d = p.Cure(as, d)
	}
	// exitUsage is higher, and stays when a later call breaks the policy.
	if !d.Allowed() {
		c.exit = max(c.exit, exitFound)
	}
	if text := c.at.awsNotice(&call, &d); text != "" && !c.noted {
		c.noted = true
		fmt.Fprintln(c.err, "outguard check: "+text)
	}
	return c.print(c.out, describe(call, p.Explain(call).Call), d)
}

// decideOr judges a call. One that cannot be made is blocked for that reason.
func decideOr(p *policy.Policy, call policy.Call, cannot error) (d policy.Decision, as policy.Call) {
	// malformed is the built-in rule for requests that cannot be read.
	if cannot != nil {
		return policy.Decision{Verdict: policy.Block, List: policy.Builtin, Rule: &policy.RuleRef{ID: "malformed"}, Reason: cannot.Error()}, call
	}
	return decide(p, call)
}

// decide judges a call as the guard does, and the address that its name resolves to, if it is
// known. The stricter verdict holds. as is the call that the decision is about.
func decide(p *policy.Policy, call policy.Call) (d policy.Decision, as policy.Call) {
	// The address is judged by itself, as the guard does when it connects.
	dial, resolved := dialOf(call)
	call.Addr = ""
	d, as = decideNamed(p, call)
	if resolved {
		// Verdicts are ordered, the strictest first.
		if at := p.Decide(dial); at.Verdict < d.Verdict {
			return at, dial
		}
	}
	return d, as
}

// decideNamed judges an SDK call with its request: the operation, and what the wire adds.
func decideNamed(p *policy.Policy, call policy.Call) (d policy.Decision, as policy.Call) {
	if call.HTTP == nil || call.AWS.Service == "" {
		return p.Decide(call), call
	}
	// The SDK's layer sees the operation. Given lets the proposed entry allow the endpoint, too.
	as = call
	as.HTTP, as.AWS.Given = nil, call.HTTP
	d = p.Decide(as)
	// On the wire, the host and the signing key are judged.
	call.Via = policy.ViaWire
	if onWire := p.Decide(call); onWire.Verdict < d.Verdict {
		return onWire, call
	}
	return d, as // it names the rule that allows the call
}

// printJSON writes a verdict as one line. The subject is not in it: verdicts are in the order of
// calls.
func printJSON(w io.Writer, _ string, d policy.Decision) error {
	line := struct {
		Verdict string `json:"verdict"`
		List    string `json:"list"`
		Rule    string `json:"rule"`
		Reason  string `json:"reason"`
	}{Verdict: d.Verdict.String(), List: d.List.String(), Reason: d.Reason}
	if d.Rule != nil {
		line.Rule = d.Rule.ID
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(line)
}
