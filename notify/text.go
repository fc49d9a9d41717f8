package notify

import (
	"strings"
)

// This file renders alerts as plain text.

// plainText renders clean alerts for an e-mail, in fixed columns without markup, each fact on one
// line.
func plainText(alerts []Alert) string {
	const blanks = "            " // the values stand below each other
	var b strings.Builder
	b.WriteString(headlines(alerts) + "\n")
	for _, a := range alerts {
		b.WriteString("\n")
		for _, f := range facts(a) {
			// Clean has left no line feed in a value, so nothing from outside can imitate a line of
			// facts.
			b.WriteString("  " + f.name + blanks[min(len(f.name), len(blanks)-1):] + f.value + "\n")
		}
	}
	if words, yaml := howToAllow(alerts); words != "" {
		b.WriteString("\n" + words + "\n")
		if yaml != "" {
			b.WriteString("\n    " + strings.ReplaceAll(yaml, "\n", "\n    ") + "\n")
		}
	}
	b.WriteString("\n-- \n" + foot(alerts[0]) + "\n")
	return b.String()
}

// subject renders alerts as an SNS subject: at most 100 ASCII characters, the first of them not
// blank.
func subject(alerts []Alert) string {
	// SNS refuses a message whose subject has another character.
	s := strings.Map(func(r rune) rune {
		if r >= ' ' && r <= '~' {
			return r
		}
		return '?'
	}, "[outguard] "+strings.ReplaceAll(headlines(alerts), more, "..."))
	if len(s) > 100 {
		s = s[:97] + "..."
	}
	return s
}
