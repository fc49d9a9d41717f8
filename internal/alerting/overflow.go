package alerting

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/notify"
)

// A log costs by the byte. An attacker who has a function call a million hosts must not cause a
// bill, nor push out lines that count.
const (
	maxLines  = 200        // violations of one invocation that have a line of their own; others are counted
	maxLogged = 1200 << 10 // bytes of these lines
	maxSums   = 200        // violations whose repeats have a line of their own; others are counted
	maxSummed = 300 << 10  // bytes of these lines
	maxGroups = 400        // lines for those that are counted
	maxHost   = 253        // bytes of a host in such a line; DNS has none that is longer
)

// lineSize estimates the length of the line of a, which is clean.
func lineSize(a *notify.Alert) int {
	n := 1200 // the names of fields, the metric, and short texts
	add := func(texts ...string) {
		for _, s := range texts {
			// JSON escapes quotes and backslashes, each with one more byte.
			n += len(s) + strings.Count(s, `"`) + strings.Count(s, `\`)
		}
	}
	add(a.Call.URL, a.Reason, a.Allow, a.Caller, a.Rule, a.Place, a.Function, a.Owner)
	add(a.Call.Resources...)
	for i := range a.Against {
		add(a.Against[i].Reason, a.Against[i].Rule, a.Against[i].Place, a.Against[i].Owner)
	}
	return n
}

// An overflow counts violations, and repeats, by verdict, rule and host. The zero value is empty.
// order keeps the first sight first, which a map does not.
type overflow struct {
	counts map[overflowGroup]overflowCount
	order  []overflowGroup
}

// An overflowCount is the numbers of one line.
type overflowCount struct{ violations, repeats int }

// An overflowGroup is what a line is about. The host is cut to maxHost, because a call may name
// one of any length.
type overflowGroup struct{ function, verdict, rule, place, host string }

// otherHosts stands for all hosts after maxGroups groups.
const otherHosts = "…"

// add counts a violation that is new, and repeats of it.
func (o *overflow) add(a *notify.Alert, violations, repeats int) {
	host := hostOf(a)
	g := overflowGroup{a.Function, a.Verdict, a.Rule, a.Place, host[:min(len(host), maxHost)]}
	if _, ok := o.counts[g]; !ok {
		// Whoever varies the host must not make lines without end. The numbers stay exact.
		if len(o.order) >= maxGroups {
			g.host, g.rule, g.place = otherHosts, "", ""
		}
		if _, ok := o.counts[g]; !ok {
			o.order = append(o.order, g)
		}
	}
	if o.counts == nil {
		o.counts = make(map[overflowGroup]overflowCount)
	}
	n := o.counts[g]
	o.counts[g] = overflowCount{n.violations + violations, n.repeats + repeats}
}

// lines returns a line for each group, and forgets them.
func (o *overflow) lines(now time.Time) (lines []any) {
	// In the order of their first violation, so that logs can be compared.
	for _, g := range o.order {
		lines = append(lines, moreLine{
			Level: level(g.verdict), Timestamp: now.UTC(), Schema: "outguard.more/v1", Function: g.function,
			Verdict: g.verdict, Rule: g.rule, Place: g.place, Host: strings.ToValidUTF8(g.host, ""),
			Violations: o.counts[g].violations, Repeats: o.counts[g].repeats,
		})
	}
	*o = overflow{}
	return lines
}

// hostOf returns where a call went: a host, or an AWS service.
func hostOf(a *notify.Alert) string {
	switch c := &a.Call; {
	case c.URL != "":
		if u, err := url.Parse(c.URL); err == nil && u.Host != "" {
			return u.Host
		}
		// A URL that does not parse still has a host in front of the first slash.
		host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(c.URL, "https://"), "http://"), "/")
		return host
	case c.Service != "":
		return c.Service
	case c.Net != "":
		return c.Net
	}
	return a.Call.Kind
}

// A beyond counts what one sink is not sent one by one: the alerts beyond its ceiling, and those
// that its memory has no room for. Queue.mu guards it. example gives the fields that all alerts of
// a function have in common.
type beyond struct {
	calls    int
	kinds    int
	hosts    []string // at most maxHosts and one more
	example  notify.Alert
	since    time.Time
	unlogged bool // the log does not have the latest count
}

// maxHosts is how many hosts are counted exactly.
const maxHosts = 100

// add counts a.
func (b *beyond) add(p *pendingAlert) {
	a := &p.alert
	if b.calls == 0 {
		b.since, b.example = a.Time, *a
	}
	// The message is as urgent as the worst call in it.
	if a.Verdict == "block" {
		b.example.Verdict = "block"
	}
	b.calls += a.Count
	// A sum repeats a kind that has been counted.
	if !a.IsSum() {
		b.kinds++
	}
	if host := p.group.host; len(b.hosts) <= maxHosts && !slices.Contains(b.hosts, host) {
		b.hosts = append(b.hosts, host)
	}
	b.unlogged = true
}

// take returns one alert for all that was counted until now, and forgets it.
func (b *beyond) take(now time.Time) notify.Alert {
	x := &b.example
	a := notify.Alert{
		Schema: notify.Schema, Time: now, Since: b.since, Count: b.calls, Verdict: x.Verdict,
		Function: x.Function, Version: x.Version, Alias: x.Alias, Stage: x.Stage, Region: x.Region, Account: x.Account,
		Policy: x.Policy, Owner: x.Owner, Call: notify.Call{Kind: notify.KindMore}, Reason: b.text(),
	}
	// Counting starts anew. The next message is about what comes from now on.
	*b = beyond{}
	return a.Clean()
}

// text is "9,990 more calls of 212 kinds to 3 hosts".
func (b *beyond) text() string { return notify.MoreCalls(b.calls, b.kinds, len(b.hosts)) }

// takeLine returns the line that gives the count, if the log does not have it yet.
func (b *beyond) takeLine(now time.Time, function, sink string) any {
	if !b.unlogged {
		return nil
	}
	b.unlogged = false
	return beyondLine{"WARN", now.UTC(), "outguard.beyond/v1", function, sink, b.calls, b.kinds, len(b.hosts)}
}
