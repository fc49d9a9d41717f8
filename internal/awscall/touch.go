package awscall

import (
	"strings"
	"unicode/utf8"
)

// A State says how much is known of what a call touches.
type State uint8

// The zero value is the one that a whitelist refuses.
const (
	Unknown State = iota // the input does not show which resource it is, or names an impossible one
	Known                // the resource whose ARN is given
	Nothing              // the operation takes no resource
)

// A Touch is one resource that a call touches, and what it does to it.
type Touch struct {
	Actions ActionSet // all of them are taken; if it is empty, a whitelist need not allow the touch
	Also    ActionSet // actions with the same effect, for a blacklist
	State   State
	// The parts of the canonical ARN. Region and Account are "" where the ARN has none.
	Partition, Service, Region, Account string
	// Owner is the account that owns the resource according to the input, whatever the ARN has. It
	// is "" if the input names no owner, and "?" if what it names is not an account.
	Owner string
	// Resource is what follows the ARN's fifth colon. A byte Any stands for one unknown character,
	// as in a secret's random suffix: only a wildcard matches it.
	Resource []byte
	// Alias is another name of the same resource, or nil: "identity/example.com" for an address at
	// that domain.
	Alias []byte
	// Named reports that Resource is a secret's name, without the random end that Alias has.
	Named bool
	// Open reports that everything is touched that begins with Resource, as below a path of
	// parameters.
	Open bool

	// Vague reports that each * in Resource stands for a part that the input does not show, as of
	// "stack/prod/*". A whitelist has to allow all that it may be.
	Vague bool
	// Hidden reports, of a Vague touch, that what the input names has another name in the ARN, as a
	// workgroup whose ARN has an id: two calls that differ in it touch the same.
	Hidden bool
	// Made reports that the operation makes and names the resource itself, as "task/*", or touches
	// all of the kind.
	Made bool

	step *step // of an Unknown or Hidden touch: what read it; nil if no step did
}

// AnyRegion is the Region of a Vague touch in one of several regions.
const AnyRegion = "*"

// Any stands for an unknown character of a Touch's Resource.
const Any = 0xFF

// ARN returns the touch's ARN, or "" if it is not known.
// An ARN is text for messages and rules; unknown characters are shown as question marks.
func (t *Touch) ARN() string {
	if t.State != Known {
		return ""
	}
	var b strings.Builder
	b.Grow(len("arn:::::") + len(t.Partition) + len(t.Service) + len(t.Region) + len(t.Account) + len(t.Resource))
	for _, part := range [...]string{"arn:", t.Partition, ":", t.Service, ":", t.Region, ":", t.Account, ":"} {
		b.WriteString(part)
	}
	if utf8.Valid(t.Resource) {
		b.Write(t.Resource)
	} else {
		b.WriteString(strings.ToValidUTF8(string(t.Resource), "?"))
	}
	return b.String()
}

// same reports whether two touches are of one resource. Open ones are kept apart.
func (t *Touch) same(u *Touch) bool {
	return t.State == u.State && string(t.Resource) == string(u.Resource) && t.Account == u.Account &&
		t.Owner == u.Owner && t.Region == u.Region && t.Service == u.Service && t.Partition == u.Partition &&
		t.Named == u.Named && !t.Open
}
