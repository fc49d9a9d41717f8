// Package reportpage shows what functions talk to, by their logs. [Log.Add] takes the lines that
// Outguard wrote, [Log.Summary] sums them up, and [Summary.HTML] and [Summary.Markdown] write that
// for people.
//
// Whoever can write to a log can put any text into it: HTML is written by html/template alone, and
// Markdown has every text in a code span.
package reportpage

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/notify"
)

// Bounds on what is kept of a log, which can hold anything.
const (
	maxCalls   = 100_000 // distinct calls
	maxCallers = 20      // of a call
	maxHours   = 100_000
	maxText    = 500 // bytes of a text
)

// Options select lines. The zero value selects all.
type Options struct{ Function, Stage string }

// A Log is what is known of the calls of a log. It is not for concurrent use.
// Lines are counted even when nothing more is kept, so that the totals are right.
type Log struct {
	Options
	Lines   int // with a call
	Broken  int // lines that cannot be read
	Skipped int // lines of other functions or stages
	Missing int // calls that the log counts and does not name

	calls map[callKey]*call
	hours map[int64]*Verdicts
	first time.Time
	last  time.Time
}

// Verdicts count calls. Next counts those with which a next policy would deal otherwise; they are
// among the others, too.
type Verdicts struct {
	Allowed int `json:"allowed"`
	Logged  int `json:"logged"`
	Alerted int `json:"alerted"`
	Blocked int `json:"blocked"`
	Next    int `json:"next"`
}

// Total is the number of calls.
func (v *Verdicts) Total() int { return v.Allowed + v.Logged + v.Alerted + v.Blocked }

// Broke is how many calls broke the policy.
func (v *Verdicts) Broke() int { return v.Logged + v.Alerted + v.Blocked }

// add adds the counts of w.
func (v *Verdicts) add(w *Verdicts) {
	v.Allowed += w.Allowed
	v.Logged += w.Logged
	v.Alerted += w.Alerted
	v.Blocked += w.Blocked
	v.Next += w.Next
}

// count adds n calls of a verdict. An unknown verdict counts as blocked.
// An unknown verdict is one of a newer version: it is shown as the worst.
func (v *Verdicts) count(verdict string, n int) {
	switch verdict {
	case "allow":
		v.Allowed += n
	case "log":
		v.Logged += n
	case "alert":
		v.Alerted += n
	default:
		v.Blocked += n
	}
}

// A callKey is a row of the page; text is the call with ids as *.
type callKey struct{ function, stage, destination, text string }

// A call is all calls of a function that differ in ids alone.
type call struct {
	Verdicts
	callers      map[string]bool
	rule, reason string // of the line that was read last with a violation, else of any
	would        string // what the next policy would do
	last         time.Time
}

// line is a line with a call: of a violation, of an allowed call, or of one that a next policy
// would deal with otherwise.
type line struct {
	notify.Alert
	Function any `json:"Function"` // the dimensions of the metric, whose names package json
	Stage    any `json:"Stage"`    // does not distinguish from the fields
	Verdict  any `json:"Verdict"`
	Next     *struct {
		Verdict string `json:"verdict"`
	} `json:"next"`
}

// Add adds a line of the given schema. text may change afterwards.
func (l *Log) Add(schema string, text []byte) {
	// Each case is a schema of Outguard's lines; what another tool or a newer version writes is not
	// counted.
	switch schema {
	case notify.Schema, "outguard.seen/v1", "outguard.next/v1":
	case "outguard.more/v1":
		// It counts violations that had no line of their own, and repeats of some that had one.
		var more struct{ Violations, Repeats int }
		if json.Unmarshal(text, &more) == nil {
			l.Missing = sum(l.Missing, sum(max(more.Violations, 0), max(more.Repeats, 0)))
		}
		return
	// Lines that could not be written, and allowed calls that were not kept.
	case "outguard.unwritten/v1", "outguard.unseen/v1":
		var more struct{ Count int }
		if json.Unmarshal(text, &more) == nil && more.Count > 0 {
			l.Missing = sum(l.Missing, more.Count)
		}
		return
	// A line was too long for the log: it holds one call at least.
	case "outguard.cut/v1":
		l.Missing = sum(l.Missing, 1)
		return
	default:
		return
	}
	var a line
	if err := json.Unmarshal(text, &a); err != nil || a.Call.Kind == "" {
		l.Broken++
		return
	}
	switch a.Call.Kind {
	case "http", "aws", "net":
	default: // the policy is broken, or further calls are counted
		return
	}
	// Outside Lambda, a function may have no name.
	a.Alert.Function = cmp.Or(a.Alert.Function, l.Options.Function, "(no name)")
	if l.Options.Function != "" && a.Alert.Function != l.Options.Function || l.Options.Stage != "" && a.Alert.Stage != l.Options.Stage {
		l.Skipped++
		return
	}
	l.Lines++
	// A line that was tampered with may hold any year.
	if a.Time = a.Time.UTC(); a.Time.Year() < 2000 || a.Time.Year() > 9999 {
		a.Time = time.Time{} // JSON has no such year
	}
	l.add(&a, schema)
}

// most keeps sums far from overflow: a log may claim any count.
const most = 1 << 50

// sum adds b, but no more than most in total. A negative b adds nothing.
func sum(a, b int) int { return min(a+min(max(b, 0), most), most) }

// add adds a line to the row of its call, and to its hour.
func (l *Log) add(a *line, schema string) {
	// The bound leaves room for a thousand such lines.
	n := min(max(a.Count, 1), most>>10)
	var v Verdicts
	// A line about a next policy is about a call that has been counted already, or will be.
	if schema == "outguard.next/v1" {
		v.Next = n
	} else {
		v.count(a.Alert.Verdict, n)
	}
	l.time(a.Time, &v)
	destination, text := describe(&a.Call)
	key := callKey{shorten(a.Alert.Function), shorten(a.Alert.Stage), destination, text}
	if l.calls == nil {
		l.calls = map[callKey]*call{}
	}
	c := l.calls[key]
	if c == nil {
		// Further calls are summed up in one row for each function and stage.
		if len(l.calls) >= maxCalls {
			key = callKey{key.function, key.stage, "(more destinations)", "(more calls)"}
			c = l.calls[key]
		}
		if c == nil {
			c = &call{callers: map[string]bool{}}
			l.calls[key] = c
		}
	}
	c.Verdicts.add(&v)
	// "(none)": no code of the function was on the stack.
	if caller := shorten(a.Caller); caller != "" && caller != "(none)" && len(c.callers) < maxCallers {
		c.callers[caller] = true
	}
	switch {
	// Only lines about a next policy have it.
	case a.Next != nil:
		c.would = shorten(a.Next.Verdict)
	// A violation's rule is more interesting than the rule that allowed another call.
	case v.Broke() > 0, c.rule == "":
		c.rule, c.reason = shorten(ruleOf(&a.Alert)), shorten(a.Reason)
	}
	if a.Time.After(c.last) {
		c.last = a.Time
	}
}

// time counts calls by the hour.
func (l *Log) time(at time.Time, v *Verdicts) {
	// A line without a valid time counts in the totals, but not in the timeline.
	if at.IsZero() {
		return
	}
	if l.first.IsZero() || at.Before(l.first) {
		l.first = at
	}
	if at.After(l.last) {
		l.last = at
	}
	hour := at.Unix() / 3600
	if l.hours == nil {
		l.hours = map[int64]*Verdicts{}
	}
	if l.hours[hour] == nil {
		// Beyond eleven years of hours, somebody makes times up.
		if len(l.hours) >= maxHours {
			return
		}
		l.hours[hour] = &Verdicts{}
	}
	l.hours[hour].add(v)
}

// ruleOf names what decided.
// A rule without an id has its place as its name.
func ruleOf(a *notify.Alert) string {
	name := a.Rule
	if a.Place != "" && a.Place != a.Rule {
		name = strings.TrimSpace(name + " " + a.Place)
	}
	// "-" if nothing decided, as for a call under no policy.
	return cmp.Or(strings.TrimSpace(a.List+" "+name), "-")
}

// describe returns where a call goes, and the call as people write it, both with ids as *.
func describe(c *notify.Call) (destination, text string) {
	switch c.Kind {
	// "dynamodb table/orders", and "dynamodb:GetItem" as the text.
	case "aws":
		destination = c.Service
		if len(c.Resources) > 0 {
			destination += " " + resource(c.Resources[0])
			if len(c.Resources) > 1 {
				destination += ", …"
			}
		}
		return shorten(destination), shorten(c.Service + ":" + c.Operation)
	// host:port is both.
	case "net":
		return shorten(c.Net), shorten(c.Net)
	}
	// Paths have ids as *, so that one row stands for /orders/1 and /orders/2.
	folded := foldids.String(foldids.URL, c.URL)
	destination = folded
	// The host is the destination. Of https, the scheme is left out, since nearly all calls have
	// it.
	if u, err := url.Parse(folded); err == nil && u.Host != "" {
		destination = u.Host
		if u.Scheme != "https" {
			destination = u.Scheme + "://" + u.Host
		}
	}
	return shorten(destination), shorten(strings.TrimSpace(c.Method + " " + folded))
}

// resource returns what follows the fifth colon of an ARN, with ids as *.
// "arn:aws:s3:::receipts/1.pdf" becomes "receipts/1.pdf", with ids as *.
func resource(arn string) string {
	folded := foldids.String(foldids.Resource, arn)
	if parts := strings.SplitN(folded, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	return folded
}

// shorten cuts a text of the log. What is not UTF-8 afterwards becomes a replacement character.
func shorten(s string) string {
	if len(s) > maxText {
		s = s[:maxText-3] + "..."
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
