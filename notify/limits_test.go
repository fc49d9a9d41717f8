package notify

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// extremes are batches at the edges: one alert, many, and fields as long as they get.
func extremes() map[string][]Alert {
	long := examples["seen_http"][0]
	long.Function = strings.Repeat("f", 300)
	long.Call.URL = "https://h.example/" + strings.Repeat("<&>`word/", 1000)
	long.Reason, long.Allow, long.Caller = strings.Repeat("<&> ", 2000), strings.Repeat("- http: \"<&>`\"\n", 500), strings.Repeat("c", 1000)
	for range 100 {
		long.Call.Resources = append(long.Call.Resources, "arn:aws:s3:::bucket/"+strings.Repeat("<word>/", 100))
	}
	all := maps.Clone(examples)
	all["long"], all["many long"] = []Alert{long}, slices.Repeat([]Alert{long}, MaxBatch)
	all["many"] = slices.Repeat(examples["blocked_sqs_read"], MaxBatch)
	all["empty"] = []Alert{{}}
	return all
}

// TestSlackKeepsToBlockKit holds the limits of docs.slack.dev/reference/block-kit, in characters.
func TestSlackKeepsToBlockKit(t *testing.T) {
	length := func(s string) int { return len([]rune(s)) }
	for name, alerts := range extremes() {
		t.Run(name, func(t *testing.T) {
			m, n := slackMessage(cleanAll(alerts))
			assert.Positive(t, n)
			assert.LessOrEqual(t, m.length(), 12_000, "of %d alerts", n)
			require.LessOrEqual(t, len(m.Blocks), 50)
			assert.LessOrEqual(t, length(m.Text), 4000)
			assert.NotEmpty(t, m.Text)
			assert.False(t, m.UnfurlLinks)
			for _, b := range m.Blocks {
				switch b.Type {
				case "header":
					assert.Equal(t, "plain_text", b.Text.Type)
					assert.LessOrEqual(t, length(b.Text.Text), 150)
					assert.NotContains(t, b.Text.Text, "\n")
				case "section":
					assert.Equal(t, "mrkdwn", b.Text.Type)
					assert.True(t, b.Text.Verbatim)
					assert.NotEmpty(t, b.Text.Text)
					assert.LessOrEqual(t, length(b.Text.Text), 3000)
					assert.NotContains(t, b.Text.Text, "<")
					assert.Zero(t, strings.Count(b.Text.Text, "```")%2)
				case "context":
					require.NotEmpty(t, b.Elements)
					assert.LessOrEqual(t, len(b.Elements), 10)
					assert.NotContains(t, b.Elements[0].Text, "<")
				case "divider":
					assert.Nil(t, b.Text)
				default:
					t.Errorf("block of type %q", b.Type)
				}
			}
			body, err := marshal(m)
			require.NoError(t, err)
			assert.Less(t, len(body), 256<<10)
		})
	}
}

func TestALogLineIsOneWriteBelow32KB(t *testing.T) {
	for name, alerts := range extremes() {
		t.Run(name, func(t *testing.T) {
			var w writes
			require.NoError(t, (&Log{W: &w}).Notify(t.Context(), alerts))
			require.Len(t, w, len(alerts))
			for _, line := range w {
				assert.Less(t, len(line), 32<<10)
				assert.Equal(t, len(line)-1, bytes.IndexByte(line, '\n'))
				var a Alert
				require.NoError(t, json.Unmarshal(line, &a))
				assert.Equal(t, Schema, a.Schema)
			}
		})
	}
	var w writes
	require.NoError(t, (&Log{W: &w}).Line(map[string]string{"x": strings.Repeat("é", 1<<20)}))
	require.Len(t, w, 1)
	assert.Less(t, len(w[0]), 32<<10)
	assert.True(t, json.Valid(w[0]))
}

// However long a URL or the names of resources are, a message shows the verdict and the rule.
func TestLongTextTakesNoRoomFromOtherFacts(t *testing.T) {
	a := examples["seen_http"][0]
	a.Call.URL = "https://h.example/" + strings.Repeat("&/", 1000)
	a.Reason, a.Place, a.Caller = strings.Repeat("<&> ", 1000), strings.Repeat("&", 300), strings.Repeat("<", 300)
	a.Allow = "- http: https://h.example/" + strings.Repeat("&/", 900)
	for range 50 {
		a.Call.Resources = append(a.Call.Resources, "receipts/"+strings.Repeat("&/", 30))
	}
	message, _ := slackMessage([]Alert{a.Clean()})
	facts := message.Blocks[1].Text.Text
	assert.LessOrEqual(t, len(facts), slackSection)
	for _, name := range []string{"Tried", "and on", "Verdict", "Why", "Rule", "Called by", "Request", "How often", "When"} {
		assert.Contains(t, facts, "*"+name+"*  ")
	}
	assert.Contains(t, facts, "46 more: the log has them")
	assert.Contains(t, message.Blocks[2].Text.Text, "```# too long: the log has it```")
}

func TestFitKeepsWhatFits(t *testing.T) {
	for _, s := range []string{"", "a", strings.Repeat("&", 100), strings.Repeat("é<", 100), strings.Repeat("x", 100)} {
		for n := 20; n < 700; n++ {
			got := fit(s, n, escape)
			require.LessOrEqual(t, len(got), n)
			require.True(t, got == escape(s) || len(got) > n-20, "%q cut to %d gives %d", s, n, len(got))
		}
	}
}

type writes [][]byte

func (w *writes) Write(b []byte) (int, error) {
	*w = append(*w, bytes.Clone(b))
	return len(b), nil
}

// TestASFFKeepsToSecurityHub holds the required attributes and limits of AwsSecurityFinding.
func TestASFFKeepsToSecurityHub(t *testing.T) {
	for name, alerts := range extremes() {
		t.Run(name, func(t *testing.T) {
			f := alerts[0].ASFF()
			for _, required := range []string{"SchemaVersion", "Id", "ProductArn", "GeneratorId", "CreatedAt", "UpdatedAt", "Severity", "Title", "Description", "Resources"} {
				assert.NotEmpty(t, f[required], required)
			}
			assert.LessOrEqual(t, len([]rune(f["Title"].(string))), 256)
			assert.LessOrEqual(t, len([]rune(f["Description"].(string))), 1024)
			assert.LessOrEqual(t, len(f["Id"].(string)), 512)
			assert.LessOrEqual(t, len(f["GeneratorId"].(string)), 512)
			fields := f["ProductFields"].(map[string]string)
			assert.LessOrEqual(t, len(fields), 50)
			for k, v := range fields {
				assert.LessOrEqual(t, len(k), 128)
				assert.LessOrEqual(t, len([]rune(v)), 2048)
			}
			b, err := json.Marshal(f)
			require.NoError(t, err)
			assert.Less(t, len(b), 240<<10)
		})
	}
}

// TestOCSFHasWhatItsClassRequires holds the required attributes of Detection Finding 1.1.0.
func TestOCSFHasWhatItsClassRequires(t *testing.T) {
	for name, alerts := range extremes() {
		t.Run(name, func(t *testing.T) {
			f := alerts[0].OCSF()
			for _, required := range []string{"activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid", "cloud"} {
				assert.Contains(t, f, required)
			}
			assert.Equal(t, f["class_uid"].(int)*100+f["activity_id"].(int), f["type_uid"])
			info := f["finding_info"].(map[string]any)
			assert.NotEmpty(t, info["uid"])
			assert.NotEmpty(t, info["title"])
			metadata := f["metadata"].(map[string]any)
			assert.NotEmpty(t, metadata["version"])
			assert.NotEmpty(t, metadata["product"])
		})
	}
}
