package guard

import (
	"errors"
	"fmt"
	"strings"

	"github.com/outguard/outguard/policy"
)

// A BlockedError is a call that the policy refused. errors.As finds it in what http.Client and the AWS SDK return.
type BlockedError struct {
	Call     string          // what was tried: "POST https://api.example.com/v1/pay"; no query, and tokens masked
	Decision policy.Decision // the rule, the reason, and the YAML that would allow the call
}

// Error says what was refused, by which rule of which file and whose, why, and how to allow it.
func (e *BlockedError) Error() string {
	var b strings.Builder
	b.WriteString("blocked by policy")
	if from := provenance(e.Decision); from != "" {
		b.WriteString(" (" + from + ")")
	}
	b.WriteString(": " + e.Call)
	if e.Decision.Reason != "" {
		b.WriteString(": " + e.Decision.Reason)
	}
	if allow := strings.TrimRight(e.Decision.Allow, "\n"); allow != "" {
		b.WriteString("\nto allow it, add to the whitelist:\n  " + strings.ReplaceAll(allow, "\n", "\n  "))
	}
	return b.String()
}

// provenance says where a decision comes from: "policy.yaml:14, rule no-reads, owner payments".
func provenance(d policy.Decision) string {
	var parts []string
	r, p := d.Rule, d.Policy
	switch {
	case r != nil && r.File != "":
		parts = append(parts, fmt.Sprintf("%s:%d", r.File, r.Line))
	case p != nil && p.File != "":
		parts = append(parts, p.File)
	}
	if r != nil && r.ID != "" && !strings.HasPrefix(r.ID, r.File+":") {
		parts = append(parts, "rule "+r.ID)
	}
	if d.List == policy.Whitelist && r != nil { // the rule is the nearest one, not the one that refused
		parts[0] = "nearest rule " + parts[0]
	}
	if p != nil && p.Owner != "" {
		parts = append(parts, "owner "+p.Owner)
	}
	return strings.Join(parts, ", ")
}

// RetryableError returns false: the AWS SDK does not try a refused call again.
func (e *BlockedError) RetryableError() bool { return false }

// A PolicyError is why a guard has no policy to judge by. Its text begins with the place, "policy.yaml:12:5: ", where there is one.
// Err is a policy.Errors, or says which file is missing.
type PolicyError struct{ Err error }

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

func gapsError(gaps []string) error {
	if len(gaps) == 0 {
		return nil
	}
	return errors.New("outguard: http.DefaultTransport is not wholly guarded: " + strings.Join(gaps, "; "))
}
