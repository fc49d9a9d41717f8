package policy

import "strings"

// testName makes a subtest's name of a text, such that it can be typed after -run: words, with _
// between them.
func testName(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	})
	name := strings.Join(words, "_")
	return name[:min(len(name), 60)]
}
