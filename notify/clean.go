package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/internal/mask"
)

// This file cleans alerts: secrets are masked, and fields are cut.

// Fields are cut to these lengths, in bytes. They keep an alert below 16 KB, and its JSON, in which
// a quote takes two bytes, below 32 KB.
const (
	maxField     = 256
	maxText      = 2048 // reason, URL and allow
	maxResources = 4096 // all resources together
	maxAgainst   = 6    // things that forbid a call
)

// Clean returns a copy of a that may be shown to anybody. It replaces control characters and broken
// UTF-8, cuts long fields, drops the query, fragment and user of the URL, masks what looks like a
// token, and sets Schema and Fingerprint. Cleaning twice changes nothing. Every Notifier of this
// package cleans the alerts that it gets.
func (a Alert) Clean() Alert {
	a.Schema = Schema
	// In each field, masking comes before cutting: half a token does not look like one.
	a.Time, a.Since = a.Time.UTC(), a.Since.UTC()
	a.Call.URL = cut(mask.URL(head(oneLine(a.Call.URL))), maxText)
	a.Call.Net = cut(mask.Host(head(oneLine(a.Call.Net))), maxField)
	a.Call.Method, a.Call.Region = mask.Text(head(a.Call.Method)), mask.Text(head(a.Call.Region))
	a.Call.Resources = cleanResources(a.Call.Resources)
	a.Call.Service, a.Call.Operation = mask.Name(head(a.Call.Service)), mask.Name(head(a.Call.Operation))
	// After the call's own fields, which it compares texts with.
	about := a.about()
	// An entry with a masked part would not match the call. Better none than one that somebody adds
	// in vain.
	if a.Allow = foldids.Paths(head(lines(a.Allow))); !mask.Entry(a.Allow) {
		a.Allow = ""
		a.Reason += noEntry
	}
	a.Allow = cutLines(a.Allow, maxText)
	a.Reason = cut(about(head(oneLine(a.Reason))), maxText)
	a.Against = cleanAgainst(a.Against, about)
	for _, s := range []*string{&a.Verdict, &a.Fingerprint, &a.Function, &a.Version, &a.Alias, &a.Stage, &a.Region, &a.Account, &a.RequestID,
		&a.TraceID, &a.List, &a.Rule, &a.Place, &a.Policy, &a.Owner, &a.Caller, &a.Call.Kind, &a.Call.Method, &a.Call.Service,
		&a.Call.Operation, &a.Call.Access, &a.Call.Region, &a.Call.Via,
		&a.Remote.Version, &a.Remote.SHA256, &a.Remote.Key} {
		*s = cut(oneLine(*s), maxField)
	}
	a.Remote.Cap = cut(oneLine(a.Remote.Cap), 2*maxField)
	a.Policies = cleanHashes(a.Policies)
	// An alert of a user's own may have 0 or less. 65 stands for more than 64.
	a.Count, a.Distinct = max(a.Count, 1), min(max(a.Distinct, 0), 65)
	// A fingerprint that is set stays: of a masked alert, the same one could not be computed again.
	if a.Fingerprint == "" {
		a.Fingerprint = a.fingerprint()
	}
	return a
}

// cleanAll returns clean copies. The caller keeps its alerts.
func cleanAll(alerts []Alert) []Alert {
	clean := make([]Alert, len(alerts))
	for i, a := range alerts {
		clean[i] = a.Clean()
	}
	return clean
}

// maxPolicies is how many hashes of policy files an alert has.
const maxPolicies = 8

// cleanHashes keeps the first maxPolicies hashes, each cut.
func cleanHashes(hashes []string) []string {
	var clean []string
	for _, h := range hashes[:min(len(hashes), maxPolicies)] {
		clean = append(clean, cut(oneLine(h), maxField/4))
	}
	return clean
}

// cleanResources masks and cuts each resource, and drops those beyond maxResources bytes.
func cleanResources(resources []string) []string {
	var clean []string
	left := maxResources
	for _, r := range resources {
		r = cut(mask.Resource(head(oneLine(r))), maxText/2)
		// 8 bytes are for the quotes and the comma in JSON.
		if left -= len(r) + 8; left < 0 {
			return append(clean, more)
		}
		clean = append(clean, r)
	}
	return clean
}

// noEntry ends a Reason whose Allow is left out.
const noEntry = "; no entry is proposed, because it would show a part of the call that looks like a secret"

// about masks a text about the call. What the alert calls by name stays, and a path is one at the
// call's host.
func (a *Alert) about() func(string) string {
	_, host, _ := strings.Cut(a.Call.URL, "://")
	host, _, _ = strings.Cut(host, "/")
	file, _, _ := strings.Cut(a.Place, ":")
	names := []string{
		a.Call.Service + ":" + a.Call.Operation, a.Call.Service, a.Call.Operation, a.Function, a.Rule, a.Place, file, a.Owner, CallerPackage(a.Caller),
	}
	return func(text string) string { return mask.About(host, text, names...) }
}

// cleanAgainst keeps the first maxAgainst things that forbid a call.
func cleanAgainst(against []Against, about func(string) string) []Against {
	var clean []Against
	for _, r := range against[:min(len(against), maxAgainst)] {
		for _, s := range []*string{&r.List, &r.Rule, &r.Place, &r.Owner} {
			*s = cut(oneLine(*s), maxField/2)
		}
		r.Reason = cut(about(head(oneLine(r.Reason))), maxField)
		clean = append(clean, r)
	}
	return clean
}

// more stands at the end of a list that was cut.
const more = "…"

// oneLine replaces what could end a line or change how the rest of it is read: control characters,
// line and paragraph separators, directional and invisible characters, broken UTF-8.
func oneLine(s string) string { return replaceUnsafe(s, false) }

// lines does the same and keeps line feeds.
func lines(s string) string { return replaceUnsafe(s, true) }

// replaceUnsafe writes U+FFFD for each such character, so that nobody takes the text for the
// original.
func replaceUnsafe(s string, keepLF bool) string {
	safe := func(r rune) bool {
		switch {
		case r == '\n':
			return keepLF
		case r < utf8.RuneSelf:
			return r >= ' ' && r != 0x7f
		}
		// Cf holds the directional marks: U+202E shows "gpj.exe" as "exe.jpg" in a message.
		return r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r)
	}
	// Nearly all texts are safe, and are returned without a copy.
	if strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if safe(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// head returns the start of s that is masked. It is longer than what is kept, and ends between two
// words or path segments, because half a token does not look like one.
func head(s string) string {
	if len(s) <= 4*maxText {
		return s
	}
	s = s[:4*maxText]
	return s[:strings.LastIndexAny(s, "/ \n")+1] + more
}

// cut shortens s to at most n bytes, at the boundary of a character, and marks that it was cut.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}

// cutLines shortens s to whole lines.
func cutLines(s string, n int) string {
	if len(s) <= n {
		return s
	}
	// A comment in YAML, so that the lines before it can be pasted.
	const note = "# cut: the log does not hold more\n"
	end := strings.LastIndexByte(s[:n-len(note)], '\n') + 1
	return s[:end] + note
}
