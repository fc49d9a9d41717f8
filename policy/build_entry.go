package policy

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file reads one text of a subject or of an except:. A text that does not parse is refused in
// a whitelist. A blacklist goes by what was meant, where that is clear, and leaves the text out
// otherwise, so that it does not take the function down. A glob is refused then. See decision 8.

// An entry is one text of a subject or of an except:, parsed.
type entry struct {
	pattern pattern.Pattern
	value   string      // the text, expanded
	text    syntax.Text // as it is shown, with its place
}

// A leniency is what becomes of a text that does not parse.
type leniency uint8

const (
	refuse     leniency = iota // in a whitelist: it is an error
	leaveOut                   // in the except: of a blacklist, so that more is forbidden
	mend                       // in a blacklist: what was meant takes its place, or it is left out
	mendOrDrop                 // in the except: of a whitelist: what was meant takes its place, or the rule is left out
)

// mends reports whether what was meant by a text takes its place.
func (l leniency) mends() bool { return l >= mend }

// pattern parses one text of a subject, or of an except:. A text that can match no call is an error
// where one that does not parse is refused, and a warning elsewhere.
//
// The next call overwrites the result. There are no entries for a text that is left out, and for
// one with an error. known is false if a variable has no value, or if there is an error.
func (c *compiler) pattern(k *rule.KindRow, t syntax.Text, m pattern.Mode, lenient leniency) (found []entry, known bool) {
	value, ok := c.text(t)
	if !ok {
		return nil, false
	}
	// left is for an entry that matches nothing. It is left out where that is allowed.
	left := func(p *report.Problem) ([]entry, bool) {
		leftOut := c.deadEntry(t.Place, lenient != refuse, p)
		return nil, lenient != refuse || leftOut
	}
	// From the certain to the guessed.
	wrong := misread(k, t.Value, value)
	if wrong == nil {
		// A blacklist takes what was meant: it must hold, even with a blank at its end.
		meant, slip := pattern.Slip(value)
		if slip != nil {
			lines := meantLines(k, value, m)
			switch {
			case meant == "" && lines != nil && lenient.mends():
				c.Warn(t.Place, slip.What+countsAsMeant, slip.Fix)
				return entriesOf(k, t, lines, m), true
			case meant == "" && lenient == mendOrDrop:
				return c.malformed(k, t, value, m, slip, lenient)
			case meant == "" || !lenient.mends():
				return left(slip)
			}
			c.Warn(t.Place, slip.What, slip.Fix)
			value = meant
		}
		// Only now does the text have the form that the author meant.
		if wrong := k.Kind.Elsewhere(value, m); wrong != nil {
			// A range in a notation of other tools, under the key that it belongs to.
			if ranges := ofRanges(k.Kind, value); lenient.mends() && ranges != nil {
				c.Warn(t.Place, wrong.What+countsAsMeant, wrong.Fix)
				return entriesOf(k, t, ranges, m), true
			}
			return left(wrong)
		}
		// The last release accepted the globs of a shell, so that a central file may have them.
		shell := globs(k.Kind, value)
		if shell != nil && lenient == refuse {
			if texts := meantSubjects(k, value, m); texts != nil {
				shell.Fix = proposeTexts(texts)
			}
			return left(shell)
		}
		if wrong = shell; wrong == nil {
			var p pattern.Pattern
			if p, wrong = parseText(k, value, m); wrong == nil {
				c.one[0] = entry{p, value, t}
				return c.one[:], true
			}
		}
	}
	return c.malformed(k, t, value, m, wrong, lenient)
}

// parseText parses a text that is in one piece.
func parseText(k *rule.KindRow, value string, m pattern.Mode) (pattern.Pattern, *report.Problem) {
	p, err := k.Parse(value, m)
	switch {
	// "Any" is parsed as the host any.
	case err == nil && p.String() == "any":
		return nil, report.OfKey("", value, " is not any, but a host of that name", "write any, in lower case, for everything")
	case err == nil:
		return p, nil
	}
	return nil, problemOf(err)
}

// problemOf returns the problem that a parser's error is.
func problemOf(err error) (p *report.Problem) {
	if !errors.As(err, &p) {
		p = &report.Problem{What: err.Error()}
	}
	return p
}

// malformed reports a text that does not parse. Where it is only a warning, the entries are those
// that were meant.
func (c *compiler) malformed(k *rule.KindRow, t syntax.Text, value string, m pattern.Mode, wrong *report.Problem, lenient leniency) (found []entry, known bool) {
	// The parser's fix is replaced by one that has been tried, where there is one.
	texts := meantSubjects(k, value, m)
	if texts != nil {
		wrong.Fix = proposeTexts(texts)
	} else if fix := shapeFix(value); fix != "" {
		wrong.Fix = fix
	}
	if lenient == refuse {
		c.Fail(t.Place, wrong.What, wrong.Fix)
		return nil, false
	}
	if lenient.mends() {
		// A guess does not forbid everything.
		if found = entriesOf(k, t, texts, m); found != nil && !slices.ContainsFunc(found, entry.everything) {
			c.Warn(t.Place, wrong.What+countsAsMeant, wrong.Fix)
			return found, true
		}
	}
	// A glob may stand for much, and only its author knows for what: no list goes without it. In
	// the except: of a blacklist, "a.com?x" is none.
	if isGlob(value) && (texts == nil || lenient != leaveOut) {
		c.Fail(t.Place, wrong.What, wrong.Fix)
		return nil, false
	}
	// What the author excludes is not known, so that nothing is allowed.
	if lenient == mendOrDrop {
		c.dropped = true
		c.Warn(t.Place, wrong.What+": the rule is left out, because it would allow more without it", wrong.Fix)
		return nil, true
	}
	c.Warn(t.Place, wrong.What+": the entry is left out", wrong.Fix)
	return nil, true
}

// isGlob reports a wildcard in a host, an address or an operation, that is in front of any path.
func isGlob(value string) bool {
	if _, rest, ok := strings.Cut(value, "://"); ok {
		value = rest
	}
	value, _, _ = strings.Cut(value, "/")
	return strings.ContainsAny(value, "*?")
}

// countsAsMeant ends the problem with an entry that is read as what was meant.
const countsAsMeant = ": the entry counts as what it probably means"

// entriesOf parses texts that stand for one of the file. It returns nil for no texts.
func entriesOf(k *rule.KindRow, t syntax.Text, texts []string, m pattern.Mode) (found []entry) {
	for _, s := range texts {
		// They have been parsed when they were proposed.
		if p, err := k.Parse(s, m); err == nil {
			found = append(found, entry{p, s, syntax.Text{Value: s, Place: t.Place}})
		}
	}
	return found
}

// everything reports whether an entry is for every host, address or operation.
func (e entry) everything() bool {
	switch p := e.pattern.(type) {
	case *pattern.HTTP:
		return p.Host == "*" && p.Port == pattern.AnyPort
	case *pattern.Net:
		return (p.Host == "*" || p.Prefix.IsValid() && p.Prefix.Bits() == 0) && p.Port == pattern.AnyPort
	case *pattern.IP:
		return slices.ContainsFunc(p.Ranges, func(r netip.Prefix) bool { return r.Bits() == 0 })
	case *pattern.AWS:
		return p.Service == "*"
	}
	return true
}
