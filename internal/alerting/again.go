package alerting

import "github.com/outguard/outguard/notify"

// Again counts a violation if the same one has been recorded before, and returns it in its clean form.
// Otherwise it does nothing: what takes work can be added to the alert, which is then for Record.
func (q *Queue) Again(a *notify.Alert) (recorded notify.Alert, ok bool) {
	return q.again(q.seen.identify(a), a)
}
