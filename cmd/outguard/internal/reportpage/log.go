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

	"github.com/outguard/outguard/internal/fold"
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

func (v *Verdicts) add(w *Verdicts) {
	v.Allowed += w.Allowed
	v.Logged += w.Logged
	v.Alerted += w.Alerted
	v.Blocked += w.Blocked
	v.Next += w.Next
}

// count adds n calls of a verdict. An unknown verdict counts as blocked.
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
	switch schema {
	case notify.Schema, "outguard.seen/v1", "outguard.next/v1":
	case "outguard.more/v1":
		var more struct{ Violations, Repeats int }
		if json.Unmarshal(text, &more) == nil {
			l.Missing = sum(l.Missing, sum(max(more.Violations, 0), max(more.Repeats, 0)))
		}
		return
	case "outguard.unwritten/v1", "outguard.unseen/v1":
		var more struct{ Count int }
		if json.Unmarshal(text, &more) == nil && more.Count > 0 {
			l.Missing = sum(l.Missing, more.Count)
		}
		return
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
	a.Alert.Function = cmp.Or(a.Alert.Function, l.Options.Function, "(no name)")
	if l.Options.Function != "" && a.Alert.Function != l.Options.Function || l.Options.Stage != "" && a.Alert.Stage != l.Options.Stage {
		l.Skipped++
		return
	}
	l.Lines++
	if a.Time = a.Time.UTC(); a.Time.Year() < 2000 || a.Time.Year() > 9999 {
		a.Time = time.Time{} // JSON has no such year
	}
	l.add(&a, schema)
}

// most keeps sums far from overflow: a log may claim any count.
const most = 1 << 50

func sum(a, b int) int { return min(a+min(max(b, 0), most), most) }

func (l *Log) add(a *line, schema string) {
	n := min(max(a.Count, 1), most>>10)
	var v Verdicts
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
	if caller := shorten(a.Caller); caller != "" && caller != "(none)" && len(c.callers) < maxCallers {
		c.callers[caller] = true
	}
	switch {
	case a.Next != nil:
		c.would = shorten(a.Next.Verdict)
	case v.Broke() > 0, c.rule == "":
		c.rule, c.reason = shorten(ruleOf(&a.Alert)), shorten(a.Reason)
	}
	if a.Time.After(c.last) {
		c.last = a.Time
	}
}

// time counts calls by the hour.
func (l *Log) time(at time.Time, v *Verdicts) {
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
		if len(l.hours) >= maxHours {
			return
		}
		l.hours[hour] = &Verdicts{}
	}
	l.hours[hour].add(v)
}

// ruleOf names what decided.
func ruleOf(a *notify.Alert) string {
	name := a.Rule
	if a.Place != "" && a.Place != a.Rule {
		name = strings.TrimSpace(name + " " + a.Place)
	}
	return cmp.Or(strings.TrimSpace(a.List+" "+name), "-")
}

// describe returns where a call goes, and the call as people write it, both with ids as *.
func describe(c *notify.Call) (destination, text string) {
	switch c.Kind {
	case "aws":
		destination = c.Service
		if len(c.Resources) > 0 {
			destination += " " + resource(c.Resources[0])
			if len(c.Resources) > 1 {
				destination += ", …"
			}
		}
		return shorten(destination), shorten(c.Service + ":" + c.Operation)
	case "net":
		return shorten(c.Net), shorten(c.Net)
	}
	folded := fold.String(fold.URL, c.URL)
	destination = folded
	if u, err := url.Parse(folded); err == nil && u.Host != "" {
		destination = u.Host
		if u.Scheme != "https" {
			destination = u.Scheme + "://" + u.Host
		}
	}
	return shorten(destination), shorten(strings.TrimSpace(c.Method + " " + folded))
}

// resource returns what follows the fifth colon of an ARN, with ids as *.
func resource(arn string) string {
	folded := fold.String(fold.Resource, arn)
	if parts := strings.SplitN(folded, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	return folded
}

func shorten(s string) string {
	if len(s) > maxText {
		s = s[:maxText-3] + "..."
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
