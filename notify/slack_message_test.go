package notify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Backquotes of texts from outside neither end code nor begin it: outside of code, a message has
// those of its own form alone.
func TestBackquotesFromOutside(t *testing.T) {
	for _, n := range []int{1, 2, 20} { // few alerts are shown in full, many in short
		alerts := make([]Alert, n)
		for i := range alerts {
			alerts[i] = Alert{
				Verdict: "block", Function: "f`n", List: "blacklist", Rule: "r```r", Place: "p`.yaml:1", Reason: "no ```host``` `x`", Owner: "o`o",
				Caller: "main.`x` main.go:1", Call: Call{Kind: "http", Method: "GET", URL: "https://e.example/`/```/x"}, Allow: "- http: `x`",
			}.Clean()
		}
		m, _ := slackMessage(alerts)
		texts := []string{m.Text}
		for _, b := range m.Blocks {
			if b.Type == "section" {
				texts = append(texts, b.Text.Text)
			}
			for _, e := range b.Elements {
				texts = append(texts, e.Text)
			}
		}
		for _, text := range texts {
			if before, block, ok := strings.Cut(text, "\n```"); ok { // the proposed entries
				inner, after, closed := strings.Cut(block, "```")
				assert.True(t, closed && after == "", text)
				assert.NotContains(t, inner, "`")
				text = before
			}
			for line := range strings.Lines(text) {
				assert.Zero(t, strings.Count(line, "`")%2, line)
				assert.NotContains(t, line, "``", line)
			}
		}
	}
}
