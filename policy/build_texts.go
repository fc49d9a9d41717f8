package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file expands the lists of a rule beside its subject, and checks their words.

// access expands and checks the words of access:.
func (b *ruleBuilder) access() (words []string) {
	for _, t := range b.draft.Access {
		word := b.word(t, "access:", syntax.AccessWords())
		b.whole = b.whole && word != ""
		words = append(words, word)
	}
	return words
}

// methods expands methods:, and reports what cannot be a method. A blacklist reads what was meant
// by such a text, and leaves it out if that is not clear.
func (b *ruleBuilder) methods() (methods []string) {
	wide := b.draft.Mode == pattern.Wide
	texts := b.texts(b.draft.Methods)
	if !slices.ContainsFunc(texts, func(m string) bool { return !slices.Contains(usualMethods, m) }) {
		return texts
	}
	all := false // a text stands for every method
	for i, m := range texts {
		// up is for the comparison with words. Methods themselves have cases.
		at := b.draft.Methods[i].Place
		up := strings.ToUpper(m)
		wrong := report.OfKey("methods", m, " is not an HTTP method", "")
		// From words that mean something else, through lists in one text, to slips.
		switch meant, fix := meantMethods(up); {
		case fix != "":
			wrong.Fix = fix
			b.deadEntry(at, wide, wrong)
			if wide { // the whitelist of a central file does not allow more than it says
				all = all || fix == everyMethod
				methods = append(methods, meant...)
			}
			continue
		case m == "*" || up == "ANY":
			wrong.Fix = everyMethod
			b.wrongMethod(at, wrong)
			all = true
			continue
		// "GET|POST" is a valid token in HTTP, so that the entry is not an error by itself.
		case len(methodsIn(m)) > 1:
			wrong.Fix = "write " + listOf(methodsIn(m))
			if strings.ContainsFunc(m, notInToken) {
				b.wrongMethod(at, wrong)
			} else {
				b.deadEntry(at, wide, wrong)
			}
			if wide {
				methods = append(methods, methodsIn(m)...)
			}
			continue
		case strings.ContainsFunc(m, notInToken):
			wrong.Fix = "write it as it is sent: GET"
			if one := methodsIn(m); len(one) == 1 { // "[GET]"
				wrong.Fix = "write " + one[0]
				methods = append(methods, one...)
			}
			b.wrongMethod(at, wrong)
			continue
		// "get" never matches in a whitelist. A blacklist ignores case.
		case !wide && up != m && slices.Contains(usualMethods, up):
			b.Warn(at, fmt.Sprintf("methods are compared exactly, and %q is not %s", m, up), "write "+up)
		// An unknown method is legal. Only a slip of a usual one is reported.
		case !slices.Contains(knownMethods, up):
			if near := report.Nearest(up, usualMethods); near != "" {
				b.Warn(at, fmt.Sprintf("%q is not a usual HTTP method", report.Short(m)), fmt.Sprintf("did you mean %q?", near))
			}
		}
		methods = append(methods, m)
	}
	if all {
		return nil
	}
	b.nothingLeft = b.nothingLeft || methods == nil && len(b.draft.Methods) > 0
	return methods
}

// wrongMethod reports what cannot be a method in either list.
func (b *ruleBuilder) wrongMethod(at report.Place, p *report.Problem) {
	if b.draft.Mode == pattern.Wide {
		b.Warn(at, p.What, p.Fix)
		return
	}
	b.Fail(at, p.What, p.Fix)
}

// everyMethod is the fix for a word that stands for any method.
const everyMethod = "leave methods: out for any"

// usualMethods are those that slips are compared with, and most requests have.
var usualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// knownMethods are those of RFC 9110, WebDAV and others that are near a usual one.
var knownMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL",
	"COPY", "MOVE", "LOCK", "UNLOCK", "LINK", "UNLINK", "PURGE", "REPORT", "SEARCH", "LIST", "QUERY", "PRI", "ACL"}

// meantMethods returns the methods that people have a word for, and says what to write for it; fix
// is "" for other words.
func meantMethods(word string) (methods []string, fix string) {
	switch word {
	case "ALL", "EVERY", "HTTP", "HTTPS", "REST":
		return nil, everyMethod
	case "NONE", "NO":
		return nil, "delete the rule, which matches no call"
	case "READ", "READS", "READONLY", "READ-ONLY", "FETCH", "DOWNLOAD":
		methods = []string{"GET", "HEAD"}
	case "WRITE", "WRITES", "MODIFY", "CHANGE":
		methods = []string{"POST", "PUT", "PATCH", "DELETE"}
	case "DEL", "REMOVE", "ERASE":
		return []string{"DELETE"}, "write DELETE"
	case "SEND", "CREATE", "INSERT", "SUBMIT":
		return []string{"POST"}, "write POST"
	case "UPLOAD":
		methods = []string{"POST", "PUT"}
	case "EDIT":
		methods = []string{"PUT", "PATCH"}
	default:
		return nil, ""
	}
	return methods, "write " + listOf(methods)
}

// listOf writes a flow sequence.
func listOf(words []string) string { return "[" + strings.Join(words, ", ") + "]" }

// methodsIn returns the words of a text that are usual methods; nil if others are among them.
func methodsIn(text string) []string {
	words := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return strings.ContainsRune(" ,;|/[]", r) })
	for _, w := range words {
		if !slices.Contains(knownMethods, w) {
			return nil
		}
	}
	return words
}

// notInToken reports whether a character cannot be part of an RFC 9110 token. The * could, but is
// taken for a wildcard. A character above 0x7e is not in a token either.
func notInToken(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}*`, c)
}

// texts expands a list of texts that are matched. What nobody types on purpose is reported.
func (b *ruleBuilder) texts(list []syntax.Text) []string {
	if list == nil {
		return nil
	}
	out := make([]string, 0, len(list))
	for _, t := range list {
		s, ok := b.text(t)
		b.whole = b.whole && ok
		if ok {
			// Blanks or quotes at the ends.
			if meant, p := pattern.Slip(s); p != nil {
				if b.deadEntry(t.Place, b.draft.Mode == pattern.Wide, p) {
					continue
				}
				if meant != "" {
					s = meant // a blacklist reads what was meant
				}
			}
		}
		out = append(out, s)
	}
	b.nothingLeft = b.nothingLeft || len(out) == 0 && len(list) > 0
	return out
}

// meantPlaces returns regions or accounts of a blacklist as they were meant: nil for a word that
// stands for all, and each of several in one text. reportDead has reported these texts.
func meantPlaces(list []string) []string {
	odd := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') })
	}
	if !slices.ContainsFunc(list, odd) && !slices.ContainsFunc(list, everyWord) {
		return list
	}
	var meant []string
	for _, text := range list {
		if everyWord(text) {
			return nil
		}
		// "EU_WEST_1" and "Self"
		for _, one := range separate(text) {
			meant = append(meant, strings.ReplaceAll(strings.ToLower(one), "_", "-"))
		}
	}
	return meant
}

// everyWord reports whether a text of a list beside the subject is a word for everything.
func everyWord(text string) bool {
	return text == "*" || strings.EqualFold(text, "any") || strings.EqualFold(text, "all")
}

// separate returns the texts that stand in one.
func separate(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;| \n\r", r) })
}

// without returns a list without the entries of some indexes.
func without[T any](list []T, indexes []int) []T {
	if indexes == nil {
		return list
	}
	kept := make([]T, 0, len(list))
	for i, v := range list {
		if !slices.Contains(indexes, i) {
			kept = append(kept, v)
		}
	}
	return kept
}
