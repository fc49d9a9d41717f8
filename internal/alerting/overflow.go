package alerting

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/notify"
)

const (
	maxLines  = 200 // violations of one invocation that have a line of their own; others are counted
	maxGroups = 500 // lines for those that are counted
)

// An overflow counts violations by verdict, rule and host.
type overflow struct {
	counts map[overflowGroup]int
	order  []overflowGroup
}

type overflowGroup struct{ function, verdict, rule, place, host string }

// otherHosts stands for all hosts after maxGroups groups.
const otherHosts = "…"

func (o *overflow) add(a *notify.Alert) {
	g := overflowGroup{a.Function, a.Verdict, a.Rule, a.Place, hostOf(a)}
	if _, ok := o.counts[g]; !ok {
		if len(o.order) >= maxGroups {
			g.host, g.rule, g.place = otherHosts, "", ""
		}
		if _, ok := o.counts[g]; !ok {
			o.order = append(o.order, g)
		}
	}
	if o.counts == nil {
		o.counts = make(map[overflowGroup]int)
	}
	o.counts[g]++
}

// lines returns a line for each group, and forgets them.
func (o *overflow) lines(now time.Time) (lines []any) {
	for _, g := range o.order {
		lines = append(lines, moreLine{
			Level: level(g.verdict), Timestamp: now.UTC(), Schema: "outguard.more/v1", Function: g.function,
			Verdict: g.verdict, Rule: g.rule, Place: g.place, Host: g.host, Violations: o.counts[g],
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
// that its memory has no room for.
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
	if a.Verdict == "block" {
		b.example.Verdict = "block"
	}
	b.calls += a.Count
	if !a.IsSum() {
		b.kinds++
	}
	if host := p.group.host; len(b.hosts) <= maxHosts && !slices.Contains(b.hosts, host) {
		b.hosts = append(b.hosts, host)
	}
	if a.Time.After(b.example.Time) {
		b.example.Time = a.Time
	}
	b.unlogged = true
}

// take returns one alert for all that was counted, and forgets it.
func (b *beyond) take() notify.Alert {
	x := &b.example
	a := notify.Alert{
		Schema: notify.Schema, Time: x.Time, Since: b.since, Count: b.calls, Verdict: x.Verdict,
		Function: x.Function, Version: x.Version, Alias: x.Alias, Stage: x.Stage, Region: x.Region, Account: x.Account,
		Policy: x.Policy, Owner: x.Owner, Call: notify.Call{Kind: notify.KindMore}, Reason: b.text(),
	}
	*b = beyond{}
	return a.Clean()
}

func (b *beyond) text() string { return notify.MoreCalls(b.calls, b.kinds, len(b.hosts)) }

// takeLine returns the line that gives the count, if the log does not have it yet.
func (b *beyond) takeLine(now time.Time, function, sink string) any {
	if !b.unlogged {
		return nil
	}
	b.unlogged = false
	return beyondLine{"WARN", now.UTC(), "outguard.beyond/v1", function, sink, b.calls, b.kinds, len(b.hosts)}
}
