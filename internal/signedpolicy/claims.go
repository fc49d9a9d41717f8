package signedpolicy

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// Limits of what a signature claims.
const (
	maxComment  = 1024                 // bytes of the trusted comment
	maxName     = 256                  // of a function's glob
	maxReason   = 256                  // of the reason for a cap
	maxVersion  = 1<<53 - 1            // a number that every JSON reader keeps
	maxValidity = 366 * 24 * time.Hour // from Signed to Expires
	maxCap      = 24 * time.Hour       // from Signed to Until
	maxSkew     = 5 * time.Minute      // how far this machine's clock may be behind the signer's
)

// A Scope says which packaged policies a signed one takes the place of. The zero Scope is none: the
// signed policy is joined to them, and a call must satisfy all.
type Scope string

const (
	Nothing Scope = ""
	Own     Scope = "own"     // the function's own policy
	Central Scope = "central" // the central files
	All     Scope = "all"     // both
)

// Claims are what a signature says about a policy beside its text.
type Claims struct {
	Function string // name or glob ("pay-*", "*") of the functions that the policy is for
	Version  uint64 // from 1; a container never goes back to a lower one, except to Back
	Signed   time.Time
	Expires  time.Time // from then on, the policy is not accepted, and replaces nothing
	// Back is the version that may take the place of this one again, when a rollout is rolled back;
	// 0 for none.
	Back     uint64
	Replaces Scope

	// Until is the end of a kill switch, cap: until then blocks are alerts. The zero time stands
	// for a policy without it.
	Until  time.Time
	Reason string // why there is a cap
}

// preamble begins each trusted comment: a signature that was made for another purpose by the same
// key is not one of a policy.
const preamble = "outguard/v1 "

// timeForm is RFC 3339 in UTC with full seconds: each time has one form.
const timeForm = "2006-01-02T15:04:05Z"

// String returns c as the text that is signed, minisign's trusted comment:
//
//	outguard/v1 function=pay-* version=7 signed=2026-11-27T10:00:00Z expires=2027-01-31T00:00:00Z
func (c Claims) String() string {
	// Optional claims are left out, so signatures of older releases keep their form.
	s := fmt.Sprintf("%sfunction=%s version=%d signed=%s expires=%s", preamble, c.Function, c.Version,
		c.Signed.UTC().Format(timeForm), c.Expires.UTC().Format(timeForm))
	if c.Back != 0 {
		s += fmt.Sprintf(" back=%d", c.Back)
	}
	if c.Replaces != Nothing {
		s += " replaces=" + string(c.Replaces)
	}
	if !c.Until.IsZero() {
		s += " cap=alert until=" + c.Until.UTC().Format(timeForm) + " reason=" + c.Reason
	}
	return s
}

// ParseClaims reads a trusted comment. It accepts what String returns, and nothing else: a text has
// one meaning.
func ParseClaims(text string) (Claims, error) {
	var c Claims
	if len(text) > maxComment {
		return Claims{}, fmt.Errorf("the trusted comment has more than %d bytes", maxComment)
	}
	rest, ok := strings.CutPrefix(text, preamble)
	if !ok {
		return Claims{}, fmt.Errorf("the trusted comment does not begin with %q: outguard sign -comment writes one", preamble)
	}
	// The reason comes last, because it has spaces.
	fields, reason, capped := strings.Cut(rest, " reason=")
	// The reason is in the map, so that a second reason= before it is refused.
	given := map[string]string{"reason": reason}
	for _, field := range strings.Split(fields, " ") {
		key, value, _ := strings.Cut(field, "=")
		if _, again := given[key]; again || value == "" {
			return Claims{}, fmt.Errorf("the trusted comment has a field that is empty or there twice: %.20q", key)
		}
		given[key] = value
	}
	c.Function, c.Replaces, c.Reason = given["function"], Scope(given["replaces"]), given["reason"]
	// Errors give 0 or the zero time, which valid refuses; what it accepts is compared with text
	// below.
	c.Version, _ = strconv.ParseUint(given["version"], 10, 64)
	c.Back, _ = strconv.ParseUint(given["back"], 10, 64)
	c.Signed, _ = time.Parse(timeForm, given["signed"])
	c.Expires, _ = time.Parse(timeForm, given["expires"])
	if capped {
		c.Until, _ = time.Parse(timeForm, given["until"])
	}
	if err := c.valid(); err != nil {
		return Claims{}, err
	}
	if c.String() != text { // a field that is missing, unknown, in another form or in another place
		return Claims{}, errors.New("the trusted comment is not in the form that outguard sign writes")
	}
	return c, nil
}

// valid returns why c cannot be meant, whatever the time.
func (c Claims) valid() error {
	switch {
	case !isGlob(c.Function):
		return errors.New("function= is not the name of a Lambda function or a glob")
	case c.Version == 0 || c.Version > maxVersion:
		return fmt.Errorf("version= is not a number from 1 to %d", uint64(maxVersion))
	case c.Back >= c.Version:
		return errors.New("back= is not a version before version=")
	case c.Signed.IsZero() || c.Expires.IsZero():
		return errors.New("signed= or expires= is not a time of the form " + timeForm)
	// A key that is lost must not have signed a policy for ever.
	case !c.Expires.After(c.Signed) || c.Expires.Sub(c.Signed) > maxValidity:
		return errors.New("expires= is not within 366 days after signed=")
	}
	switch c.Replaces {
	case Nothing, Own, Central, All:
	default:
		return errors.New("replaces= is not own, central or all")
	}
	switch {
	case c.Until.IsZero() && c.Reason == "":
		return nil
	case strings.TrimSpace(c.Reason) != c.Reason || c.Reason == "" || len(c.Reason) > maxReason || !printable(c.Reason):
		return fmt.Errorf("cap=alert needs until=, and a reason= of one line with at most %d bytes", maxReason)
	case !c.Until.After(c.Signed) || c.Until.Sub(c.Signed) > maxCap:
		return errors.New("until= is not within 24 hours after signed=")
	// Whoever reads until= would otherwise expect a cap that its signature has ended.
	case c.Until.After(c.Expires):
		return errors.New("until= is after expires=")
	}
	return nil
}

// isGlob reports whether s is a name of a Lambda function, in which * may stand for any characters.
func isGlob(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '*':
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// printable reports whether s has printable ASCII alone: a line break would end the comment that
// holds it.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Check returns why a function must not take the policy at a time.
func (c Claims) Check(function string, now time.Time) error {
	if err := c.valid(); err != nil {
		return err
	}
	// isGlob allows * alone, so path.Match cannot fail or read other patterns. A name has no slash.
	if ok, err := path.Match(c.Function, function); err != nil || !ok {
		return fmt.Errorf("it was signed for the functions %q", c.Function)
	}
	switch {
	// Lambda's clocks and a signer's may differ by minutes.
	case now.Before(c.Signed.Add(-maxSkew)):
		return fmt.Errorf("it was signed at %s, which is in the future", c.Signed.Format(timeForm))
	case !now.Before(c.Expires):
		return fmt.Errorf("its signature expired at %s", c.Expires.Format(timeForm))
	}
	return nil
}

// After returns why a policy must not take effect after the newest one so far.
func (c Claims) After(newest Claims) error {
	// Whoever can write to the source could otherwise bring an old policy back that was too loose.
	if c.Version > newest.Version || c.Version != 0 && c.Version == newest.Back {
		return nil
	}
	return fmt.Errorf("its version is %d, and version %d has been in effect", c.Version, newest.Version)
}

// Capped reports whether blocks are alerts at a time.
func (c Claims) Capped(now time.Time) bool { return !c.Until.IsZero() && now.Before(c.Until) }
