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

// methods expands methods:, and reports what cannot be a method.
func (b *ruleBuilder) methods() []string {
	methods := b.texts(b.draft.Methods)
	for i, m := range methods {
		// up is for the comparison with words. Methods themselves have cases.
		at := b.draft.Methods[i].Place
		up := strings.ToUpper(m)
		// From words that mean something else, through lists in one text, to slips.
		switch {
		case meantMethods(up) != "":
			b.deadEntry(at, b.draft.Mode == pattern.Wide, &report.Problem{
				What: fmt.Sprintf("methods: %q is not an HTTP method", m), Fix: meantMethods(up),
			})
		case m == "*" || m == "any" || m == "ANY":
			b.Fail(at, fmt.Sprintf("methods: %q is not an HTTP method", m), "leave methods: out for any")
		case strings.ContainsFunc(m, notInToken) && len(methodsIn(m)) > 1:
			b.Fail(at, fmt.Sprintf("methods: %q is not an HTTP method", report.Short(m)), "write "+listOf(methodsIn(m)))
		// "GET|POST" is a valid token in HTTP, so that the entry is not an error by itself.
		case strings.Contains(m, "|") && len(methodsIn(m)) > 1:
			b.deadEntry(at, b.draft.Mode == pattern.Wide, &report.Problem{
				What: fmt.Sprintf("methods: %q is not an HTTP method", report.Short(m)), Fix: "write " + listOf(methodsIn(m)),
			})
			if b.draft.Mode == pattern.Wide { // a blacklist reads what was meant
				methods = append(methods, methodsIn(m)...)
			}
		case strings.ContainsFunc(m, notInToken):
			b.Fail(at, fmt.Sprintf("methods: %q is not an HTTP method", report.Short(m)), "write it as it is sent: GET")
		// "get" never matches in a whitelist. A blacklist ignores case.
		case b.draft.Mode == pattern.Narrow && up != m && slices.Contains(usualMethods, up):
			b.Warn(at, fmt.Sprintf("methods are compared exactly, and %q is not %s", m, up), "write "+up)
		// An unknown method is legal. Only a slip of a usual one is reported.
		case !slices.Contains(knownMethods, up):
			if near := report.Nearest(up, usualMethods); near != "" {
				b.Warn(at, fmt.Sprintf("%q is not a usual HTTP method", report.Short(m)), fmt.Sprintf("did you mean %q?", near))
			}
		}
	}
	return methods
}

// usualMethods are those that slips are compared with.
var usualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// knownMethods are those of RFC 9110, WebDAV and others that are near a usual one.
var knownMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL",
	"COPY", "MOVE", "LOCK", "UNLOCK", "LINK", "UNLINK", "PURGE", "REPORT", "SEARCH", "LIST", "QUERY", "PRI", "ACL"}

// meantMethods says what to write for a word that people take for methods; "" for other words.
func meantMethods(word string) string {
	switch word {
	case "ALL", "EVERY", "HTTP", "HTTPS", "REST":
		return "leave methods: out for any"
	case "READ", "READS", "READONLY", "READ-ONLY", "FETCH", "DOWNLOAD":
		return "write [GET, HEAD]"
	case "WRITE", "WRITES", "MODIFY", "CHANGE":
		return "write [POST, PUT, PATCH, DELETE]"
	case "DEL", "REMOVE", "ERASE":
		return "write DELETE"
	case "SEND", "CREATE", "INSERT", "SUBMIT":
		return "write POST"
	case "UPLOAD":
		return "write [POST, PUT]"
	case "EDIT":
		return "write [PUT, PATCH]"
	case "NONE", "NO":
		return "delete the rule, which matches no call"
	}
	return ""
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
