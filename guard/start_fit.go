package guard

import (
	"encoding/json"
	"fmt"
)

// maxStartLine is how long a start line may be. The log cuts a line of 32 KB as a whole.
const maxStartLine = 30 << 10

// fit shortens the longest lists of a start line until it fits into a line of the log. What is left
// out is counted.
func (l *startLine) fit() {
	const rounds = 64 // far more than the lists can be halved
	for range rounds {
		if jsonSize(l) < maxStartLine {
			return
		}
		longest, most := 0, 0
		lists := [...]any{l.Policies, l.Targets, l.Warnings, l.Exempt}
		for i, list := range lists {
			if n := jsonSize(list); n > most {
				longest, most = i, n
			}
		}
		switch longest {
		// Policies are counted in a field, because a text in their list would break the schema.
		case 0:
			keep := len(l.Policies) / 2
			l.MorePolicies += len(l.Policies) - keep
			l.Policies = l.Policies[:keep]
		case 1:
			l.Targets = halved(l.Targets)
		case 2:
			l.Warnings = halved(l.Warnings)
		default:
			l.Exempt = halved(l.Exempt)
		}
	}
	l.Policies, l.Targets, l.Warnings, l.Exempt, l.Error = nil, nil, nil, nil, "" // the level remains
}

// halved returns the first half of texts. A single one is cut in half.
func halved(texts []string) []string {
	if len(texts) == 1 {
		return []string{clipped(texts[0], len(texts[0])/2)}
	}
	keep := len(texts) / 2
	return append(texts[:keep:keep], fmt.Sprintf("and %d more", len(texts)-keep))
}

// jsonSize returns the length of v as JSON, which is what the log counts; 0 if v has no JSON form.
func jsonSize(v any) int {
	text, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	return len(text)
}
