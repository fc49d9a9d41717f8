package guard

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// dimensions returns the dimension sets, the stage and the function of the metric in the first
// line of an alert.
func dimensions(t *testing.T, log string) (sets [][]string, stage, function string) {
	t.Helper()
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "outguard.alert/v1") {
			continue
		}
		var v struct {
			AWS struct {
				CloudWatchMetrics []struct{ Dimensions [][]string }
			} `json:"_aws"`
			Stage, Function string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		require.Len(t, v.AWS.CloudWatchMetrics, 1, line)
		return v.AWS.CloudWatchMetrics[0].Dimensions, v.Stage, v.Function
	}
	t.Fatalf("there is no alert in %s", log)
	return nil, "", ""
}

// The report about a broken policy goes to the policy's own sinks, and counts for the same
// dimensions as a violation of the policy when it is whole.
func TestABrokenPolicyIsReportedToItsOwnSinks(t *testing.T) {
	got := make(chan string, 10)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	defer sink.Close()
	whole := "version: 1\nstage: {accounts: {\"111122223333\": prod}}\non_violation: block\nwhitelist: []\n" +
		"notify:\n  - webhook: " + sink.URL + "/${HOOK}\n    secret: s3cr3t\n"
	read := func(text, layers string) (string, error) {
		out := new(buffer)
		vars := environment("HOOK", "x", "AWS_LAMBDA_FUNCTION_NAME", "checkout", "AWS_REGION", "eu-west-1")
		g, err := load(&Options{Policy: []byte(text), Account: "111122223333", Stdout: out, Getenv: vars}, layers)
		_ = g.Check(t.Context(), policy.Call{Net: "evil.example:1"})
		_ = g.Flush(t.Context())
		return out.String(), err
	}
	nowhere := filepath.Join(t.TempDir(), "missing")
	log, err := read(whole, nowhere)
	require.NoError(t, err)
	sets, stage, function := dimensions(t, log)
	assert.Equal(t, [][]string{{"Verdict"}, {"Stage", "Verdict"}, {"Function", "Verdict"}, {"Function", "Stage", "Verdict"}}, sets)
	assert.Contains(t, <-got, "evil.example")

	for _, c := range []struct{ name, text, layers string }{
		{"an unknown key", whole + "whitelsit: []\n", nowhere},
		{"not YAML", whole + "functions: [\n", nowhere},
		{"a feed that is missing", whole + "blacklist:\n  - feed: missing.txt\n", nowhere},
		{"a layer that is broken", whole, dir(t, "central.yaml", "version: 9\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, err := read(c.text, c.layers)
			require.ErrorAs(t, err, new(*PolicyError))
			brokenSets, brokenStage, brokenFunction := dimensions(t, log)
			assert.Equal(t, sets, brokenSets)
			assert.Equal(t, []string{stage, function}, []string{brokenStage, brokenFunction})
			assert.Contains(t, <-got, `"kind":"policy"`)
		})
	}
}

// A file that cannot be read at all has no sinks. The metric of its alert is complete but for the
// stage.
func TestThePolicyThatCannotBeReadHasAMetric(t *testing.T) {
	out := new(buffer)
	vars := environment("OUTGUARD_POLICY", filepath.Join(t.TempDir(), "missing.yaml"), "AWS_LAMBDA_FUNCTION_NAME", "checkout")
	_, err := load(&Options{Stdout: out, Getenv: vars}, t.TempDir())
	require.ErrorAs(t, err, new(*PolicyError))
	sets, _, function := dimensions(t, out.String())
	assert.Equal(t, [][]string{{"Verdict"}, {"Function", "Verdict"}}, sets)
	assert.Equal(t, "checkout", function)
}

// The start line names the sinks that the report about a broken policy goes to.
func TestTheStartLineOfABrokenPolicyHasItsTargets(t *testing.T) {
	out := new(buffer)
	const topic = "sns: arn:aws:sns:eu-west-1:111122223333:security"
	g, err := load(&Options{
		Policy: []byte("version: 7\nnotify:\n  - " + topic + "\n"), Function: "checkout", Stdout: out, Getenv: environment("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
	}, t.TempDir())
	require.Error(t, err)
	g.logStart()
	assert.Contains(t, out.String(), `"targets":["`+topic+`"]`)
}
