package notify

import (
	"fmt"
	"time"
)

// A DeliveryError reports that alerts did not arrive. Its text names the sink and the reason, and
// never holds a secret.
type DeliveryError struct {
	Sink       string        // "slack", "sns security-alerts", …
	Left       []Alert       // the alerts that did not arrive; nil means all of them
	Refused    []Alert       // the part of Left that would be refused again; nil means none, or all with Permanent
	RetryAfter time.Duration // how long the receiver asks to wait; 0 if it does not say
	Permanent  bool          // another try would be refused too, until somebody changes something
	Err        error
}

// Error returns the sink, the reason, and how long the receiver asks to wait.
func (e *DeliveryError) Error() string {
	if e.RetryAfter > 0 {
		return fmt.Sprintf("%s: %v (asks to wait %v)", e.Sink, e.Err, e.RetryAfter)
	}
	return fmt.Sprintf("%s: %v", e.Sink, e.Err)
}

// Unwrap returns Err, for errors.Is and errors.As.
func (e *DeliveryError) Unwrap() error { return e.Err }
