package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/policy"
)

// This file judges the calls of logs by both files: diff -calls.

// A recordedChange is calls of one place whose verdict the same rules change.
type recordedChange struct {
	policy.Change
	at    place  // where they were made, and when they change
	text  string // the first of them, as check takes it
	where string // from when on
	// calls are all that were made; kinds are how many of them differ by more than ids.
	kinds, calls int
	// There may be more calls than the log counts.
	atLeast bool
	// When such a call was made last; zero: the log does not say.
	last time.Time
}

// judgeCalls judges the calls of logs by both files, where they were made.
func (d *differ) judgeCalls(std stdio, logs []string, only learn.Options) error {
	log := learn.Log{Options: only}
	counts, err := readLogs(std.in, logs, log.Add)
	if d.cut, err = damaged(err); err != nil {
		return err
	}
	// Calls that differ in ids alone are one, so that a large log costs little.
	recorded := log.Recorded()
	// An empty comparison would look like one without changes.
	if len(recorded) == 0 {
		return errors.New("the log has no call")
	}
	// Broken lines may have held calls, and are counted for that.
	if n := counts.Broken + log.Counts.Broken; n > 0 {
		d.note(fmt.Sprintf("broken lines were skipped: %d", n))
	}
	if log.Counts.Missing > 0 {
		d.note(fmt.Sprintf("calls that the log counts and does not name: %d", log.Counts.Missing))
	}
	// The pair is compiled again only where the place changes.
	var both compiledPair
	for i := range recorded {
		d.judgeCall(&recorded[i], &both)
	}
	return nil
}

// A compiledPair is both files compiled for one place: calls come in the order of places.
type compiledPair struct {
	at       place
	times    []time.Time
	policies [][2]*policy.Policy // for each of the times
}

// compile compiles the files for a place, unless they are compiled for it.
func (p *compiledPair) compile(d *differ, at *place) {
	// The other fields of a place are the same for all calls.
	same := at.function == p.at.function && at.stage == p.at.stage && at.region == p.at.region && at.account == p.at.account
	if p.times != nil && same {
		return
	}
	// Days are those of both files, and so the same in each place.
	p.at, p.times, p.policies = *at, d.times(), nil
	for _, day := range p.times {
		p.policies = append(p.policies, [2]*policy.Policy{d.load(0, at, day), d.load(1, at, day)})
	}
}

// judgeCall judges a call by both files, now and after each end of a rule.
func (d *differ) judgeCall(r *learn.Recorded, both *compiledPair) {
	// What the line says of the place counts more than the flags, which fill gaps.
	at := d.at
	at.function, at.stage = r.Function, r.Stage
	at.region, at.account = cmp.Or(r.Region, at.region), cmp.Or(r.Account, at.account)
	name := placeName(r.Function, r.Stage)
	switch {
	// A function that the old file does not know has nothing to compare with.
	case hasSection(d.files[1], r.Function) && !hasSection(d.files[0], r.Function):
		d.addNew(name)
		return
	// With -calls-only, a call that was not judged must not pass -gate.
	case r.Cannot != "":
		text := fmt.Sprintf("%s: %s was not judged: %s", name, printable(r.Shown), r.Cannot)
		d.note(text)
		if d.callsOnly {
			d.cannot(text)
		}
		return
	}
	d.judged++
	both.compile(d, &at)
	// The call is given, so that no tables of operations are needed.
	var differ policy.Differ
	// The first time at which the verdict changes is reported.
	for i, pair := range both.policies {
		c, is := differ.Call(pair[0], pair[1], r.Call)
		if is {
			if i > 0 {
				at.now = both.times[i]
			}
			d.addRecorded(r, c, at, afterDay("", i, both.times[i]))
			return
		}
	}
}

// addNew notes a place that the old file has no rules for.
func (d *differ) addNew(name string) {
	// compare may have found it already.
	if !slices.Contains(d.isNew, name) {
		d.isNew = append(d.isNew, name)
	}
}

// addRecorded keeps a change of a recorded call, together with others of the same rules.
func (d *differ) addRecorded(r *learn.Recorded, c policy.Change, at place, where string) {
	for i := range d.recorded {
		have := &d.recorded[i]
		// The same rules, for the same kind of call, from the same day: one line for people.
		if have.at.function == at.function && have.at.stage == at.stage && have.where == where &&
			sameSide(&have.Old, &c.Old) && sameSide(&have.New, &c.New) && kindOf(&have.Call) == kindOf(&c.Call) {
			have.kinds++
			have.calls += r.Calls
			have.atLeast = have.atLeast || r.AtLeast
			if r.Last.After(have.last) {
				have.last = r.Last
			}
			return
		}
	}
	d.recorded = append(d.recorded, recordedChange{c, at, r.Text, where, 1, r.Calls, r.AtLeast, r.Last})
}

// recordedWiden counts the changes of recorded calls that widen.
func (d *differ) recordedWiden() (n int) {
	for i := range d.recorded {
		if d.recorded[i].Widens() {
			n++
		}
	}
	return n
}

// printRecorded prints the changes of recorded calls and their sum.
func (d *differ) printRecorded() {
	for i := range d.recorded {
		c := &d.recorded[i]
		if d.json {
			d.printRecordedJSON(c)
			continue
		}
		fmt.Fprintf(d.out, "recorded: %s  %s → %s  %s\n", directionOf(&c.Change), c.Old.Verdict, c.New.Verdict, placeName(c.at.function, c.at.stage))
		fmt.Fprintf(d.out, "  call  %s (%s)\n", printable(c.text), c.evidence())
		fmt.Fprintf(d.out, "  old   %s\n  new   %s\n", sideText(&c.Old), sideText(&c.New))
	}
	// Programs count the lines themselves.
	if !d.json && d.judged > 0 {
		// The sum is that of recorded calls alone; print adds that of the exact comparison.
		widen := d.recordedWiden()
		fmt.Fprintf(d.out, "recorded calls: %s, of %s of call\n", widenNarrow(widen, len(d.recorded)-widen), counted(d.judged, "kind", "kinds"))
	}
}

// evidence says how often calls were made: "at least 12 calls of 3 kinds, last 2026-11-20".
func (c *recordedChange) evidence() string {
	text := counted(c.calls, "call", "calls")
	// One kind is what the line above shows.
	if c.kinds > 1 {
		text += fmt.Sprintf(" of %d kinds", c.kinds)
	}
	if c.atLeast {
		text = "at least " + text
	}
	if !c.last.IsZero() {
		text += ", last " + day(c.last)
	}
	if c.where != "" {
		text += "; " + c.where
	}
	return text
}

// printRecordedJSON prints a change with the keys of printJSON and its counts. It is never exact.
func (d *differ) printRecordedJSON(c *recordedChange) {
	// Witness is one of the calls, as check takes it.
	line := struct {
		changeLine
		Count int       `json:"count"`
		Kinds int       `json:"kinds"`
		Last  string    `json:"last,omitempty"`
		Call  *callLine `json:"call"`
	}{changeLine{c.at.function, c.at.stage, c.at.region, c.at.account, strings.TrimPrefix(c.where, "after "), directionOf(&c.Change), c.Old.Verdict.String(), c.New.Verdict.String(),
		"old: " + sideText(&c.Old) + "; new: " + sideText(&c.New), c.text, c.where, false}, c.calls, c.kinds, "", witnessOf(&c.Change, c.at.now)}
	if !c.last.IsZero() {
		line.Last = strings.TrimSpace(c.last.UTC().Format(time.RFC3339))
	}
	out := json.NewEncoder(d.out)
	out.SetEscapeHTML(false)
	_ = out.Encode(line)
}
