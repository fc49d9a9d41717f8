package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/lambdatest"
)

// localCommand runs the very binary that is deployed, so that what it shows is what the guard does,
// and not what a policy would say.
var localCommand = command{
	name:    "local",
	summary: "run a function here, and show what becomes of its calls",
	args:    "[flags] [FUNCTION@STAGE] -- BINARY [ARG…]",
	help: `
Starts a function's binary under a Lambda Runtime API on this machine, sends it events, one after the other, and prints each
distinct call with its verdict while the function runs. The binary has to be built for this machine, with Outguard in it. Its
calls do go out, as far as its policy lets them; what the function writes itself goes to standard error.

The function's environment is that of Lambda: an own name, region and account, and credentials that AWS does not accept.
-env sets more, and -env NAME passes a variable of this environment on. The OUTGUARD_ variables are passed on anyway.

Exit codes: 0 every event was handled and every call is allowed, 1 a call breaks the policy or an event fails, 2 the binary
or an event cannot be read.`,
	examples: `
  go build -o bootstrap ./cmd/checkout
  outguard local -event event.json checkout@dev -- ./bootstrap
  outguard local -policy policy.yaml -event order.json -event refund.json -- ./bootstrap
  outguard local -env TABLE=orders -env AWS_ACCESS_KEY_ID -json -- ./bootstrap < event.json`,
	setup: func(fs *flag.FlagSet) action {
		var l local
		fs.Var(&l.events, "event", "JSON `file` with an event; - is standard input; may be given several times (default: one event {})")
		// The function gets an environment of its own, as in Lambda. What is secret here stays here
		// unless it is named.
		fs.Var(&l.env, "env", "`NAME=VALUE` of a variable for the function, or NAME to pass one on; may be given several times")
		fs.StringVar(&l.policy, "policy", "", "policy `file` for the function, in the place of the one beside the binary; one that the function embeds counts more")
		fs.StringVar(&l.config.Name, "function", "", "`name` of the function (default: that of the binary)")
		fs.StringVar(&l.stage, "stage", "", "`stage` that the function runs in")
		fs.StringVar(&l.config.Region, "region", "", "AWS `region` that the function runs in (default eu-west-1)")
		fs.StringVar(&l.config.Account, "account", "", "AWS `account` that the function runs in, 12 digits (default 111122223333)")
		fs.DurationVar(&l.config.Timeout, "timeout", 30*time.Second, "`time` for each event")
		fs.BoolVar(&l.json, "json", false, "print the lines of calls as the function logs them, and a line with the result of each event")
		return func(std stdio, args []string) (int, error) {
			// The name and the stage are those of the function, not of a policy to judge by.
			return l.run(std, named(args, &l.config.Name, &l.stage))
		}
	},
}

// local is one run of outguard local.
type local struct {
	config        lambdatest.Config
	events, env   stringList
	policy, stage string
	json          bool

	// std is that of the run; the printing methods need it.
	std  stdio
	exit int
	err  error // of writing to standard output
}

// run starts the function, sends it the events one after the other, and prints what it calls.
func (l *local) run(std stdio, args []string) (int, error) {
	l.std = std
	if len(args) == 0 {
		return 0, errors.New("takes the function's binary, behind --")
	}
	// Everything that can be wrong with the arguments is found before the function starts.
	events, err := l.read()
	if err == nil {
		err = l.configure(args)
	}
	if err != nil {
		return 0, &inputError{err}
	}
	// An interrupt ends the function too, and removes what it has written to.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f, err := lambdatest.Start(l.config)
	if err != nil {
		return 0, &inputError{cannotRun(args[0], err)}
	}
	defer f.Close()
	// Both are files, not pipes: a child that the function leaves behind cannot hold this command
	// up.
	stdout, stderr, err := f.Output()
	if err != nil {
		return 0, &inputError{err}
	}
	defer stdout.Close()
	defer stderr.Close()
	// Standard output has Outguard's lines; standard error is the function's own.
	tails := []*tail{{from: stdout, each: l.line}, {from: stderr, each: l.own}}
	// Lambda gives one instance one event at a time.
	for _, e := range events {
		if err := l.event(ctx, f, e, tails); err != nil {
			return 0, &inputError{cannotRun(args[0], err)}
		}
	}
	// After the end, the rest of the output is there, also a line without an end.
	f.Stop()
	for _, t := range tails {
		t.drain(true)
	}
	// Output that got lost must not look like a run without violations.
	if l.err != nil {
		return 0, &inputError{l.err}
	}
	return l.exit, nil
}

// A localEvent is an event and where it is from.
type localEvent struct {
	name string
	data []byte
}

// read reads the events, all before the function starts, so that a broken one costs no run.
func (l *local) read() (all []localEvent, err error) {
	// All events are read, so that one run shows all broken ones.
	var errs []error
	stdin := false
	for _, name := range l.events {
		var data []byte
		var err error
		// "-" twice would read nothing the second time.
		if name == "-" {
			if stdin {
				return nil, errors.New("standard input can be read once")
			}
			stdin = true
			// The bound keeps an endless pipe from filling the memory. Lambda takes 6 MB.
			data, err = io.ReadAll(io.LimitReader(l.std.in, maxSource))
		} else {
			if data, err = os.ReadFile(name); err != nil {
				err = fileError(name, err)
			}
		}
		// Lambda refuses such an event before the function sees it.
		if err == nil && !json.Valid(data) {
			err = fmt.Errorf("%s is not JSON", name)
		}
		errs = append(errs, err)
		all = append(all, localEvent{name, data})
	}
	// Without an event, the function gets an empty one.
	if len(l.events) == 0 {
		all = []localEvent{{"{}", []byte("{}")}}
	}
	return all, errors.Join(errs...)
}

// cannotRun says why a binary does not start, where an error of the system does not.
func cannotRun(binary string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("%s is not a program for this machine; build it without GOOS and GOARCH", binary)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s cannot be run: permission denied; name the function's binary, or allow it with chmod +x", binary)
	}
	return err
}

// configure sets the function's binary and environment.
func (l *local) configure(args []string) error {
	// A name without a folder would be looked for in $PATH.
	binary, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	// Found here, a wrong path is a mistake in the arguments. Later, it would look like a function
	// that does not start.
	info, err := os.Stat(binary)
	switch {
	case err != nil:
		return openError(args[0], err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder; name the function's binary", args[0])
	}
	// The account becomes a part of the function's ARN.
	if l.config.Account != "" && !awsname.IsAccount(l.config.Account) {
		return fmt.Errorf("-account %s is not an account; write its 12 digits", printable(l.config.Account))
	}
	// What follows the binary is for it, also flags.
	l.config.Path, l.config.Args = binary, args[1:]
	// The name of the binary stands for the function's.
	if l.config.Name == "" {
		l.config.Name = strings.TrimSuffix(filepath.Base(binary), ".exe")
	}
	// Settings of the guard hold for the function, too; other variables of this environment do not.
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "OUTGUARD_") {
			l.config.Env = append(l.config.Env, v)
		}
	}
	// LEARN has allowed calls logged, which are to be printed.
	l.config.Env = append(l.config.Env, "OUTGUARD_LEARN=1", "AWS_LAMBDA_LOG_FORMAT=JSON")
	// Without -stage, $OUTGUARD_STAGE of this environment counts: it was passed on above.
	if l.stage != "" {
		l.config.Env = append(l.config.Env, "OUTGUARD_STAGE="+l.stage)
	}
	if l.policy != "" {
		// The guard reads the file when the function starts, in whatever folder that is then.
		path, err := filepath.Abs(l.policy)
		if err != nil {
			return err
		}
		// Without its policy, the function would refuse every call, which would look like a
		// finding.
		if _, err := os.Stat(path); err != nil {
			return fileError(l.policy, err)
		}
		l.config.Env = append(l.config.Env, "OUTGUARD_POLICY="+path)
	}
	// -env comes last, so that it replaces what was set before.
	for _, v := range l.env {
		// -env NAME passes the variable on as it is here.
		if name, _, ok := strings.Cut(v, "="); !ok {
			value, set := os.LookupEnv(name)
			if !set {
				return fmt.Errorf("-env %s: the variable is not set here", name)
			}
			v = name + "=" + value
		}
		l.config.Env = append(l.config.Env, v)
	}
	return nil
}

// pollEvery is how often the function's output is looked at while it runs.
const pollEvery = 20 * time.Millisecond

// event sends an event, and prints calls until it is handled, and then the result.
func (l *local) event(ctx context.Context, f *lambdatest.Function, e localEvent, tails []*tail) error {
	// An outcome is what Invoke returned.
	type outcome struct {
		result *lambdatest.Result
		err    error
	}
	// The buffer lets the goroutine end even if nobody waits any more.
	done := make(chan outcome, 1)
	go func() {
		result, err := f.Invoke(ctx, e.data, nil)
		done <- outcome{result, err}
	}()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		// Calls are shown while the function runs, and not only afterwards.
		case <-poll.C:
			for _, t := range tails {
				t.drain(false)
			}
			continue
		case o := <-done:
			for _, t := range tails {
				t.drain(false)
			}
			// The context is canceled by a signal only.
			if errors.Is(o.err, context.Canceled) {
				return errors.New("interrupted")
			}
			if o.err != nil {
				return o.err
			}
			l.result(e, o.result)
		}
		return l.err
	}
}

// result prints how an event was handled.
func (l *local) result(e localEvent, r *lambdatest.Result) {
	// An error of the function is a finding, not one of this command.
	if r.Error != nil {
		l.exit = exitFound
	}
	if l.json {
		// Programs rely on the keys.
		line := struct {
			Event    string            `json:"event"`
			Millis   int64             `json:"ms"`
			Response string            `json:"response,omitempty"`
			Error    *lambdatest.Error `json:"error,omitempty"`
		}{e.name, r.Duration.Milliseconds(), string(r.Body), r.Error}
		text, err := json.Marshal(line)
		if err == nil {
			_, err = fmt.Fprintf(l.std.out, "%s\n", text)
		}
		l.wrote(err)
		return
	}
	if r.Error != nil {
		var lines []string
		// Errors may have several lines. Each is checked alone, since a line break is not
		// printable.
		for line := range strings.Lines(cut(r.Error.Error())) {
			lines = append(lines, printable(strings.TrimRight(line, "\n")))
		}
		_, err := fmt.Fprintf(l.std.out, "event  %s: failed: %s\n", printable(e.name), strings.Join(lines, "\n       "))
		l.wrote(err)
		return
	}
	_, err := fmt.Fprintf(l.std.out, "event  %s: %d ms: %s\n", printable(e.name), r.Duration.Milliseconds(), printable(cut(string(r.Body))))
	l.wrote(err)
}

// wrote keeps the first error of writing the output, which ends the command.
func (l *local) wrote(err error) {
	if l.err == nil {
		l.err = err
	}
}

// cut bounds a text for people.
func cut(s string) string {
	// Longer texts would push the calls off the screen.
	if len(s) > 2000 {
		return strings.ToValidUTF8(s[:2000], "") + "…"
	}
	return s
}

// own passes on what the function writes itself.
func (l *local) own(line []byte) { l.std.err.Write(append(line, '\n')) }
