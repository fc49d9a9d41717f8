package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
	"github.com/outguard/outguard/policy"
)

// isLine reports whether arguments are a line of the log rather than a call.
func isLine(args []string) bool { return strings.Contains(strings.Join(args, " "), `{"`) }

// lines explains the call of each line of Outguard in a log.
func (e *explainer) lines(log io.Reader) (exit int, err error) {
	// With "-" at a terminal, the command would wait for somebody to type a log.
	if err := fromTerminal(log); err != nil {
		return 0, err
	}
	found := 0
	var failed []string
	// Every line of Outguard is read; those that hold a call are explained, in the order of the
	// log.
	counts, err := loglines.Read(log, func(_ string, text []byte) error {
		r, err := learn.RecordedLine(text)
		if err != nil {
			return nil // such as the start line
		}
		// An empty line separates the explanations.
		if found++; found > 1 && !e.json {
			fmt.Fprintln(e.out)
		}
		code, err := e.recorded(&r)
		// The worst of all lines is the exit code.
		exit = max(exit, code)
		if input := new(inputError); errors.As(err, &input) {
			// A log repeats its functions, and so the reason why one has no policy here.
			if !slices.Contains(failed, err.Error()) {
				failed = append(failed, err.Error())
			}
			return nil // the next line may be of another function
		}
		return err
	})
	cut, err := damaged(err)
	switch {
	case err != nil:
		return 0, err
	case cut != nil:
		return 0, cut
	case len(failed) > 0:
		return 0, &inputError{errors.New(strings.Join(failed, "\n"))}
	// A line that is copied from a terminal often lacks its end.
	case found == 0 && counts.Broken > 0:
		return 0, &inputError{errors.New("the line is not whole; give all of it, in quotes")}
	case found == 0:
		return 0, &inputError{errors.New("no line of Outguard that holds a call; for JSON that you wrote, use outguard check")}
	}
	return exit, nil
}

// recorded explains a call of the log, where the line says that the function runs.
func (e *explainer) recorded(r *learn.Recorded) (exit int, err error) {
	// The flags stay as they are for the next line.
	at := e.at
	for _, set := range []struct {
		name     string
		to       *string
		recorded string
	}{{"function", &at.function, r.Function}, {"stage", &at.stage, r.Stage}, {"region", &at.region, r.Region}, {"account", &at.account, r.Account}} {
		// A flag of the command line counts more than the line.
		if set.recorded != "" && !e.given[set.name] {
			*set.to = set.recorded
		}
	}
	// Each line has a policy of its own: the next one may be of another function.
	if e.policy, err = e.load(&at); err != nil {
		return 0, err
	}
	switch {
	// Masked pieces can hide what decides.
	case r.Unknown != nil:
		return e.unknown(r)
	case r.Cannot != "":
		return 0, &inputError{fmt.Errorf("%s: %s", printable(r.Shown), r.Cannot)}
	}
	return e.call(&at, r.Call, nil), nil
}

// unknown explains a call with pieces that are not known.
func (e *explainer) unknown(r *learn.Recorded) (exit int, err error) {
	var differ policy.Differ
	// Each possible verdict has a call that gets it, the strictest first.
	possible, exact := differ.Possible(e.policy, *r.Unknown)
	if len(possible) == 0 {
		return 0, &inputError{fmt.Errorf("%s: the request cannot be read", printable(r.Shown))}
	}
	// Verdicts that are equal by different rules are one word.
	words := make([]string, len(possible))
	for i := range possible {
		if words[i] = possible[i].Verdict.String(); possible[i].Verdict != policy.Allow {
			exit = exitFound
		}
	}
	first := possible[0] // the strictest
	// The strictest verdict is explained in full: it is what has to be undone.
	d := e.policy.Cure(first.Call, e.policy.Decide(first.Call))
	// In JSON, each verdict is a line.
	if e.json {
		for i := range possible {
			_ = printJSON(e.out, "", e.policy.Decide(possible[i].Call))
		}
		e.consider(d, first.Call)
		return exit, nil
	}
	fmt.Fprintf(e.out, "%s  %s\n", strings.Join(compacted(words), " or "), printable(r.Shown))
	sure := ""
	// Too many texts are possible, or it is a request to AWS, whose path says what it is about.
	if !exact {
		sure = ", as far as could be found out"
	}
	// All values of the masked pieces lead to one verdict.
	if len(possible) == 1 {
		fmt.Fprintf(e.out, "       whatever is masked%s: %s\n", sure, sideText(&first.Side))
	} else {
		fmt.Fprintf(e.out, "The verdict depends on what is masked%s:\n", sure)
		for i := range possible {
			fmt.Fprintf(e.out, "  %-5s  such as %s\n         %s\n", possible[i].Verdict, printable(possible[i].Text), sideText(&possible[i].Side))
		}
		fmt.Fprintf(e.out, "\nFor %s:\n", printable(first.Text))
	}
	e.consider(d, first.Call)
	return exit, nil
}

// compacted drops words that stand there already.
func compacted(words []string) (all []string) {
	// The order is kept: the strictest verdict stays first.
	seen := map[string]bool{}
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			all = append(all, w)
		}
	}
	return all
}
