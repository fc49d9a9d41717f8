package source

import (
	"strings"
	"time"

	"github.com/outguard/outguard/internal/sourceapi"
)

// This file reports what becomes of documents: log lines with the metric of the policy's age, and
// one alert for each trouble.

// refusedRule is the rule of alerts about a document that did not take effect.
const refusedRule = "policy-refused"

// log writes a line, with the age.
func (f *follower) log(event, refused, reason string) {
	now := time.Now()
	f.mu.Lock()
	age := now.Sub(f.good)
	f.reported = now
	f.mu.Unlock()
	f.host.Log(sourceapi.Line{Event: event, Source: f.name, Refused: refused, Reason: reason, Age: age})
}

// confirmed notes that the source has nothing newer than what is in effect or pending.
func (f *follower) confirmed() {
	now := time.Now()
	f.mu.Lock()
	// After an alert, the log shows at once that the source answers again.
	due := now.Sub(f.reported) >= reportEvery || f.fails >= mayFail
	f.fails, f.good = 0, now
	f.mu.Unlock()
	if due {
		f.log("confirmed", "", "")
	}
}

// troubled notes that the source did not answer. The first few times in a row are not logged:
// Lambda freezes processes, and with them requests. The age of a policy that nobody has asked for
// during an hour would set off the alarms that roll a rollout back.
func (f *follower) troubled(err error) {
	now, reason := time.Now(), oneLine(err)
	f.mu.Lock()
	f.fails++
	alert := f.fails == mayFail
	due := alert || f.fails > mayFail && now.Sub(f.reported) >= reportEvery
	f.mu.Unlock()
	if due {
		f.log("failed", "", reason)
	}
	if alert {
		f.alert("could not be fetched: " + reason)
	}
}

// refuse notes that a document does not take effect: one alert for each document.
func (f *follower) refuse(document, sha256 string, err error) {
	now, reason := time.Now(), oneLine(err)
	f.mu.Lock()
	// The source returns the same document each minute, and one alert for it is enough.
	isNew := f.refused != document
	// A refused document was fetched, so the source works.
	f.refused, f.fails = document, 0
	due := isNew || now.Sub(f.reported) >= reportEvery
	f.mu.Unlock()
	if due {
		f.log("refused", sha256, reason)
	}
	if !isNew {
		return
	}
	if sha256 != "" {
		reason += "; its SHA-256 begins with " + sha256[:shownHash]
	}
	f.alert("was refused: " + reason)
}

// alert sends an alert about a newer policy, with the hash of the policy that stays.
func (f *follower) alert(what string) {
	hash := ""
	if infos := f.host.Current().Policy.Info(); len(infos) > 0 {
		hash = infos[len(infos)-1].SHA256 // that of the source, if there is one
	}
	f.host.Alert(refusedRule, f.name, hash, "a newer policy "+what+"; "+stays(hash))
}

// shownHash is how much of a hash a text has. Alerts mask longer ones, which may be secrets.
const shownHash = 12

// stays returns the end of such an alert's text. hash is "" if nothing is in effect.
func stays(hash string) string {
	if hash == "" {
		return "the one in effect stays"
	}
	return "the one whose SHA-256 begins with " + hash[:shownHash] + " stays in effect"
}

// oneLine returns an error as a short text of one line.
func oneLine(err error) string {
	// An error may hold a whole page, such as an HTML response of a proxy.
	const most = 1024
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
