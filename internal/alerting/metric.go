package alerting

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/outguard/outguard/notify"
)

// A metric is the part of a log line that CloudWatch reads as its embedded metric format: the
// metric Violations in the namespace Outguard. The members that it names as dimensions are members
// of the line.
type metric struct {
	AWS        metadata `json:"_aws"`
	Function   string   `json:",omitempty"`
	Stage      string   `json:",omitempty"`
	Verdict    string
	Violations int
}

// metadata is the member _aws, by which CloudWatch recognizes a line as a metric.
type metadata struct {
	Timestamp         int64 // milliseconds
	CloudWatchMetrics []directive
}

// A directive says which members of the line are metrics, and which sets of members are their
// dimensions. Each set makes a metric of its own.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

// A definition names a member that is a metric, and its unit.
type definition struct {
	Name string
	Unit string
}

// A tally is what a metric counts separately.
type tally struct {
	function, stage, verdict string
	policy                   string // SHA-256; a property of the line and not a dimension
}

// tallyOf returns what a violation is counted under.
func tallyOf(a *notify.Alert) tally { return tally{a.Function, a.Stage, a.Verdict, a.Policy} }

// metric returns the metric of n violations. Without aggregate, it has dimension sets with the
// function too: 10,000 functions would be 20,000 metrics, which cost money.
func (t tally) metric(now time.Time, n int, aggregate bool) *metric {
	m := &metric{Verdict: t.verdict, Violations: n}
	sets := [][]string{{"Verdict"}}
	if isDimension(t.stage) {
		m.Stage = t.stage
		sets = append(sets, []string{"Stage", "Verdict"})
	}
	if isDimension(t.function) && !aggregate {
		m.Function = t.function
		for _, s := range slices.Clone(sets) {
			sets = append(sets, append([]string{"Function"}, s...))
		}
	}
	m.AWS = metadata{now.UnixMilli(), []directive{{"Outguard", sets, []definition{{"Violations", "Count"}}}}}
	return m
}

// isDimension reports whether s can be the value of a dimension: up to 255 printable ASCII
// characters. With any other value, CloudWatch does not take the line for a metric.
func isDimension(s string) bool {
	// CloudWatch accepts 1024 characters, but an alert's texts are cut at 256 bytes, which would
	// be another value. It refuses spaces alone and a leading colon.
	if len(s) > 255 || strings.TrimSpace(s) == "" || s[0] == ':' {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// alertLine is the log line of an alert. The line of a first sight is a metric too: the process may
// end before the next line.
type alertLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	notify.Alert
	*metric
}

// metricLine is the log line of violations that no other line counts: repeats, and those beyond the
// ceiling.
type metricLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.metric/v1
	Policy    string    `json:"policy,omitempty"`
	*metric
}

// level returns the level of a line. Blocks are ERROR, so that they pass a filter that drops WARN.
func level(verdict string) string {
	if verdict == "block" {
		return "ERROR"
	}
	return "WARN"
}

// logAlert logs a. With counted, the line is a metric too.
func (q *Queue) logAlert(a notify.Alert, counted bool) { q.LogLine(q.alertLine(a, counted)) }

// alertLine returns the log line of a, clean. Without counted, another line has its metric already.
func (q *Queue) alertLine(a notify.Alert, counted bool) alertLine {
	l := alertLine{Level: level(a.Verdict), Timestamp: a.Time.UTC(), Alert: a.Clean()}
	if counted {
		l.metric = tallyOf(&a).metric(a.Time, a.Count, q.aggregate)
	}
	return l
}

// metricLines returns a line for each count. They are sorted, so that equal invocations log equal
// lines.
func (q *Queue) metricLines(now time.Time, counts map[tally]int) (lines []any) {
	all := slices.Collect(maps.Keys(counts))
	sort.Slice(all, func(i, j int) bool { // slices.SortFunc is 25 KB for each type as big as this one
		a, b := &all[i], &all[j]
		return cmp.Or(strings.Compare(a.verdict, b.verdict), strings.Compare(a.stage, b.stage), strings.Compare(a.policy, b.policy)) < 0
	})
	for _, t := range all {
		lines = append(lines, metricLine{level(t.verdict), now.UTC(), "outguard.metric/v1", t.policy, t.metric(now, counts[t], q.aggregate)})
	}
	return lines
}
