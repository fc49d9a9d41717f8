package notify

import (
	"fmt"
	"time"
)

// A DeliveryError says that alerts did not arrive. Its text names the sink and the reason, never a secret.
type DeliveryError struct {
	Sink       string        // "slack", "sns security-alerts", …
	Left       []Alert       // what did not arrive; nil: nothing did
	RetryAfter time.Duration // how long the place asked to be left alone; 0: it did not say
	Permanent  bool          // the place refused: the same again will be refused again, until somebody changes something
	Err        error
}

func (e *DeliveryError) Error() string {
	if e.RetryAfter > 0 {
		return fmt.Sprintf("%s: %v (asks to wait %v)", e.Sink, e.Err, e.RetryAfter)
	}
	return fmt.Sprintf("%s: %v", e.Sink, e.Err)
}

func (e *DeliveryError) Unwrap() error { return e.Err }
