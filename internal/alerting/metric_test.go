package alerting

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

// emf is a log line as CloudWatch reads it.
type emf struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// counted returns the value that the metric has after all lines of f. It fails the test if a line
// is not a metric that CloudWatch takes.
func counted(t *testing.T, f *fixture) (total float64) {
	t.Helper()
	for line := range bytes.Lines([]byte(f.text())) {
		var as emf
		require.NoError(t, json.Unmarshal(line, &as))
		if as.AWS.Timestamp == 0 {
			continue
		}
		members := map[string]any{}
		require.NoError(t, json.Unmarshal(line, &members))
		require.Len(t, as.AWS.CloudWatchMetrics, 1)
		d := as.AWS.CloudWatchMetrics[0]
		assert.Equal(t, "Outguard", d.Namespace)
		for _, set := range d.Dimensions {
			for _, name := range set {
				value, _ := members[name].(string)
				assert.True(t, isDimension(value), "%s of %s", name, line)
			}
		}
		require.Len(t, d.Metrics, 1)
		total += members[d.Metrics[0].Name].(float64)
	}
	return total
}

func sets(t *testing.T, line map[string]any) string {
	t.Helper()
	directive := line["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)
	text, err := json.Marshal(directive["Dimensions"])
	require.NoError(t, err)
	return string(text)
}

func TestDimensions(t *testing.T) {
	const all = `[["Verdict"],["Stage","Verdict"],["Function","Verdict"],["Function","Stage","Verdict"]]`
	for _, c := range []struct {
		name, function, stage string
		aggregate             bool
		want                  string
	}{
		{"all", "checkout", "prod", false, all},
		{"aggregate", "checkout", "prod", true, `[["Verdict"],["Stage","Verdict"]]`},
		{"no stage", "checkout", "", false, `[["Verdict"],["Function","Verdict"]]`},
		{"a stage that CloudWatch refuses", "checkout", "größe", false, `[["Verdict"],["Function","Verdict"]]`},
		{"a blank stage", "checkout", " ", false, `[["Verdict"],["Function","Verdict"]]`},
		{"a stage with a colon in front", "checkout", ":x", false, `[["Verdict"],["Function","Verdict"]]`},
		{"a stage that the alert cuts", "checkout", strings.Repeat("x", 256), false, `[["Verdict"],["Function","Verdict"]]`},
		{"no function", "", "prod", false, `[["Verdict"],["Stage","Verdict"]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fixture{}
				f.Queue = New(Options{Stdout: &f.out, Aggregate: c.aggregate})
				a := violation("block", evil)
				a.Function, a.Stage, a.Policy = c.function, c.stage, "0c1d"
				f.Record(a)
				f.Record(a)
				f.Flush(t.Context())
				first := f.lines(t, notify.Schema)[0]
				repeats := f.lines(t, "outguard.metric/v1")
				require.Len(t, repeats, 1)
				for _, line := range []map[string]any{first, repeats[0]} {
					assert.Equal(t, c.want, sets(t, line))
					assert.Equal(t, "0c1d", line["policy"], "a property")
				}
				assert.Equal(t, 2.0, counted(t, f))
			})
		})
	}
}

// A process that ends right after a violation has raised the alarm: the line is there before the
// sinks get the alert.
func TestTheFirstLineIsTheMetricAndComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		g := newGate()
		f.Queue = New(Options{Stdout: g, Sinks: []*Sink{NewSink("place", f.place)}})
		go f.Record(violation("alert", evil))
		synctest.Wait()
		assert.Zero(t, f.place.called(), "not before the line is written")
		close(g.opened)
		synctest.Wait()
		assert.Equal(t, 1, f.place.called())
		assert.Contains(t, g.String(), `"Violations":1}`)
		f.Flush(t.Context())
	})
}

// The longest alert with its metric is below the length of a line.
func TestTheLongestLineIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		quotes := strings.Repeat("\"", 9000)
		a := violation("block", "https://h.example/"+quotes)
		a.Reason, a.Allow, a.Rule, a.Owner, a.Caller, a.Place = quotes, "- http: "+quotes, quotes, quotes, quotes, quotes
		a.Function, a.Stage = strings.Repeat("\"", 255), strings.Repeat("\\", 255)
		for range 100 {
			a.Call.Resources = append(a.Call.Resources, strings.Repeat("\"", 100))
		}
		f.Record(a)
		lines := f.lines(t, notify.Schema)
		require.Len(t, lines, 1, "not cut")
		assert.EqualValues(t, 1, lines[0]["Violations"])
		f.Flush(t.Context())
	})
}
