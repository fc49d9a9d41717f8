// Package pattern parses the subjects of rules into canonical form, and tells which pattern covers which.
package policy

// pattern is a parsed subject of a rule, or of its except:.
type pattern interface {
	// covers reports whether the pattern matches every call that q matches. It serves warnings, so a doubt is a no.
	covers(q pattern) bool
	// String returns the normal form: it parses again to an equal pattern.
	String() string
}

// mode is how what a rule leaves out is read: narrow in a whitelist, wide in a blacklist. The zero mode is invalid,
// and every parser refuses it.
type mode uint8

const (
	narrow mode = 1 + iota
	wide
)

// opposite returns the mode of a rule's except: what a blacklist rule leaves out there is read narrowly.
func (m mode) opposite() mode {
	switch m {
	case narrow:
		return wide
	case wide:
		return narrow
	}
	return 0
}

// errMode refuses to parse for a rule that is in neither list.
var errMode error = &problem{"the rule is in neither list", "report this as an error in Outguard"}
