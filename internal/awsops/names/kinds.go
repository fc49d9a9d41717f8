package names

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed kinds.txt
var kinds string

// Kinds returns on which kinds of resources an operation or an IAM action acts: how what follows an
// ARN's fifth colon begins ("execution:"). It returns nil if that is not known, or if they are
// many. Case does not matter.
func Kinds(prefix, name string) []string {
	_, section, ok := strings.Cut(kinds, "\n["+prefix+"]\n")
	if !ok {
		return nil
	}
	section, _, _ = strings.Cut(section, "\n[")
	for line := range strings.Lines(section) {
		words := strings.Fields(line)
		if slices.ContainsFunc(words[1:], func(n string) bool { return strings.EqualFold(n, name) }) {
			return strings.Split(words[0], ",")
		}
	}
	return nil
}
