package reportpage

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A record is a line of a log, in JSON.
type record map[string]any

func (r record) add(l *Log) {
	text, _ := json.Marshal(r)
	l.Add(fmt.Sprint(r["schema"]), text)
}

func get(verdict, function, url string, count int) record {
	schema := "outguard.alert/v1"
	if verdict == "allow" {
		schema = "outguard.seen/v1"
	}
	return record{
		"schema": schema, "time": "2026-11-20T10:30:00Z", "verdict": verdict, "function": function, "stage": "prod", "count": count,
		"call": record{"kind": "http", "method": "GET", "url": url}, "list": "whitelist", "rule": "policy.yaml:6", "place": "policy.yaml:6",
		"reason": "why", "caller": "main.charge main.go:42",
	}
}

// A line may claim any time.
func TestTimes(t *testing.T) {
	var l Log
	for _, at := range []string{"9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "1999-12-31T23:59:59Z", "2026-11-20T10:30:00+02:00"} {
		r := get("block", "checkout", "https://evil.example/", 1)
		r["time"] = at
		r.add(&l)
	}
	s := l.Summary()
	_, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, 4, s.Calls.Blocked)
	assert.Equal(t, "2026-11-20T08:30:00Z", s.First.Format(time.RFC3339))
	assert.Equal(t, s.First, s.Last)
	assert.Equal(t, s.Last, s.Violations[0].Last)
}

func TestSummary(t *testing.T) {
	var l Log
	get("allow", "checkout", "https://api.stripe.com/v1/charges/17", 3).add(&l)
	get("allow", "checkout", "https://api.stripe.com/v1/charges/18", 2).add(&l)
	get("block", "checkout", "http://evil.example/x", 1).add(&l)
	get("alert", "checkout", "http://evil.example/x", 4).add(&l)
	get("log", "refund", "https://www.example.com:8443/", 0).add(&l)
	record{"schema": "outguard.alert/v1", "time": "2026-11-21T10:30:00Z", "verdict": "block", "function": "checkout", "stage": "prod", "count": 7,
		"call": record{"kind": "aws", "service": "sqs", "operation": "ReceiveMessage", "resources": []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}},
		"list": "blacklist", "rule": "no-reads", "place": "policy.yaml:31", "reason": "never"}.add(&l)
	record{"schema": "outguard.next/v1", "verdict": "allow", "function": "checkout", "stage": "prod", "count": 5,
		"call": record{"kind": "net", "net": "db.test:5432"}, "next": record{"verdict": "block"}}.add(&l)
	record{"schema": "outguard.more/v1", "violations": 9}.add(&l)
	record{"schema": "outguard.unseen/v1", "count": 2}.add(&l)
	record{"schema": "outguard.start/v1", "function": "checkout"}.add(&l)
	l.Add("outguard.alert/v1", []byte(`{"call": 1}`))

	s := l.Summary()
	assert.Equal(t, Verdicts{Allowed: 5, Logged: 1, Alerted: 4, Blocked: 8, Next: 5}, s.Calls)
	assert.Equal(t, 7, l.Lines)
	assert.Equal(t, 1, l.Broken)
	assert.Equal(t, 11, s.Missing)
	require.Len(t, s.Functions, 2)
	var names []string
	for _, d := range s.Functions[0].Destinations {
		names = append(names, d.Name)
	}
	assert.Equal(t, []string{"sqs orders", "http://evil.example", "db.test:5432", "api.stripe.com"}, names, "what broke the policy comes first")
	assert.Equal(t, "GET https://api.stripe.com/v1/charges/*", s.Functions[0].Destinations[3].Calls[0].Text)
	assert.Equal(t, "block", s.Functions[0].Destinations[2].Calls[0].Would)
	assert.Equal(t, "www.example.com:8443", s.Functions[1].Destinations[0].Name)
	require.Len(t, s.Violations, 3)
	assert.Equal(t, "sqs:ReceiveMessage", s.Violations[0].Text)
	assert.Equal(t, "blacklist no-reads policy.yaml:31", s.Violations[0].Rule)
	assert.Equal(t, []string{"main.charge main.go:42"}, s.Violations[1].Callers)
	require.Len(t, s.Timeline, 25)
	assert.Equal(t, 11, s.Timeline[0].Total())
	assert.Equal(t, 7, s.Timeline[24].Total())
}

func TestOptionsSelectLines(t *testing.T) {
	l := Log{Options: Options{Function: "checkout", Stage: "prod"}}
	get("allow", "checkout", "https://a.test/", 1).add(&l)
	get("allow", "refund", "https://a.test/", 1).add(&l)
	dev := get("allow", "checkout", "https://a.test/", 1)
	dev["stage"] = "dev"
	dev.add(&l)
	assert.Equal(t, 1, l.Lines)
	assert.Equal(t, 2, l.Skipped)
}

// However long the time, the timeline has few parts, and they are whole.
func TestTimeline(t *testing.T) {
	for _, days := range []int{0, 1, 3, 30, 1000} {
		var l Log
		for i := range days + 1 {
			r := get("allow", "f", "https://a.test/", 1)
			r["time"] = time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.RFC3339)
			r.add(&l)
		}
		s := l.Summary()
		total := 0
		for _, m := range s.Timeline {
			total += m.Total()
		}
		assert.Equal(t, days+1, total)
		assert.LessOrEqual(t, len(s.Timeline), moments+1)
	}
}

// Parts are as narrow as the number of parts allows.
func TestWidthsOfATimeline(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ hours, width int }{{1, 1}, {30, 1}, {59, 1}, {60, 2}, {119, 2}, {150, 3}, {200, 6}, {600, 12}, {1000, 24}, {3000, 72}} {
		var l Log
		for _, at := range []int{0, c.hours} {
			r := get("allow", "f", "https://a.test/", 1)
			r["time"] = start.Add(time.Duration(at) * time.Hour).Format(time.RFC3339)
			r.add(&l)
		}
		parts := l.Summary().Timeline
		require.Greater(t, len(parts), 1)
		assert.Equal(t, time.Duration(c.width)*time.Hour, parts[1].Start.Sub(parts[0].Start), "%d hours", c.hours)
	}
}

// What a log claims is text, whatever it is.
func TestHostileText(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, "`</code>|x", `{{.Title}}`, `</style><style>*{display:none}`,
		"[a](https://evil.example) @everyone\n# x", "\x00\x1b[31m\u202e",
	}
	var l Log
	for _, text := range hostile {
		r := get("block", text, "https://a.test/"+text, 1)
		r["caller"], r["reason"], r["rule"], r["stage"] = text, text, text, text
		r.add(&l)
		record{"schema": "outguard.alert/v1", "function": text, "verdict": text, "call": record{"kind": "net", "net": text}}.add(&l)
	}
	s := l.Summary()
	s.Policy = &Policy{File: hostile[0], Rules: 2, Unused: []Rule{{hostile[1], hostile[2], hostile[3]}}}
	var b strings.Builder
	require.NoError(t, s.HTML(&b, hostile[1]))
	html := b.String()
	for _, tag := range regexp.MustCompile(`<(/?[a-zA-Z!][^\s>]*)([^>]*)>`).FindAllStringSubmatch(html, -1) {
		assert.Contains(t, " !DOCTYPE html head meta title style body a header h1 p nav ul li b main section h2 h3 details summary code span div table thead tbody tr th td i br ",
			" "+strings.TrimPrefix(tag[1], "/")+" ")
		assert.NotRegexp(t, `(?i)\s(on\w+|src|action|formaction|srcdoc)\s*=`, tag[2])
	}
	assert.Equal(t, 1, strings.Count(html, "<style>"))
	assert.NotRegexp(t, `(?i)href="[^#]`, html, "no link leaves the page")
	assert.NotRegexp(t, `(?i)url\(|@import`, html, "nothing is loaded")

	b.Reset()
	require.NoError(t, s.Markdown(&b, hostile[6]))
	for line := range strings.Lines(b.String()) {
		text := regexp.MustCompile("`[^`]*`").ReplaceAllString(strings.TrimRight(line, "\n"), "")
		assert.NotContains(t, text, "`", "a code span that does not end")
		assert.NotRegexp(t, `[<>\[@]`, text)
	}
}

// A page stays usable, and a comment within what GitHub takes, however many destinations there are.
func TestBounds(t *testing.T) {
	var l Log
	for i := range 12_000 {
		get("allow", fmt.Sprintf("f%d", i%2), fmt.Sprintf("https://a%c%c%c.test/", 'a'+i%26, 'a'+i/26%26, 'a'+i/676), 1).add(&l)
	}
	for i := range 100 {
		get("block", "f"+strings.Repeat("x", i), "https://"+strings.Repeat("long-name.", 40)+"test/"+strings.Repeat("y", i), 1).add(&l)
	}
	s := l.Summary()
	var b strings.Builder
	require.NoError(t, s.HTML(&b, "t"))
	assert.Less(t, b.Len(), 6<<20)
	assert.Contains(t, b.String(), "more destinations are not on this page")
	assert.Contains(t, b.String(), "And 50 more kinds of violations.")
	b.Reset()
	require.NoError(t, s.Markdown(&b, "t"))
	assert.Less(t, b.Len(), 65_536)
	assert.Contains(t, b.String(), "| and 80 more kinds |")
}

// Every link leads to one place. The one that skips rows leads to what follows them: the next part
// of the destinations, or behind the function. Inside the part, the key Tab would lead back.
func TestLinksLeadSomewhere(t *testing.T) {
	var l Log
	for i := range 600 {
		get("allow", "many", fmt.Sprintf("https://a%c%c.test/", 'a'+i%26, 'a'+i/26), 1).add(&l)
	}
	get("block", "few", "https://a.test/", 1).add(&l)
	var b strings.Builder
	require.NoError(t, l.Summary().HTML(&b, "t"))
	page := b.String()
	links := regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1)
	skips := 0
	for _, link := range links {
		assert.Equal(t, 1, strings.Count(page, ` id="`+link[1]+`"`), link[1])
		if before, _, ok := strings.Cut(page, `href="#`+link[1]+`">Skip `); ok && link[1] != "functions" {
			skips++
			_, between, _ := strings.Cut(page[len(before):], "</table>")
			between, _, found := strings.Cut(between, ` id="`+link[1]+`"`)
			require.True(t, found, link[1])
			assert.NotContains(t, between, "<table", "it leads to what follows")
		}
	}
	assert.Equal(t, 3, skips, "the first 25, 500 and the rest")
	assert.Regexp(t, `</details>\s*<span class="at" id="f1-3"></span>`, page)
}

// One thing is one thing.
func TestOneMissingCall(t *testing.T) {
	var l Log
	get("block", "checkout", "http://evil.example/x", 1).add(&l)
	record{"schema": "outguard.more/v1", "violations": 1}.add(&l)
	var page, text strings.Builder
	require.NoError(t, l.Summary().HTML(&page, "x"))
	require.NoError(t, l.Summary().Markdown(&text, "x"))
	assert.Contains(t, page.String(), "1 more call is counted in the log but not named.")
	assert.Contains(t, text.String(), "1 more call is counted in the log but not named.")
}

func TestCountsDoNotOverflow(t *testing.T) {
	var l Log
	for range 3 {
		record{"schema": "outguard.alert/v1", "function": "f", "count": 1 << 62, "verdict": "block", "call": record{"kind": "net", "net": "a:1"}}.add(&l)
		record{"schema": "outguard.more/v1", "violations": 1 << 62}.add(&l)
	}
	s := l.Summary()
	assert.Positive(t, s.Calls.Blocked)
	assert.Positive(t, s.Missing)
}
