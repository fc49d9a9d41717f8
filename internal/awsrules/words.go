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
)

// blackReason says why the blacklist catches the call.
func (w *Reading) BlackReason(f *Finding) string {
	return cmp.Or(f.Black.origin.Reason, say(w.Op, f.caught)+" is blacklisted")
}

// missReason says what no whitelist rule allows.
func (w *Reading) MissReason(f *Finding) string {
	reason := "no whitelist rule allows " + say(w.Op, f.missed)
	if w.Op.leftOut {
		reason += "; the tables of this version do not know the operation, so that no rule with access: is for it"
	}
	if w.Foreign() {
		reason += ", with a key of account " + w.At.Account
	}
	return reason
}

// missEntry is the YAML of an entry that would allow it.
func (w *Reading) MissEntry(f *Finding) string { return allow(w.Op, f.missed, w.At, w.own) }

// ForeignEntry is the YAML of an entry that would allow a call that is signed with another account's key.
func (w *Reading) ForeignEntry(f *Finding) string {
	t := f.missed
	if t == nil {
		t = &w.touches.List[0]
	}
	return allow(w.Op, t, w.At, w.own)
}

// foreignReason says whose key signs the call.
func (w *Reading) ForeignReason() string {
	return w.Op.Service + ":" + w.Op.Name + " is signed with a key of account " + w.At.Account + ", not of " + w.own.Account
}

// say describes what is done to a touch: "sqs:ReceiveMessage (read) on arn:aws:sqs:eu-west-1:111122223333:orders".
func say(op *operation, t *awscall.Touch) string {
	if op.Name == "" {
		return "an unidentified " + op.Service + " operation" + on(t)
	}
	guessed := ""
	if op.Guessed {
		guessed = ", guessed"
	}
	if t.State == awscall.Unknown && awsops.GoesByID(op.Service, op.Name) {
		return op.Service + ":" + op.Name + " (" + op.Access + guessed + "), which goes by an id that does not show what it touches"
	}
	return op.Service + ":" + op.Name + " (" + op.Access + guessed + ")" + on(t)
}

func on(t *awscall.Touch) string {
	switch {
	case t.State == awscall.Unknown:
		return " on an unknown resource"
	case t.State == awscall.Nothing:
		return ""
	case t.Owner != "" && t.Owner != t.Account:
		return " on " + t.ARN() + " of account " + t.Owner
	}
	return " on " + t.ARN()
}

// allow is the YAML entry that would allow what is done to a touch.
func allow(op *operation, t *awscall.Touch, at, own *awscall.Where) string {
	entry := "- aws: " + allowed(op, t)
	if t.State != awscall.Known {
		return entry + accountsLine(t, at, own)
	}
	if t.Alias != nil && bytes.IndexByte(t.Resource, awscall.Any) >= 0 { // a definition, of a revision that is not known
		definition := *t
		definition.Resource = t.Alias
		t = &definition
	}
	text := literal(string(t.Resource))
	short := (t.Account == "" || t.Account == own.Account) && (t.Owner == "" || t.Owner == own.Account) && (t.Region == "" || t.Region == own.Region) &&
		t.Partition == own.Partition && t.Service == op.Service
	if short {
		_, certain := pattern.WrongResource([]pattern.AWS{{Service: op.Service}}, text, pattern.Narrow)
		short = !certain
	}
	if !short {
		text = literal("arn:"+t.Partition+":"+t.Service+":"+t.Region+":"+t.Account+":") + text
	}
	if t.Open {
		text += "*"
	}
	return entry + "\n  resources: " + yamlText(text) + accountsLine(t, at, own)
}

// accountsLine is the accounts: of that entry; "" if the call shows the own account alone.
func accountsLine(t *awscall.Touch, at, own *awscall.Where) string {
	var others []string
	self := t.Account == own.Account || t.Owner == own.Account
	for _, account := range [...]string{t.Account, t.Owner, at.Account} {
		switch {
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
func allowed(op *operation, t *awscall.Touch) string {
	if op.Name == "" {
		return yamlText(op.Service + ":*")
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
		return yamlText(names[0])
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// literal writes a name so that as a pattern it means itself. There is no escape for a *, and for what
// a policy refuses: a ? for each byte is narrow.
func literal(name string) string {
	if utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return r == '$' || odd(r) }) {
		return name
	}
	var b strings.Builder
	for len(name) > 0 {
		c, size := utf8.DecodeRuneInString(name)
		switch {
		case odd(c):
			b.WriteString(strings.Repeat("?", size))
		default:
			b.WriteRune(c)
		}
		name = name[size:]
	}
	return b.String()
}

// odd reports whether a policy refuses a character in a resource, as a wildcard, a glob or a slip.
func odd(c rune) bool {
	return strings.ContainsRune("*{}[]\"'`", c) || unicode.IsControl(c) || unicode.IsSpace(c) && c != ' ' || c == utf8.RuneError
}

// yamlText quotes a text from outside, such as an object's key, that YAML would read as something else, or as more entries.
func yamlText(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/:*._-+=@$", r)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) || strings.HasSuffix(s, ":") || strings.ContainsAny(s[:min(len(s), 1)], "*@-") {
		return strconv.Quote(s)
	}
	return s
}
