package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/outguard/outguard/policy"
)

// This file prints the changes that diff has found, as text and as JSON.

// print prints all changes, then the sums.
func (d *differ) print() {
	for i := range d.changes {
		// The call of the first place stands for those of all.
		c := &d.changes[i]
		if d.json {
			d.printJSON(c)
			continue
		}
		fmt.Fprintf(d.out, "%s  %s → %s  %s\n", direction(c), c.Old.Verdict, c.New.Verdict, strings.Join(c.names(), ", "))
		// The call is in the form of check, so that a reader can try it.
		fmt.Fprintf(d.out, "  call  %s", printable(c.Text))
		if c.Where != "" {
			fmt.Fprintf(d.out, " (%s)", c.Where)
		}
		fmt.Fprintf(d.out, "\n  old   %s\n  new   %s\n", sideText(&c.Old), sideText(&c.New))
	}
	// Recorded changes follow: they are of the same files, and have a sum of their own.
	d.printRecorded()
	if d.json {
		return
	}
	// A function that is new widens nothing, so that it is listed and not counted.
	for _, name := range d.isNew {
		fmt.Fprintf(d.out, "new  %s: %s has no rules for it\n", name, d.names[0])
	}
	// Without the exact comparison, there is nothing to say about all kinds of calls.
	if d.callsOnly {
		return
	}
	sure := "exact: every kind of call was judged by both"
	if !d.exact {
		sure = "at least: not every kind of call could be judged"
	}
	fmt.Fprintf(d.out, "%s; %s\n", widenNarrow(d.widening, len(d.changes)-d.widening), sure)
	// The result holds for what was assumed, so that this must be seen.
	if d.assumed != "" {
		fmt.Fprintf(d.out, "assumed: %s\n", d.assumed)
	}
}

// names returns where the change is the same.
func (c *placedChange) names() (all []string) {
	for i := range c.places {
		all = append(all, c.places[i].name)
	}
	return all
}

// direction says which way a change goes, as it is printed.
func direction(c *placedChange) string { return directionOf(&c.Change) }

// directionOf is direction for a change without places. What does not widen narrows: equal verdicts
// are no change.
func directionOf(c *policy.Change) string {
	if c.Widens() {
		return "widens"
	}
	return "narrows"
}

// sideText says what decides on one side.
func sideText(s *policy.Side) string {
	switch {
	// The rule's place comes first, for editors that jump to it, and its id if it has one.
	case s.Rule != nil:
		at := fmt.Sprintf("%s:%d", s.Rule.Rule.File, s.Rule.Rule.Line)
		if s.Rule.Rule.ID != at {
			at += " " + s.Rule.Rule.ID
		}
		return printable(fmt.Sprintf("%s, %s: %s", s.List, at, strings.Join(s.Rule.Lines, ", ")))
	case s.List == policy.NoList && s.Verdict == policy.Allow:
		return "nothing forbids it, and there is no whitelist"
	case s.List == policy.NoList && s.Reason != "": // the zero Decision
		return "the file does not load for it, and so blocks every call"
	// A whitelist without a rule for the call: the reason names its nearest rule.
	case s.Reason != "":
		return s.List.String() + ": " + printable(s.Reason)
	}
	return s.List.String()
}

// A changeLine is what every line of JSON about a change begins with.
type changeLine struct {
	Function    string `json:"function"`
	Stage       string `json:"stage"`
	Region      string `json:"region,omitempty"`
	Account     string `json:"account,omitempty"`
	After       string `json:"after,omitempty"` // the day
	Direction   string `json:"direction"`
	Old         string `json:"old"` // verdicts
	New         string `json:"new"`
	Description string `json:"description"`
	Witness     string `json:"witness"`
	Where       string `json:"where,omitempty"`
	Exact       bool   `json:"exact"`
}

// printJSON prints a line for each place, as programs want it.
func (d *differ) printJSON(c *placedChange) {
	for i := range c.places {
		at := &c.places[i]
		// Each place has a line of its own, since programs count places.
		line := struct {
			changeLine
			Call *callLine `json:"call"`
		}{changeLine{at.function, at.stage, at.region, at.account, strings.TrimPrefix(at.after, "after "), direction(c), c.Old.Verdict.String(), c.New.Verdict.String(),
			"old: " + sideText(&at.Old) + "; new: " + sideText(&at.New), at.Text, at.Where, c.exact}, witnessOf(&at.Change, at.at)}
		out := json.NewEncoder(d.out)
		out.SetEscapeHTML(false)
		_ = out.Encode(line)
	}
}
