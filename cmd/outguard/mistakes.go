package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/policy"
)

// This file finds out what somebody meant who made a usual mistake.

// didYouMean adds the nearest of some words to a problem.
func didYouMean(problem, text string, words []string, before string) string {
	if near := report.Nearest(text, words); near != "" {
		problem += "; did you mean " + before + near + "?"
	}
	return problem
}

// noCommand is the error for an unknown command. It proposes the one that was meant.
func noCommand(name string) string {
	// These two are not in the table of commands.
	words := []string{"go", "help"}
	for _, c := range commands() {
		words = append(words, c.name)
	}
	return didYouMean(fmt.Sprintf("no command %q", name), name, words, "outguard ")
}

// flagError adds the flag that was meant to an error of package flag.
func flagError(set *flag.FlagSet, err error) error {
	// Package flag has no type for this error.
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return err
	}
	var words []string
	set.VisitAll(func(f *flag.Flag) { words = append(words, f.Name) })
	return errors.New(didYouMean("no flag -"+name, name, words, "-"))
}

// check refuses a region or an account that cannot be one.
func (p *place) check() error {
	if p.account != "" && !awsname.IsAccount(p.account) {
		return fmt.Errorf("-account %s is not an account; write its 12 digits", printable(p.account))
	}
	if wrong, certain := pattern.WrongRegion(p.region); p.region != "" && wrong != nil && certain {
		return fmt.Errorf("-region %s; %s", printable(wrong.What), wrong.Fix)
	}
	return nil
}

// typo says what is wrong with the names of an AWS call that somebody has typed; "" if nothing is
// known to be.
func typo(service, operation string) string {
	// Both the SDK's name of a service and its IAM prefix are known.
	prefix, ok := awsops.Service(service)
	if !ok {
		return didYouMean(service+" is not a service that is known here", service, awsops.Services(), "")
	}
	if names.Matches(prefix, operation) {
		return ""
	}
	text := fmt.Sprintf("%s:%s is not an operation that is known here", service, operation)
	if near := names.Nearest(prefix, operation); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text
}

// warnOfTypo prints what is wrong with the names of an AWS call.
func warnOfTypo(w io.Writer, command string, c *policy.Call) {
	if c.AWS.Service == "" {
		return
	}
	if text := typo(c.AWS.Service, c.AWS.Operation); text != "" {
		fmt.Fprintf(w, "outguard %s: %s\n", command, printable(text))
	}
}

// noSection says that no file has a section for a function.
func noSection(files []*policy.File, function string) error {
	var sections []string
	for _, f := range files {
		sections = append(sections, f.Functions()...)
	}
	return errors.New(didYouMean(fmt.Sprintf("no file has a section for function %q", function), function, sections, ""))
}

// noCallButFile says that a file was given in the place of a call; nil: it was not.
func noCallButFile(args []string, how string) error {
	if len(args) != 1 {
		return nil
	}
	if info, err := os.Stat(args[0]); err != nil || info.IsDir() {
		return nil
	}
	// The advice shows the whole line to type, because a < is easily forgotten.
	text := fmt.Sprintf("%s is a file, and not a call; %s < %s", args[0], how, args[0])
	if functionName.MatchString(args[0]) {
		text += fmt.Sprintf("; a function is written %s@STAGE, or -function %[1]s", args[0])
	}
	return errors.New(text)
}

// functionName has the characters of a Lambda function's name.
var functionName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// isFunction reports whether the first of some arguments is a function without its stage: no call
// begins with a word alone, except with a method.
func isFunction(args []string) bool {
	if len(args) == 0 || !functionName.MatchString(args[0]) {
		return false
	}
	// A file is more likely meant, and so is a method.
	if info, err := os.Stat(args[0]); len(args) == 1 && err == nil && !info.IsDir() {
		return false
	}
	return !isMethod(args[0]) || len(args) > 2 && !strings.Contains(args[1], "://")
}

// isMethod reports whether a word is a method of HTTP. Methods that nobody has registered are in
// upper case.
func isMethod(word string) bool {
	return word == strings.ToUpper(word) || slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}, strings.ToUpper(word))
}

// noCallButStage says that the first word of a call seems to be a function or a stage; nil: it does
// not.
func (p *place) noCallButStage(args []string) error {
	// Words in capitals may be methods, and a word in front of a URL is one.
	if len(args) == 0 || !functionName.MatchString(args[0]) || isMethod(args[0]) || len(args) == 2 && strings.Contains(args[1], "://") {
		return nil
	}
	if p.function != "" && p.stage == "" {
		return fmt.Errorf("%q is not a call; a stage is written %s@%s, or -stage %[1]s", args[0], p.function, args[0])
	}
	return fmt.Errorf("%q is not a call; a function is written %[1]s@STAGE, or -function %[1]s", args[0])
}

// isThere reports whether a file or a folder exists.
func isThere(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// openError says why a file that was named cannot be opened.
func openError(name string, err error) error {
	// A name without a dot or a slash looks like a function rather than a file.
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, "./\\") {
		return fmt.Errorf("%s: no such file; a function is written %s@STAGE, or -function %s", name, name, name)
	}
	return fileError(name, err)
}

// fileError is openError where no function can be meant.
func fileError(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", name)
	}
	// Some systems open a folder and fail at the first read, with an error that nobody understands.
	if info, serr := os.Stat(name); serr == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; name a file in it", name)
	}
	return err
}

// A passedOver is what a log has of other functions and stages than those that were asked for.
type passedOver struct {
	places []string
	parsed int
}

// Of a log that has many lines of others, the first are enough.
const (
	maxPassedOver = 1000
	maxOthers     = 5
)

// add notes the function and the stage of a line.
func (o *passedOver) add(line []byte) {
	var l struct{ Function, Stage string }
	if o.parsed++; o.parsed > maxPassedOver || len(o.places) == maxOthers || json.Unmarshal(line, &l) != nil {
		return
	}
	if name := placeName(l.Function, l.Stage); !slices.Contains(o.places, name) {
		o.places = append(o.places, name)
	}
}

// noCall says why a log has nothing to learn from or to report.
func noCall(what string, counts loglines.Counts, others *passedOver) error {
	switch {
	case len(others.places) > 0:
		return fmt.Errorf("the log has no call %s: its lines are of %s; -function and -stage say whose to take", what, printable(strings.Join(others.places, ", ")))
	// The lines are wrapped in the messages of another logger, where anybody's text may stand.
	case counts.Quoted > 0:
		return fmt.Errorf("the log has no call %s: Outguard's lines are inside other messages there; give the log itself", what)
	// The usual reason: nothing was logged yet.
	case counts.Lines == 0:
		return fmt.Errorf("the log has no call %s: it has no line of Outguard; "+
			"a function logs its calls with on_violation: log, as outguard init writes it, and allowed ones with OUTGUARD_LEARN=1", what)
	}
	return fmt.Errorf("the log has no call %s: Outguard's lines in it are about other things, such as starts", what)
}
