package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
)

// This file sums up what a log says of next policies: diff -next.

// Without a start line, there is nothing to compare the calls with.
var errNoNext = errors.New("the log says nothing of a next policy: no start line names one; is next: in the policy file?")

// diffNext prints the differences of a log's calls. It counts those that widen.
func (d *differ) diffNext(std stdio, only learn.Options, logs []string) (widening int, err error) {
	// No policy is compiled: the functions have judged by both, and the log has both verdicts.
	trial := learn.Trial{Options: only}
	counts, err := readLogs(std.in, logs, trial.Add)
	if d.cut, err = damaged(err); err != nil {
		return 0, err
	}
	// Outdated calls were judged by an earlier version of the next policy.
	all, outdated := trial.Differences()
	// The start lines name the next policies. Without differences, they show that there was one.
	files := trial.Files()
	if len(files) == 0 {
		return 0, &inputError{errNoNext}
	}
	// The order is that of Differences: what narrows first, because it would break the function.
	for i := range all {
		if all[i].Widens() {
			widening++
		}
		if d.json {
			printNextJSON(d.out, &all[i])
		} else {
			printNext(d.out, &all[i])
		}
	}
	// The result is "at least": only calls that were made can be in it.
	if !d.json {
		// The hash says which version of a next policy the calls were made beside.
		var names []string
		for _, f := range files {
			names = append(names, printable(f[0])+" "+shortHash(f[1]))
		}
		fmt.Fprintf(d.out, "%s; at least: these calls were made beside %s\n", widenNarrow(widening, len(all)-widening), strings.Join(names, ", "))
	}
	// note prints a count, in singular or plural, and nothing for none.
	note := func(n int, one, many string) {
		switch {
		case n == 1:
			fmt.Fprintf(std.err, "outguard diff: 1 %s\n", one)
		case n > 1:
			fmt.Fprintf(std.err, "outguard diff: %d %s\n", n, many)
		}
	}
	// Notes go to standard error, so that they are not in the JSON.
	note(trial.Broken+counts.Broken, "broken line was skipped", "broken lines were skipped")
	note(counts.Quoted, "line inside another message was skipped", "lines inside other messages were skipped")
	note(trial.Left, "line of another function or stage was skipped", "lines of other functions or stages were skipped")
	// Those calls say nothing about the version that would take effect.
	note(outdated, "call was made beside an earlier version of a next policy", "calls were made beside earlier versions of a next policy")
	note(trial.Missing, "call is counted in the log but not named", "calls are counted in the log but not named")
	for _, schema := range slices.Sorted(maps.Keys(trial.Newer)) {
		newer := printable(schema) + " skipped: a newer outguard wrote and reads it"
		note(trial.Newer[schema], "line of "+newer, "lines of "+newer)
	}
	return widening, d.out.Flush()
}

// shortHash returns as much of a hash as people compare.
func shortHash(sha256 string) string { return printable(sha256[:min(len(sha256), 12)]) }

// printNext prints a difference for people, with the entry that would allow the call.
func printNext(w *bufio.Writer, d *learn.Difference) {
	fmt.Fprintf(w, "%s  %s → %s  %s\n  call  %s (%s)\n  old   %s\n  new   %s\n", nextDirection(d), d.Old.Verdict, d.New.Verdict,
		printable(placeName(d.Function, d.Stage)), printable(d.Form), d.Evidence, printable(outcomeText(&d.Old)), printable(outcomeText(&d.New)))
	// Only a call that the next policy would refuse has an entry.
	if d.Allow == "" {
		return
	}
	fmt.Fprintf(w, "  to allow it, add to the whitelist of %s:\n", printable(d.File))
	// The entry is text of a log, and is made harmless line by line.
	for line := range strings.Lines(d.Allow) {
		fmt.Fprintf(w, "    %s\n", printable(strings.TrimRight(line, "\n")))
	}
}

// nextDirection is direction for a difference of a log.
func nextDirection(d *learn.Difference) string {
	if d.Widens() {
		return "widens"
	}
	return "narrows"
}

// outcomeText says what decides: "blacklist, policy.yaml:6 no-reads: reason".
func outcomeText(o *learn.Outcome) string {
	text := o.List
	switch {
	case o.List == "":
		return "nothing forbids it, and there is no whitelist"
	case o.List == "whitelist" && o.Reason != "": // which names the nearest rule
	// A rule without an id has its place as a name, which is printed once.
	case o.Rule != "" && o.Place != "":
		text += ", " + o.Place
		if o.Rule != o.Place {
			text += " " + o.Rule
		}
	case o.Rule != "":
		text += ", " + o.Rule
	}
	if o.Reason != "" {
		text += ": " + o.Reason
	}
	return text
}

// printNextJSON prints a difference with the keys of printJSON.
func printNextJSON(w *bufio.Writer, d *learn.Difference) {
	// The keys are those of printJSON, so that one program reads both. Exact is always false.
	line := struct {
		Function    string `json:"function"`
		Stage       string `json:"stage"`
		Direction   string `json:"direction"`
		Old         string `json:"old"`
		New         string `json:"new"`
		Description string `json:"description"`
		Witness     string `json:"witness"`
		Exact       bool   `json:"exact"`
		Next        string `json:"next"`
		SHA256      string `json:"sha256"`
		Form        string `json:"form"`
		Count       int    `json:"count"`
		Distinct    int    `json:"distinct"`
		Last        string `json:"last"`
	}{d.Function, d.Stage, nextDirection(d), d.Old.Verdict, d.New.Verdict,
		"old: " + outcomeText(&d.Old) + "; new: " + outcomeText(&d.New), d.Call, false, d.File, d.SHA256, d.Form, d.Count, d.Distinct, d.Last.UTC().Format("2006-01-02T15:04:05Z")}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(line)
}
