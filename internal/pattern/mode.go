// Package pattern parses the subjects of rules into canonical form, and knows which pattern
// covers which.
package pattern

import "github.com/outguard/outguard/internal/report"

// Pattern is a parsed subject of a rule, or of its except:.
type Pattern interface {
	// covers reports whether the pattern matches every call that q matches. It serves warnings, so
	// a doubt is a no.
	covers(q Pattern) bool
	// String returns the normal form: it parses again to an equal pattern.
	String() string
}

// Mode is how what a rule leaves out is read: narrow in a whitelist, wide in a blacklist. The
// zero mode is invalid, and every parser refuses it.
// See decision 8.
type Mode uint8

// Narrow is the mode of whitelists, Wide that of blacklists.
const (
	Narrow Mode = 1 + iota
	Wide
)

// Opposite returns the mode of a rule's except: what a blacklist rule leaves out there is read
// narrowly.
func (m Mode) Opposite() Mode {
	switch m {
	case Narrow:
		return Wide
	case Wide:
		return Narrow
	}
	return 0
}

// errMode refuses to parse for a rule that is in neither list.
var errMode error = &report.Problem{What: "the rule is in neither list", Fix: "report this as an error in Outguard"}
