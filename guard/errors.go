package guard

import (
	"errors"
	"fmt"
	"strings"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// A BlockedError is a call that the policy refused. errors.As finds it in what http.Client and the AWS SDK return.
type BlockedError struct {
	Alert notify.Alert // what is told of it: the call, the rule and its place, the reason, the YAML that would allow the call

	callOnly bool // it does not fail the invocation
}

// Error says what was refused, by which rule of which file and whose, why, and how to allow it. It holds no query, and what
// looks like a token is masked.
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

// provenance says where a decision comes from: "policy.yaml:14, rule no-reads, owner payments".
func provenance(a *notify.Alert) string {
	var parts []string
	if a.Place != "" {
		place := a.Place
		if a.List == policy.Whitelist.String() && a.Rule != "" {
			place = "nearest rule " + place // no rule refuses what the whitelist does not have
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

// RetryableError returns false: the AWS SDK does not try a refused call again.
func (e *BlockedError) RetryableError() bool { return false }

// A PolicyError is why a guard has no policy to judge by. Its text begins with the place, "policy.yaml:12:5: ", where there is one.
// Err is a policy.Errors, or says which file is missing.
type PolicyError struct {
	Err error

	sha256 string // of the file that was refused, in hex; "" for a missing one
}

func (e *PolicyError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *PolicyError) Unwrap() error { return e.Err }

// place returns where the first problem is, as "policy.yaml:12", or "".
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

// RetryableError returns false: the AWS SDK does not try a refused call again.
func (e *PolicyError) RetryableError() bool { return false }

var (
	errNoPolicy = errors.New("outguard: no policy: guard.New was given nil")
	errNilGuard = errors.New("outguard: no guard: it is nil; make one with guard.Load")
)

func notWhollyGuarded(gaps []string) error {
	if len(gaps) == 0 {
		return nil
	}
	return errors.New("outguard: http.DefaultTransport is not wholly guarded: " + strings.Join(gaps, "; "))
}
