package policy

import "errors"

// An httpPattern is a parsed http: subject, in canonical form.
type httpPattern struct{ text string }

// A netPattern is a parsed net: subject.
type netPattern struct{ text string }

// A problem is what is wrong with a piece of policy text, and how to mend it. The decoder adds the place.
type problem struct{ what, fix string }

func (p *problem) Error() string { return p.what + "; " + p.fix }

func parseHTTPPattern(text string, list List) (httpPattern, error) {
	return httpPattern{}, errors.ErrUnsupported
}
func parseNetPattern(text string) (netPattern, error) { return netPattern{}, errors.ErrUnsupported }
