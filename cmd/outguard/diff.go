package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/feedfiles"
	"github.com/outguard/outguard/policy"
)

// diffCommand is for reviewers: a change of a policy is easy to read and hard to judge, so that it
// shows what becomes of calls.
var diffCommand = command{
	name:    "diff",
	summary: "show which calls change their verdict from one policy to another",
	args:    "[flags] [FUNCTION@STAGE] OLD NEW | -next [LOG…]",
	help: `
Compares two policy files for every function and stage that either names, without any recorded calls. Rules are regular, so all
calls can be divided by which patterns of the two files match them; one call of each kind is judged by both. Each change is
printed with its direction, the verdicts and rules that decide, and one call that outguard check confirms. The file - is standard input.

A change widens if the verdict on some call becomes milder (block, alert, log, allow), now or after a date of until:. A function
or a stage that OLD has no section for is listed as new and widens nothing. The last line says "exact", or "at least" where not
every kind of call could be judged. A variable that is not set is an unknown text, the same in both files. Without -region, the
files are compared for a region that neither names and for each that one of them names; likewise without -account.

With -calls, the calls of a log, in any form that outguard learn reads, are judged by both files too, where the log says that
they were made. -calls-only leaves the exact comparison out: then -gate goes by these calls.

With -next, no files are compared. Logs of functions whose policy has next: are read, and each kind of call that the next policy
would deal with otherwise is printed, with how often it was made. Of each next policy, the version that ran last counts.

Exit codes: 0 the files were compared, 1 with -gate some change widens, 2 a file cannot be read,
no log names a next policy, or -gate could not judge: NEW does not load here, or not every kind of call could be judged.`,
	examples: `
  outguard diff policy-main.yaml policy.yaml
  git show main:policy.yaml | outguard diff -gate - policy.yaml
  outguard diff -function checkout -stage prod -json old.yaml new.yaml
  aws logs tail /aws/lambda/checkout --since 7d | outguard diff -next
  outguard diff -calls function.log old.yaml new.yaml`,
	setup: func(fs *flag.FlagSet) action {
		var at place
		at.everywhere(fs, " (default: each that a file names, and another)", " (default: any)")
		function := fs.String("function", "", "`name` of the only function to compare for (default: all)")
		gate := fs.Bool("gate", false, "end with 1 if some change widens")
		asJSON := fs.Bool("json", false, `print {"function","stage","direction","description","witness","exact","call"}, one line of JSON for each change; outguard check takes the call`)
		next := fs.Bool("next", false, "sum up what logs say of next policies, instead of comparing files; arguments are logs (default: standard input)")
		fs.Var(&at.files, "policy", "policy `file`, as if it were the argument NEW")
		var calls stringList
		fs.Var(&calls, "calls", "`log` of calls that are judged by both files too; - is standard input; may be given several times")
		callsOnly := fs.Bool("calls-only", false, "judge only the calls of -calls")
		return func(std stdio, args []string) (int, error) {
			// only selects the functions that are compared, and the lines of logs.
			only := learn.Options{Function: *function, Stage: at.stage}
			if named := (place{}); len(args) > 0 {
				args = named.named(args)
				only.Function, only.Stage = cmp.Or(named.function, only.Function), cmp.Or(named.stage, only.Stage)
				at.stage = cmp.Or(named.stage, at.stage)
			}
			// The result is exact until something is found that could not be judged.
			d := differ{at: at, out: bufio.NewWriter(std.out), json: *asJSON, exact: true, callsOnly: *callsOnly}
			widening, err := 0, error(nil)
			// -policy adds to the files, so that "outguard diff old.yaml -policy new.yaml" works
			// too.
			if *next {
				widening, err = d.diffNext(std, only, args)
			} else {
				widening, err = d.diffFiles(std, only, append(args, at.files...), calls)
			}
			// Output is flushed after an error too: what was found before it is still right.
			if ferr := d.out.Flush(); err == nil {
				err = ferr
			}
			err = errors.Join(err, d.cut)
			switch {
			// Without -gate, changes are information and no failure.
			case err != nil || !*gate:
				return exitOK, err
			case widening > 0:
				return exitFound, nil
			}
			return exitOK, d.judgedAll()
		}
	},
}

// diffFiles compares two files, and counts the changes that widen.
func (d *differ) diffFiles(std stdio, only learn.Options, files, logs []string) (widening int, err error) {
	fromInput := 0
	for _, name := range slices.Concat(files, logs) {
		if name == "-" {
			fromInput++
		}
	}
	switch {
	case len(files) == 3 && functionName.MatchString(files[0]) && !isThere(files[0]):
		return 0, openError(files[0], os.ErrNotExist)
	case len(files) != 2:
		return 0, errors.New("takes two files, the old one and the new one")
	case fromInput > 1:
		return 0, errors.New("- is standard input, which can be read only once")
	case d.callsOnly && len(logs) == 0:
		return 0, errors.New("-calls-only needs a log: -calls LOG")
	}
	// A wrong region would match no rule on either side, and so hide changes.
	if err := d.at.check(); err != nil {
		return 0, &inputError{err}
	}
	var texts [2][]byte
	for i, name := range files {
		// The text is kept, because assume looks for regions and accounts in it.
		if name == "-" {
			texts[i], err = io.ReadAll(io.LimitReader(std.in, maxSource))
		} else {
			texts[i], err = readPolicy(name)
		}
		if err == nil {
			d.files[i], err = parse(name, texts[i], false)
		}
		if err != nil {
			return 0, &inputError{err}
		}
		d.names[i] = name
	}
	// A typing error in the name would otherwise compare nothing and look like success.
	if only.Function != "" && !hasSection(d.files[0], only.Function) && !hasSection(d.files[1], only.Function) {
		return 0, &inputError{noSection(d.files[:], only.Function)}
	}
	d.assume(texts)
	// Sections and stages divide the functions, so that one of each kind is enough.
	if !d.callsOnly {
		for _, f := range d.functions(only.Function) {
			for _, stage := range stagesOf(d.files[:], d.at.stage) {
				d.compare(f, stage)
			}
		}
	}
	if len(logs) > 0 {
		if err := d.judgeCalls(std, logs, only); err != nil {
			return 0, &inputError{err}
		}
	}
	d.print()
	// Notes are about the input, and must not be in output that a program reads.
	for _, note := range d.notes {
		fmt.Fprintln(std.err, "outguard diff: "+note)
	}
	// With -calls-only, exactness is not claimed, and only recorded calls count for -gate.
	if d.callsOnly {
		return d.recordedWiden(), nil
	}
	return d.widening, nil
}

// A differ compares two files, place by place.
type differ struct {
	// at is where functions run, as far as the flags say it.
	at    place
	files [2]*policy.File
	names [2]string
	out   *bufio.Writer
	json  bool
	// exact: one call of each kind was judged by both files, everywhere that was looked at.
	exact bool
	// changes are those of all places, in the order found.
	changes  []placedChange
	isNew    []string // places that the old file has no section for
	notes    []string
	unjudged []string // why -gate cannot say that nothing widens
	// widening is how many of changes widen.
	widening int
	assumed  string  // the region and the account that were not given; "": both were
	wheres   []where // where functions are taken to run

	callsOnly bool
	judged    int // distinct calls of logs
	recorded  []recordedChange
	cut       error // logs that could be read only in part
}

// A placedChange is a change with the places that it is the same in.
type placedChange struct {
	policy.Change
	places []atPlace // the call is one of the first
	exact  bool
}

// An atPlace is a change in one place.
type atPlace struct {
	policy.Change
	name            string    // for people
	function, stage string    // "": the files name none
	region, account string    // where the function is taken to run
	after           string    // the day after which it holds; "": now
	at              time.Time // when it holds; zero: now
}

// functions returns a name for each combination of sections that apply together.
func (d *differ) functions(only string) []string {
	all, whole := functionsOf(d.files[:], only, d.at.function)
	// With too many combinations, some kinds of functions were not looked at.
	d.exact = d.exact && whole
	return all
}

// compare compares the files for one function and stage, now and after each date of until:.
func (d *differ) compare(function, stage string) {
	name := placeName(function, stage)
	at := d.at
	at.function, at.stage = function, stage
	// A function that is new has nothing to compare it with.
	if hasSection(d.files[1], function) && !hasSection(d.files[0], function) {
		if stage != otherStage {
			d.isNew = append(d.isNew, name)
		}
		return
	}
	// If neither file loads for any other stage, no function can run in one.
	if stage == otherStage && !d.loads(0, &at) && !d.loads(1, &at) {
		return // both files list the stages that there are
	}
	// The first of them stands for all that neither file names, and needs no remark.
	for i, w := range d.wheres {
		at.region, at.account = w.region, w.account
		d.compareAt(&at, name, i)
	}
}

// compareAt compares the files for one of wheres.
func (d *differ) compareAt(at *place, name string, nth int) {
	// A rule such as s3:Get* is about operations that only the table has.
	differ := policy.Differ{Operations: names.Of}
	// A rule with until: holds today and not later, so that each end is looked at.
	for i, day := range d.times() {
		// Both files are compiled for the same place and day, so that only their texts differ.
		changes, exact := differ.Diff(d.load(0, at, day), d.load(1, at, day))
		d.exact = d.exact && exact
		for _, c := range changes {
			c.Where = afterDay(c.Where, i, day)
			if nth > 0 {
				// Without an earlier text, the comma in front is cut off.
				c.Where = strings.TrimPrefix(c.Where+", if the function runs in "+at.region+" and account "+at.account, ", ")
			}
			one := atPlace{Change: c, name: name, function: at.function, stage: at.stage, region: at.region, account: at.account}
			if i > 0 {
				one.after, one.at = afterDay("", i, day), day
			}
			d.add(one, exact, nth > 0)
		}
	}
}

// times returns now, and the days from which a rule of either file no longer applies.
func (d *differ) times() []time.Time {
	now := time.Now()
	times := []time.Time{now}
	for _, f := range d.files {
		// Days in the past make no difference: the rules are gone from both sides.
		for _, day := range f.Ends() {
			// A rule holds to the end of its last day, in UTC.
			if after := day.AddDate(0, 0, 1); after.After(now) {
				times = append(times, after)
			}
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

// afterDay adds to a text from when on a change holds. The first of times is now.
func afterDay(text string, i int, day time.Time) string {
	if i == 0 {
		return text
	}
	return strings.TrimPrefix(text+", after "+day.AddDate(0, 0, -1).Format(time.DateOnly), ", ")
}

// load compiles a file for a place. nil stands for a policy that cannot be compiled, which blocks
// every call.
func (d *differ) load(i int, at *place, now time.Time) *policy.Policy {
	p, err := d.compile(i, at, now)
	if err != nil {
		d.note(fmt.Sprintf("%s does not load for %s, and so blocks every call: %v", d.names[i], placeName(at.function, at.stage), err))
		// If the old file does not load, every allowed call widens, so that the gate is strict. If
		// the new one does not, what it would widen is hidden.
		if i == 1 && !refusesPlace(err) {
			d.cannot(fmt.Sprintf("%s does not load here for %s, and may load where it is deployed", d.names[i], placeName(at.function, at.stage)))
		}
	}
	return p
}

// loads reports whether a file compiles for a place.
func (d *differ) loads(i int, at *place) bool {
	// loads makes no note: a file may well refuse a stage that it does not list.
	_, err := d.compile(i, at, time.Now())
	return err == nil
}

// compile compiles one of the two files, now or as of a later day.
func (d *differ) compile(i int, at *place, now time.Time) (*policy.Policy, error) {
	// Variables that are not set have the same text in both files, so they make no change alone.
	p, _, err := compile(d.files[i], policy.Env{
		Function: at.function, Stage: at.stage, Region: at.region, Account: at.account,
		Getenv: getenv, FS: feedfiles.Dir(filepath.Dir(d.names[i])), Now: now,
	})
	return p, err
}

// note keeps a notice for standard error, once.
func (d *differ) note(text string) {
	if !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// add keeps a change, together with the same one of other places and times. elsewhere: the function
// is taken to run in another region or account, so that the same rules may have other texts.
func (d *differ) add(c atPlace, exact, elsewhere bool) {
	// The places of one change may differ; its rules must not.
	same := sameSide
	if elsewhere {
		same = sameRule
	}
	for i := range d.changes {
		have := &d.changes[i]
		// The same rules change the same way for many functions: one entry lists all of them.
		if same(&have.Old, &c.Old) && same(&have.New, &c.New) && kindOf(&have.Call) == kindOf(&c.Call) {
			if !slices.ContainsFunc(have.places, func(p atPlace) bool { return p.name == c.name }) {
				have.places = append(have.places, c)
			}
			have.exact = have.exact && exact
			return
		}
	}
	d.changes = append(d.changes, placedChange{c.Change, []atPlace{c}, exact})
	// Counted once for all places, as it is printed.
	if c.Widens() {
		d.widening++
	}
}

// kindOf returns which kind of call it is, since one rule may be about two.
func kindOf(c *policy.Call) string {
	switch {
	case c.HTTP != nil:
		return "http"
	case c.Net != "":
		return "net"
	}
	return "aws"
}

// sameSide reports whether the same rule, with the same text, decides.
func sameSide(a, b *policy.Side) bool {
	return sameRule(a, b) && (a.Rule == nil || slices.Equal(a.Rule.Lines, b.Rule.Lines))
}

// sameRule reports whether the same rule decides. Its text may differ by variables.
func sameRule(a, b *policy.Side) bool {
	// One rule may give different verdicts: on_violation: has one for each stage.
	if a.Verdict != b.Verdict || a.List != b.List || (a.Rule == nil) != (b.Rule == nil) {
		return false
	}
	return a.Rule == nil || *a.Rule.Rule == *b.Rule.Rule
}
