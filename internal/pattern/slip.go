package pattern

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/outguard/outguard/internal/report"
)

// Slip finds what nobody types on purpose in a text that is matched: blanks, line feeds or quotes
// at its ends, characters that show nothing, several texts in one, and the globs of a shell. p is
// nil if there is nothing of the kind. meant is the text without what is wrong at its ends; it is
// "" if nothing is left, or if something is wrong in the middle.
func Slip(text string) (meant string, p *report.Problem) {
	// Most texts are clean, and this costs one pass.
	if clean(text) {
		return text, nil
	}
	// From the outside to the inside: blanks, the comma of a list, quotes, blanks again.
	meant = strings.TrimFunc(text, isSlip)
	if ended := strings.TrimRight(meant, ",;"); strings.IndexFunc(meant, isQuote) == 0 && strings.TrimRightFunc(ended, isQuote) != ended {
		meant = ended // an entry of a list in JSON
	}
	if bare := strings.TrimFunc(meant, isQuote); bare != meant {
		meant = strings.TrimFunc(bare, isSlip)
		// A quote is left in the middle: it belonged to a pair whose other half is gone.
		if strings.ContainsAny(meant, "\"“”") && len([]rune(meant)) == len([]rune(text))-1 { // table/"orders"
			meant = strings.Map(func(r rune) rune {
				if strings.ContainsRune("\"“”", r) {
					return -1
				}
				return r
			}, meant)
		}
	}
	// A block text, or a text with its line break.
	if lines := strings.FieldsFunc(meant, func(r rune) bool { return r == '\n' || r == '\r' || r == '\v' || r == '\f' }); len(lines) > 1 {
		for i := range lines {
			lines[i] = strings.TrimFunc(lines[i], isSlip)
		}
		return "", report.OfKey("", text, " can never match: it holds several lines", writeList(lines))
	}
	// Zero-width characters and the like may come with pasted text.
	if i := strings.IndexFunc(meant, isOdd); i >= 0 {
		c := []rune(meant[i:])[0]
		p = &report.Problem{
			What: fmt.Sprintf("%q can never match: it holds the character %U", report.Short(text), c), Fix: "delete it, or type the text again",
		}
		// What shows nothing was not meant. A blank of another width may stand for one.
		seen := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
				return -1
			}
			return r
		}, meant)
		if strings.ContainsFunc(seen, isOdd) || seen == "" {
			return "", p
		}
		p.Fix = "write " + quoteText(seen)
		return seen, p
	}
	if meant == "" {
		return "", report.OfKey("", text, " holds nothing to match", "delete the entry")
	}
	if meant == text {
		return text, nil
	}
	// The problem names what was taken off.
	what := "blanks or line feeds"
	if trimmed := strings.TrimFunc(text, isSlip); strings.TrimFunc(trimmed, isQuote) != trimmed {
		what = "quotes"
	}
	return meant, report.OfKey("", text, " can never match: it begins or ends with "+what, "write "+quoteText(meant))
}

// clean reports whether a text holds nothing but the characters that most texts are made of.
func clean(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '\'' || c == '"' || c == '`' {
			return false
		}
	}
	return text != ""
}

// isSlip reports whether a character at the end of a text was not meant.
func isSlip(r rune) bool { return unicode.IsSpace(r) || isOdd(r) }

// isOdd reports whether a character shows nothing, and is not a plain blank.
func isOdd(r rune) bool {
	// Blanks of other widths, controls and format characters.
	return r != ' ' && (unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r)) ||
		r == unicode.ReplacementChar
}

// isQuote reports whether a character is a quote, as typed or as a word processor makes it.
func isQuote(r rune) bool {
	return strings.ContainsRune("\"'`´“”„‟‘’‚‛«»‹›「」『』＂＇", r)
}

// Globs finds the globs of a shell, which mean nothing here: {a,b}, [ab] and (a|b). p says how to
// write it: the texts that it stands for, or with a wildcard in its place. p is nil if there are
// none. any is the wildcard that takes the place of an unknown part.
func Globs(text, any string) (p *report.Problem) {
	special := "{}[]"
	// Parentheses are alternatives only with a | in them.
	if strings.Contains(text, "|") {
		special += "()"
	}
	i := strings.IndexAny(text, special)
	if i < 0 {
		return nil
	}
	p = &report.Problem{What: fmt.Sprintf("%q can never match: %c has no meaning here", report.Short(text), text[i])}
	if all := proposedFor(text, any); len(all) > 0 {
		p.Fix = writeList(all)
	} else {
		p.Fix = "write each text that is meant as an entry of its own; * is the wildcard"
	}
	return p
}

// Alternatives returns the texts that the globs of a shell stand for, with a * in the place of what
// they leave open. It is nil if there are too many, or none.
func Alternatives(text string) []string { return proposedFor(text, "*") }

// proposedFor returns the texts that stand for one with the globs of a shell.
func proposedFor(text, any string) (all []string) {
	// Proposals for long texts would take too much time.
	if len(text) > maxProposed {
		return nil
	}
	if all = listInText(text); all == nil {
		all = alternatives(text, any)
	}
	// "{name}" alone would stand for everything.
	if len(all) == 1 && all[0] == any {
		return nil
	}
	return all
}

// listInText returns the entries of a list in brackets that is one text: "[a, b]". It is nil for
// any other text.
func listInText(text string) (list []string) {
	inside, ok := strings.CutPrefix(text, "[")
	inside, closed := strings.CutSuffix(inside, "]")
	if !ok || !closed || strings.ContainsAny(inside, "[]{}") || !strings.ContainsAny(inside, `,"'`) {
		return nil
	}
	for s := range strings.SplitSeq(inside, ",") {
		if s = strings.TrimFunc(strings.TrimSpace(s), isQuote); s == "" {
			return nil
		}
		list = append(list, s)
	}
	if len(list) > maxAlternatives {
		return nil
	}
	return list
}

// maxProposed is the longest text, in bytes, that proposals are made of: they are for people, and
// making them takes time that grows with the square of the length.
const maxProposed = 1 << 10

// maxAlternatives is how many texts a proposal lists.
const maxAlternatives = 12

// alternatives returns the texts that a shell would make of braces and brackets. A part in braces
// without a comma, as in the templates of paths, becomes the wildcard. It returns nil for what is
// not closed, or stands for too many texts.
func alternatives(text, any string) []string {
	// Without brackets, the text stands for itself. A closing one alone is a fault.
	i := strings.IndexAny(text, "{[(")
	if i < 0 {
		if strings.ContainsAny(text, "}])") {
			return nil
		}
		return []string{text}
	}
	// The first bracket of the kind ends it. Nested ones are refused below.
	closing := map[byte]byte{'{': '}', '[': ']', '(': ')'}[text[i]]
	end := strings.IndexByte(text[i:], closing)
	if end < 0 {
		return nil
	}
	inside, after := text[i+1:i+end], text[i+end+1:]
	if text[i] == '[' && strings.Contains(inside, "-") {
		after = strings.TrimLeft(after, "+") // of a regular expression
	}
	parts := []string{any}
	// {a,b} and (a|b) are written out; [ab] too, and other classes become a wildcard.
	switch {
	case inside == "" || strings.ContainsAny(inside, "{[()]}"):
		return nil
	case text[i] == '{' && strings.Contains(inside, ","):
		parts = strings.Split(inside, ",")
	case text[i] == '(':
		parts = strings.Split(inside, "|")
	case text[i] == '[' && !strings.ContainsAny(inside, "!^-:") && len(inside) <= maxAlternatives:
		parts = strings.Split(inside, "")
	}
	// Each part with each text that the rest stands for.
	var out []string
	for _, part := range parts {
		rest := alternatives(after, any)
		if rest == nil || len(out)+len(rest) > maxAlternatives {
			return nil
		}
		for _, r := range rest {
			out = append(out, text[:i]+strings.TrimSpace(part)+r)
		}
	}
	return out
}

// writeList is the fix that proposes one or several texts.
func writeList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quoteText(s)
	}
	if len(quoted) == 1 {
		return "write " + quoted[0]
	}
	return "write [" + strings.Join(quoted, ", ") + "]"
}

// quoteText quotes a text so that YAML reads the same text.
func quoteText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
