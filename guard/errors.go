package guard

import (
	"errors"
	"fmt"
	"strings"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// A BlockedError is the error of a call that the policy refused. errors.As finds it in the errors
// of http.Client and the AWS SDK.
type BlockedError struct {
	// Alert holds the call, the rule and its place, the reason, and the YAML that would allow the
	// call.
	Alert notify.Alert

	callOnly bool // the block does not fail the invocation
}

// Error names the call, the rule that refused it with its file and owner, the reason, and how to
// allow the call. It contains no query, and texts that look like tokens are masked.
func (e *BlockedError) Error() string {
	a := e.Alert.Clean()
	var b strings.Builder
	b.WriteString("blocked by policy")
	if from := provenance(&a); from != "" {
		b.WriteString(" (" + from + ")")
	}
	b.WriteString(": " + a.Call.String() + ": " + a.Reason)
	if allow := strings.TrimRight(a.Allow, "\n"); allow != "" {
		b.WriteString("\nto allow it, add to the whitelist:\n  " + strings.ReplaceAll(allow, "\n", "\n  "))
	}
	return b.String()
}

// provenance returns where a decision comes from: "policy.yaml:14, rule no-reads, owner payments".
func provenance(a *notify.Alert) string {
	var parts []string
	if a.Place != "" {
		place := a.Place
		if a.List == policy.Whitelist.String() && a.Rule != "" {
			place = "nearest rule " + place // the call matches no rule; this one comes closest
		}
		parts = append(parts, place)
	}
	if a.Rule != "" && a.Rule != a.Place {
		parts = append(parts, "rule "+a.Rule)
	}
	if a.Owner != "" {
		parts = append(parts, "owner "+a.Owner)
	}
	return strings.Join(parts, ", ")
}

// RetryableError returns false: the AWS SDK must not retry a refused call.
func (e *BlockedError) RetryableError() bool { return false }

// IsBlocked reports whether err, or an error that it wraps, is the refusal of a call: a
// *BlockedError or a *PolicyError. Trying the call again does not help, so that clients with
// retries of their own ask IsBlocked first; docs/recipes.md has a recipe.
func IsBlocked(err error) bool {
	var blocked *BlockedError
	var broken *PolicyError
	return errors.As(err, &blocked) || errors.As(err, &broken)
}

// A PolicyError is the reason why a guard has no policy to judge by. Its text begins with the
// place, "policy.yaml:12:5: ", if the problem has one. Err is a policy.Errors, or names the file
// that is missing.
type PolicyError struct {
	Err error

	sha256 string // of the refused file, in hex; "" if the file is missing
}

func (e *PolicyError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *PolicyError) Unwrap() error { return e.Err }

// place returns the place of the first problem, as "policy.yaml:12", or "".
func (e *PolicyError) place() string {
	var first *policy.Error
	if !errors.As(e.Err, &first) {
		return ""
	}
	if first.Line == 0 {
		return first.File
	}
	return fmt.Sprintf("%s:%d", first.File, first.Line)
}

// RetryableError returns false: the AWS SDK must not retry a refused call.
func (e *PolicyError) RetryableError() bool { return false }

var (
	errNoPolicy = errors.New("outguard: no policy: guard.New was given nil")
	errNoFile   = errors.New("no policy")
	errNilGuard = errors.New("outguard: no guard: it is nil; make one with guard.Load")
)

// notWhollyGuarded returns the error of Install for the given gaps, or nil without gaps.
func notWhollyGuarded(gaps []string) error {
	if len(gaps) == 0 {
		return nil
	}
	return errors.New("outguard: http.DefaultTransport is not wholly guarded: " + strings.Join(gaps, "; "))
}
