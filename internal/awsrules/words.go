package awsrules

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// This file words the reasons of this engine.

// BlackReason says why the blacklist catches the call.
func (w *Reading) BlackReason(f *Finding) string {
	// The author's own reason is best, since it says what to do.
	return cmp.Or(f.Black.origin.Reason, w.say(f.caught)+" is blacklisted")
}

// MissReason says what no whitelist rule allows.
func (w *Reading) MissReason(f *Finding) string {
	reason := "no whitelist rule allows " + w.say(f.missed)
	// If callers: alone stands between, the reason names that rule: it is what has to change.
	if r := w.butForCaller(f.missed); r != nil {
		reason += ": " + r.origin.File + ":" + strconv.Itoa(r.origin.Line) + " matches " + w.who.Miss(r.callers)
	}
	if w.Op.leftOut {
		reason += "; the tables of this version do not know the operation, so that no rule with access: is for it"
	}
	if w.Foreign() {
		reason += ", with a key of account " + w.At.Account
	}
	// An unknown resource is the usual cause; the reason says which member of the input was not
	// read.
	for i := range w.touches.List {
		t := &w.touches.List[i]
		switch {
		// Only what is unknown and not allowed is worth a word.
		case t.State != awscall.Unknown && !t.Hidden || t != f.missed && w.whitelisted(t, false):
			continue
		case t == f.missed:
			reason += ": "
		default:
			reason += ", and what else it touches is not known: "
		}
		return reason + w.touches.Unread(t, w.input)
	}
	return reason
}

// MissEntry is the YAML of an entry that would allow it.
//
// It has an entry for each touch that no rule allows. It is "" where an entry would allow more than
// the call: the operation or a resource is not known, or no entry can name it.
func (w *Reading) MissEntry() string {
	if w.Op.Name == "" {
		return ""
	}
	var entries []string
	// Two touches may need the same entry. A batch may have many that do not.
	known := map[string]bool{}
	// With a foreign key, only rules that list its account would help.
	foreign := w.Foreign()
	for i := range w.touches.List {
		t := &w.touches.List[i]
		if w.whitelisted(t, foreign) {
			continue
		}
		entry, ok := allow(w.Op, t, w.At, w.own)
		if ok && w.butForCaller(t) != nil { // a rule is for others, so that this one is for the caller alone
			var line string
			line, ok = w.who.Line()
			entry += line
		}
		if !ok {
			return ""
		}
		if !known[entry] {
			known[entry], entries = true, append(entries, entry)
		}
	}
	return strings.Join(entries, "\n")
}

// ForeignReason says whose key signs the call.
func (w *Reading) ForeignReason() string {
	return w.Op.Service + ":" + w.Op.Name + " is signed with a key of account " + w.At.Account + ", not of " + w.own.Account
}

// butForCaller returns a whitelist rule that would allow what is done to a touch, but for its
// callers:; nil if there is none.
func (w *Reading) butForCaller(t *awscall.Touch) *compiled {
	c := w.Op.white.candidates(t)
	for e := c.next(); e != nil; e = c.next() {
		if e.rule.callers != nil && e.actions.Overlaps(t.Actions) && e.matches(t, w.At, w.own) && !w.meets(e, t) {
			return e.rule
		}
	}
	return nil
}

// say describes what is done to a touch. It adds the region if rules ask for one and the resource
// does not show it.
func (w *Reading) say(t *awscall.Touch) string {
	text := say(w.Op, t)
	// An ARN of S3 has no region.
	if w.Op.byRegion && t.Region == "" && w.At.Region != "" {
		text += " in " + w.At.Region
	}
	return text
}

// say describes what is done to a touch: "sqs:ReceiveMessage (read) on
// arn:aws:sqs:eu-west-1:111122223333:orders".
func say(op *operation, t *awscall.Touch) string {
	// The text is not from the request: an unknown operation may be named by anything.
	if op.Name == "" {
		return "an unidentified " + op.Service + " operation" + on(t)
	}
	guessed := ""
	if op.Guessed {
		guessed = ", guessed"
	}
	// The reader should know that no rule with resources: can help.
	if t.State == awscall.Unknown && awsops.GoesByID(op.Service, op.Name) {
		return op.Service + ":" + op.Name + " (" + op.Access + guessed + "), which goes by an id that does not show what it touches"
	}
	return op.Service + ":" + op.Name + " (" + op.Access + guessed + ")" + on(t)
}

// on returns " on ARN", or nothing for a touch without a resource.
func on(t *awscall.Touch) string {
	switch {
	case t.State == awscall.Unknown:
		return " on an unknown resource"
	case t.State == awscall.Nothing:
		return ""
	// The bucket's ARN does not show its owner.
	case t.Owner != "" && t.Owner != t.Account:
		return " on " + t.ARN() + " of account " + t.Owner
	}
	return " on " + t.ARN()
}

// allow is the YAML entry that would allow what is done to a touch. ok is false where the entry
// would allow more: the resource is not known, or its name holds what has no literal form in a
// pattern.
func allow(op *operation, t *awscall.Touch, at, own *awscall.Where) (entry string, ok bool) {
	entry = "- aws: " + allowed(op, t)
	switch t.State {
	// An operation without resources needs no resources:.
	case awscall.Nothing:
		return entry + accountsLine(t, at, own), true
	case awscall.Known:
		if t.Hidden {
			return "", false // all that the call may mean is more than it means
		}
	default:
		// No entry can name a resource that never shows: the operation alone is all that a rule
		// can say.
		if never := awsops.GoesByID(op.Service, op.Name) || op.Guessed && op.Name != ""; never {
			if _, known := awsops.Service(op.Service); !known {
				entry += "\n  unlisted: true"
			}
			return entry + accountsLine(t, at, own), true
		}
		return "", false
	}
	// "task-definition/orders:*" as an entry would be "task-definition/orders" with all of its
	// revisions.
	if t.Alias != nil && bytes.IndexByte(t.Resource, awscall.Any) >= 0 { // a definition, of a revision that is not known
		definition := *t
		definition.Resource = t.Alias
		t = &definition
	}
	text := string(t.Resource)
	names := text
	if t.Vague || t.Made {
		names = strings.ReplaceAll(text, "*", "") // for what no call shows, no entry can say more
	}
	if !isLiteral(names) {
		return "", false
	}
	// short reports whether "table/orders" would mean the same as the ARN.
	short := (t.Account == "" || t.Account == own.Account) && (t.Owner == "" || t.Owner == own.Account) && (t.Region == "" || t.Region == own.Region) &&
		t.Partition == own.Partition && t.Service == op.Service
	if short {
		// WrongResource knows forms that a rule would refuse in short.
		_, certain := pattern.WrongResource([]pattern.AWS{{Service: op.Service}}, text, pattern.Narrow)
		short = !certain
	}
	if !short {
		// A region or account from the request may hold characters that a rule refuses.
		head := "arn:" + t.Partition + ":" + t.Service + ":" + t.Region + ":" + t.Account + ":"
		if !isLiteral(head) {
			return "", false
		}
		text = head + text
	}
	// A prefix becomes a glob.
	if t.Open {
		text += "*"
	}
	return entry + "\n  resources: " + report.YAML(text) + accountsLine(t, at, own), true
}

// accountsLine is the accounts: of that entry; "" if the call shows the own account alone.
func accountsLine(t *awscall.Touch, at, own *awscall.Where) string {
	var others []string
	self := t.Account == own.Account || t.Owner == own.Account
	// The order is fixed, so that the same call always has the same entry.
	for _, account := range [...]string{t.Account, t.Owner, at.Account} {
		switch {
		// What is not an account, and the own one, need no entry.
		case !awsname.IsAccount(account), account == own.Account:
		case !slices.Contains(others, account):
			others = append(others, account)
		}
	}
	if len(others) == 0 {
		return ""
	}
	if self {
		others = append([]string{"self"}, others...)
	}
	return "\n  accounts: [\"" + strings.Join(others, "\", \"") + "\"]"
}

// allowed is the subject of that entry: the operation, and by name what is done beside it.
// A call that takes several actions needs each of them by name.
func allowed(op *operation, t *awscall.Touch) string {
	if op.Name == "" {
		return report.YAML(op.Service + ":*")
	}
	var names []string
	for i, a := range op.Actions {
		if !t.Actions.Has(i) {
			continue
		}
		name := op.Service + ":" + op.Name
		if !op.Own(i) {
			name = a.Service + ":" + a.Name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		return report.YAML(names[0])
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// isLiteral reports whether a name means itself as a pattern. A policy has no escape for a
// wildcard, and none for what it refuses.
func isLiteral(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsRune(name, '?') && !strings.ContainsFunc(name, odd)
}

// odd reports whether a policy refuses a character in a resource, as a wildcard, a glob or a slip.
func odd(c rune) bool {
	return strings.ContainsRune("*{}[]\"'`", c) || unicode.IsControl(c) || unicode.IsSpace(c) && c != ' ' || c == utf8.RuneError
}
