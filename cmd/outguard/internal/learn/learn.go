// Package learn makes a policy of the calls in a log. [Log.Add] takes the lines that Outguard
// wrote, and [Log.Policy] returns the smallest whitelist that covers their calls, section by
// section, as a whole policy.
//
// Ids in paths, keys and names become *, as internal/foldids folds them; nothing else is wider than
// the calls were. What a blacklist or a built-in rule forbids, calls to metadata addresses and
// calls with another account's keys are never learned. The result is the same for the same lines
// in any order.
package learn

import (
	"encoding/json"
	"strings"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/notify"
)

// Schemas of the lines that hold calls, and of those that count calls without a line of their own.
const (
	alertSchema     = notify.Schema
	seenSchema      = "outguard.seen/v1"
	nextSchema      = "outguard.next/v1"
	unseenSchema    = "outguard.unseen/v1"
	moreSchema      = "outguard.more/v1"
	unwrittenSchema = "outguard.unwritten/v1"
	cutSchema       = "outguard.cut/v1"
)

// Options select lines. The zero value selects all.
type Options struct {
	Function string // lines of this function, and lines that name no function
	Stage    string // lines of this stage
}

// Counts say what became of the lines that were added.
type Counts struct {
	Alerts   int // lines of violations
	Seen     int // lines of allowed calls
	Others   int // lines that hold no call, such as the start line
	Left     int // lines of other functions or stages
	Broken   int // lines whose fields have other types than they should
	Nameless int // lines without the name of a function, when none was given
	Unknown  map[string]int
	Missing  int // calls that the log counts and does not name
}

// A Log is the distinct calls of a log. It is not for concurrent use. Its size grows with the
// number of distinct calls, not of lines.
// calls is by what keyOf returns.
type Log struct {
	Options
	// ByAccess learns all operations of a service with the access level of one that was called, on
	// the resources that were called: access: read. Operations without resources go by their names.
	ByAccess bool
	Counts   Counts
	calls    map[string]*call
	known    map[string]*call // by fingerprint
	seen     map[string]*call // by what appendCommon returns
	common   []byte           // of the line that is looked at; empty if it has no form
}

// Add adds a line of the given schema. text may change afterwards.
func (l *Log) Add(schema string, text []byte) {
	switch schema {
	case alertSchema:
		l.line(text, &l.Counts.Alerts)
	case seenSchema, nextSchema:
		l.line(text, &l.Counts.Seen)
	// It counts violations that have no line of their own.
	case moreSchema:
		var line struct{ Violations int }
		if json.Unmarshal(text, &line) == nil {
			l.Counts.Missing += line.Violations
		}
	case unwrittenSchema, unseenSchema:
		var line struct{ Count int }
		if json.Unmarshal(text, &line) == nil {
			l.Counts.Missing += line.Count
		}
	// A line that CloudWatch or Lambda cut has one call at least.
	case cutSchema:
		l.Counts.Missing++
	default:
		// A newer version of a known line may hold calls that this version cannot read: it is
		// counted by name, so that the report can warn. Any other schema, such as outguard.start,
		// holds no call.
		if name, _, _ := strings.Cut(schema, "/"); name == "outguard.alert" || name == "outguard.seen" || name == "outguard.next" {
			if l.Counts.Unknown == nil {
				l.Counts.Unknown = map[string]int{}
			}
			l.Counts.Unknown[schema]++
			return
		}
		l.Counts.Others++
	}
}

// A callLine is the line of a violation or of an allowed call. The metric of a violation has names
// that package json does not distinguish from those of the alert unless they are fields of their
// own.
type callLine struct {
	notify.Alert
	Function any `json:"Function"`
	Stage    any `json:"Stage"`
	Verdict  any `json:"Verdict"`
}

// line adds a line with a call, and counts it.
func (l *Log) line(text []byte, lines *int) {
	// Most lines repeat a violation that has been decoded before.
	key, ok := fingerprint(text)
	if ok {
		if c := l.known[key]; c != nil && c.repeat(text) {
			*lines++
			return
		}
	}
	// Lines of allowed calls have no fingerprint.
	if l.common = l.common[:0]; lines == &l.Counts.Seen && l.repeatSeen(text) {
		*lines++
		return
	}
	var a callLine
	// A call without a kind is from no version of Outguard. A function's name that is a glob could
	// open the rules of others.
	if err := json.Unmarshal(text, &a); err != nil || a.Call.Kind == "" || !isName(a.Alert.Function) {
		l.Counts.Broken++
		return
	}
	if !l.selects(&a.Alert) {
		return
	}
	// It is about a call that broke the policy: learn has it from that line.
	if a.Schema == nextSchema && a.Alert.Verdict != "allow" {
		l.Counts.Others++ // a violation, which has a line of its own
		return
	}
	switch a.Call.Kind {
	// Other kinds are about the policy itself.
	case "http", "aws", "net":
		*lines++
		c := l.add(&a.Alert)
		if a.Schema == seenSchema {
			l.knowSeen(c)
		}
		// Beyond the bound, lines are decoded, which is slower but not wrong.
		if ok && len(l.known) < maxKnown {
			if l.known == nil {
				l.known = map[string]*call{}
			}
			l.known[key] = c
		}
	default: // the policy is broken, or further calls are counted
		l.Counts.Others++
	}
}

// maxKnown bounds the fingerprints that are remembered, because a log can hold any.
const maxKnown = 100_000

// isName reports whether s may be the name of a function, and not a glob.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		// c|0x20 is the lower case of a letter.
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-_.", c) >= 0) {
			return false
		}
	}
	return true
}

// selects reports whether a line is of the function and the stage, and names its function.
func (l *Log) selects(a *notify.Alert) bool {
	switch {
	// A function without a name of its own, for example outside Lambda, gets the one that was
	// given.
	case l.Function != "" && a.Function == "":
		a.Function = l.Function
	case l.Function != "" && a.Function != l.Function:
		l.Counts.Left++
		return false
	}
	if l.Stage != "" && a.Stage != l.Stage {
		l.Counts.Left++
		return false
	}
	if a.Function == "" {
		l.Counts.Nameless++
		return false
	}
	return true
}

// add adds the call of an alert, or counts it with one that differs in ids alone.
func (l *Log) add(a *notify.Alert) *call {
	key := keyOf(a)
	c := l.calls[key]
	if c == nil {
		if l.calls == nil {
			l.calls = map[string]*call{}
		}
		c = newCall(a)
		l.calls[key] = c
	}
	// The sample must be chosen before c counts the line: both look at what is there.
	c.sample(a)
	c.count(a)
	if a.Schema == seenSchema || a.Schema == nextSchema {
		c.atLeast = true // counts of a container that is not thawed again are lost
	} else {
		c.weigh(a)
	}
	return c
}

// keyOf returns what makes two calls the same: where the function runs and the folded call.
func keyOf(a *notify.Alert) string {
	var b strings.Builder
	// Where it runs is a part of the key: a policy can have other rules for each stage or region.
	field := func(s string) { b.WriteString(s) }
	for _, s := range [...]string{
		a.Function, a.Stage, a.Region, a.Account, a.Call.Kind, a.Call.Method, a.Call.Service, a.Call.Operation, a.Call.Region, a.Call.Net,
	} {
		b.WriteString(s)
		b.WriteByte(0)
	}
	// Folding writes into the key directly, since a log has very many lines.
	foldids.URL(a.Call.URL, field)
	for _, r := range a.Call.Resources {
		b.WriteByte(0)
		foldids.Resource(r, field)
	}
	return b.String()
}
