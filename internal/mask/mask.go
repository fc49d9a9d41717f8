// Package mask takes out of URLs, resource names and texts what may be a secret: user info, query, fragment, and pieces that
// look like tokens. It is used wherever a call is shown: in alerts, errors and log lines.
//
// Whether a piece looks like a token is a guess that leans to masking; see [Token]. Masking twice changes nothing.
package mask

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Masked stands where something was taken out.
const Masked = "[masked]"

// URL drops user, query and fragment of a URL and masks pieces of its path. What is not a URL is treated as a path.
func URL(s string) string {
	s = dropTail(s)
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return path("", s, Masked)
	}
	host, p := rest, ""
	if i := strings.IndexAny(rest, `/\`); i >= 0 {
		host, p = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	return scheme + Host(host) + path(host, p, Masked)
}

// dropTail cuts s at its query or fragment, also where they are escaped once.
func dropTail(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	for _, esc := range []string{"%3f", "%3F", "%23"} {
		if i := strings.Index(s, esc); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

func cutScheme(s string) (scheme, rest string, ok bool) {
	if strings.HasPrefix(s, "//") {
		return "//", s[2:], true
	}
	i := strings.Index(s, "://")
	if i < 0 || strings.ContainsAny(s[:i], "/@") {
		return "", s, false
	}
	return s[:i+3], s[i+3:], true
}

// Host masks the labels of a host that carry data rather than a name: long ones that look like tokens.
func Host(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if len(s) < maxName {
		return s
	}
	labels := strings.Split(s, ".")
	for i, l := range labels {
		if len(l) >= maxName && Token(l) {
			labels[i] = Masked
		}
	}
	return strings.Join(labels, ".")
}

// maxName is the length from which a host's label is no name that a cloud provider makes.
const maxName = 32

// Resource masks the pieces of an ARN, a bucket with its key, a name. UUIDs stay, for AWS names keys and volumes by them; of
// e-mail addresses and phone numbers, which topics and pools are named by, only the domain does.
func Resource(s string) string {
	s = dropTail(s)
	arn, rest := cutARN(s)
	fields := strings.Split(arn, ":")
	for i, f := range fields {
		if Token(f) {
			fields[i] = Masked
		}
	}
	return strings.Join(fields, ":") + pieces(rest, Masked, true)
}

// cutARN cuts an ARN after its account. arn is "" if s is none.
func cutARN(s string) (arn, resource string) {
	if strings.HasPrefix(s, "arn:") {
		if i := nth(s, ':', 5); i >= 0 {
			return s[:i+1], s[i+1:]
		}
	}
	return "", s
}

func nth(s string, c byte, n int) int {
	for i := range len(s) {
		if s[i] == c {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

// Text masks the words of a text: URLs as URLs, others by their pieces.
func Text(s string) string { return words(s, Masked) }

// Snippet masks the words of a policy entry. Where a piece is taken out stands *, so that the entry stays one.
func Snippet(s string) string { return words(s, "*") }

func words(s, with string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexFunc(s, isSpace)
		if i < 0 {
			i = len(s)
		}
		b.WriteString(word(s[:i], with))
		s = s[i:]
		i = strings.IndexFunc(s, func(r rune) bool { return !isSpace(r) })
		if i < 0 {
			i = len(s)
		}
		b.WriteString(s[:i])
		s = s[i:]
	}
	return b.String()
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\r\"'`,(){}<>", r) }

func word(w, with string) string {
	scheme, rest, ok := cutScheme(w)
	arn, _ := cutARN(w)
	switch {
	case arn != "":
		return Resource(w)
	case !ok && !strings.HasPrefix(w, "/"):
		return pieces(dropCredentials(w), with, false)
	case !ok:
		return path("", dropTail(w), with)
	}
	rest = dropTail(rest)
	host, p := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, p = rest[:i], rest[i:]
	}
	return scheme + Host(host) + path(host, p, with)
}

// dropCredentials takes "user:password@" off a word that has no scheme; an e-mail address is left to [pieces].
func dropCredentials(w string) string {
	at := strings.LastIndexByte(w, '@')
	if at >= 0 && strings.Contains(w[:at], ":") {
		return w[at+1:]
	}
	return w
}

// path masks the pieces of a URL's path. Some hosts' paths are secrets by their form: whoever knows it may post there.
func path(host, p, with string) string {
	if keep, ok := secretPath(host); ok {
		parts := strings.Split(p, "/")
		for i := range parts {
			if (i > keep || !plainWord(parts[i])) && parts[i] != "" && parts[i] != "*" && parts[i] != "**" {
				parts[i] = with
			}
		}
		return strings.Join(parts, "/")
	}
	return pieces(p, with, false)
}

// plainWord reports a short word of letters and digits: in other segments an escaped slash may hide the rest of the path.
func plainWord(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) {
			return false
		}
	}
	return len(s) <= 16
}

// secretPath returns how many segments of the path of a host are no secret, when the others are.
func secretPath(host string) (keep int, ok bool) {
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	host = strings.TrimSuffix(host, ".")
	switch {
	case host == "hooks.slack.com", host == "hooks.slack-gov.com", host == "hooks.zapier.com", host == "hook.eu1.make.com",
		host == "maker.ifttt.com", host == "events.pagerduty.com", strings.HasSuffix(host, ".webhook.office.com"):
		return 1, true
	case host == "api.telegram.org":
		return 0, true
	case host == "discord.com", host == "discordapp.com":
		return 2, true
	}
	return 0, false
}

// pieces masks the segments of a path that look like tokens.
func pieces(p, with string, resource bool) string {
	if len(p) < minToken && !strings.ContainsAny(p, "@+=") {
		return p
	}
	parts := strings.Split(p, "/")
	masked := make([]bool, len(parts))
	for i, part := range parts {
		masked[i] = segment(part, resource)
	}
	awsSecrets(p, masked)
	spread(parts, masked)
	for i := range parts {
		if masked[i] {
			parts[i] = replace(parts[i], with, resource)
		}
	}
	return strings.Join(parts, "/")
}

// replace returns what stands for a masked segment: of an e-mail address its domain is kept.
func replace(part, with string, resource bool) string {
	if local, domain, ok := strings.Cut(part, "@"); ok && local != "" && with == Masked && !segment(domain, resource) {
		if strings.HasSuffix(local, Masked) {
			return part
		}
		return with + "@" + domain
	}
	return with
}

// segment reports whether one segment has to be masked, as it stands or unescaped, whole or by one of its parameters.
func segment(s string, resource bool) bool {
	if s == Masked {
		return false
	}
	if strings.Contains(s, "%") {
		if u, err := url.PathUnescape(s); err == nil && u != s && segment(u, resource) {
			return true
		}
	}
	if i := strings.IndexByte(s, '@'); i > 0 && !strings.HasSuffix(s[:i], Masked) {
		return true
	}
	if strings.Contains(s, "=") && namedSecret.MatchString(s) {
		return true
	}
	if resource {
		s = withoutIDs(s)
	}
	if Token(s) {
		return true
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(";=,:&|!$() ", r) })
	return len(fields) > 1 && slices.ContainsFunc(fields, Token)
}

// withoutIDs takes the parts out of a resource's name that AWS gives: UUIDs, and the 12 or 13 characters at the end of a name that
// CloudFormation makes.
func withoutIDs(s string) string {
	s = uuid.ReplaceAllString(s, "")
	if i := strings.LastIndexByte(s, '-'); i > 0 && stackSuffix.MatchString(s[i+1:]) {
		s = s[:i]
	}
	return s
}

var (
	// a value that its name says is a secret, however short: ;jsessionid=…, password=…
	namedSecret = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|pwd|secret|token|credential|api[-_]?key|access[-_]?key|session[-_]?id|signature|sig|auth)=[^;&,=]`)
	uuid        = regexp.MustCompile(`\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b`)
	stackSuffix = regexp.MustCompile(`^[0-9A-Za-z]{12,13}$`)
)
