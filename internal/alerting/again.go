package alerting

import (
	"time"

	"github.com/outguard/outguard/notify"
)

// This file counts violations that were recorded before.

// Again counts a violation if the same one has been recorded before. Then it reports true, and
// fills recorded, if that is not nil, with its clean form. Otherwise it does nothing: what takes
// work can be added to the alert, which is then for Record.
func (q *Queue) Again(a *notify.Alert, t *Ticket, recorded *notify.Alert) bool {
	if t == nil {
		t = &q.none
	}
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	e := q.again(q.seen.sighting(a), a, t)
	if e != nil && recorded != nil {
		*recorded = e.seenAs(a)
	}
	return e != nil
}
