// Package mask takes out of URLs, resource names and texts what may be a secret: user info, query,
// fragment, and pieces that look like tokens. [URL], [Resource] and [Text] are used wherever a call
// is shown: in alerts, errors and log lines.
//
// Whether a piece looks like a token is a guess that leans to masking; see [Token]. Masking twice
// changes nothing. All functions take time that is linear in the length of their input.
package mask

import (
	"slices"
	"strconv"
	"strings"
)

// Masked stands where something was taken out.
const Masked = "[masked]"

// URL drops user, query and fragment of a URL and masks pieces of its path. Anything else is
// treated as a path.
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

// Host masks the labels of a host that carry data rather than a name: long ones that look like
// tokens.
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

// maxName is the length up to which cloud providers make names for the labels of hosts.
const maxName = 32

// Resource masks the pieces of an ARN, a bucket with its key, or a name. UUIDs stay, because AWS
// names keys and volumes by them. Of an e-mail address only the domain stays.
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

// cutARN cuts an ARN after its account. arn is "" if s is not an ARN.
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

// Snippet masks the words of a policy entry. It writes * for a piece that is taken out, so that the
// entry stays valid.
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

// dropCredentials takes "user:password@" off a word that has no scheme. E-mail addresses are left
// to [pieces].
func dropCredentials(w string) string {
	at := strings.LastIndexByte(w, '@')
	if at >= 0 && strings.Contains(w[:at], ":") {
		return w[at+1:]
	}
	return w
}

// path masks the pieces of a URL's path. For some hosts the whole path is a secret: whoever knows
// it may post there.
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

// plainWord reports a short word of letters and digits. In other segments an escaped slash may hide
// the rest of the path.
func plainWord(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) {
			return false
		}
	}
	return len(s) <= 16
}

// secretPath reports whether the path of a host is a secret, and how many of its first segments are
// not.
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
	case host == "hooks.slack.com", host == "hooks.slack-gov.com", host == "hooks.zapier.com",
		host == "maker.ifttt.com", host == "events.pagerduty.com", strings.HasSuffix(host, ".webhook.office.com"),
		strings.HasSuffix(host, ".logic.azure.com"):
		return 1, true
	case host == "api.telegram.org", host == "ntfy.sh", strings.HasPrefix(host, "hook.") && strings.HasSuffix(host, ".make.com"):
		return 0, true
	case under(host, "discord.com"), under(host, "discordapp.com"), host == "chat.googleapis.com":
		return 2, true
	}
	return 0, false
}

// under reports whether host is domain or a name below it.
func under(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || rest[len(rest)-1] == '.')
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

// replace returns what stands for a masked segment. The domain of an e-mail address is kept if it
// looks like one.
func replace(part, with string, resource bool) string {
	if local, domain, ok := strings.Cut(part, "@"); ok && local != "" && with == Masked && strings.Contains(domain, ".") && !segment(domain, resource) {
		if strings.HasSuffix(local, Masked) {
			return part
		}
		return with + "@" + domain
	}
	return with
}

const (
	maxSegment = 1024 // no key of a bucket, and no name, is longer
	maxLevels  = 3    // what is escaped more often hides something
)

// segment reports whether one segment has to be masked, as it stands or unescaped, whole or by one
// of its parameters.
func segment(s string, resource bool) bool {
	if len(s) > maxSegment {
		return true
	}
	for level := 0; s != Masked; level++ {
		if secret(s, resource) {
			return true
		}
		unescaped, ok := unescape(s)
		if !ok {
			return false
		}
		if level == maxLevels {
			return true
		}
		s = unescaped
	}
	return false
}

// secret reports whether a segment looks like a secret as it stands.
func secret(s string, resource bool) bool {
	if i := strings.IndexByte(s, '@'); i > 0 && !strings.HasSuffix(s[:i], Masked) {
		return true
	}
	if namedSecret(s) {
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

// unescape decodes each valid percent-escape once. ok is false if there is none.
func unescape(s string) (unescaped string, ok bool) {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s, false
	}
	b := make([]byte, 0, len(s))
	for ; len(s) > 0; i = strings.IndexByte(s, '%') {
		if i < 0 {
			b = append(b, s...)
			break
		}
		b = append(b, s[:i]...)
		s = s[i:]
		if len(s) > 2 && isHex(s[1]) && isHex(s[2]) {
			v, _ := strconv.ParseUint(s[1:3], 16, 8)
			b = append(b, byte(v))
			s = s[3:]
			ok = true
		} else {
			b = append(b, '%')
			s = s[1:]
		}
	}
	return string(b), ok
}

// withoutIDs takes the parts out of a resource's name that AWS generates: UUIDs, and the 12 or 13
// characters at the end of a name that CloudFormation makes.
func withoutIDs(s string) string {
	for from := 0; ; {
		i := findUUID(s, from)
		if i < 0 {
			break
		}
		s = s[:i] + s[i+uuidLength:]
		from = i
	}
	if i := strings.LastIndexByte(s, '-'); i > 0 && isStackSuffix(s[i+1:]) {
		s = s[:i]
	}
	return s
}

// isStackSuffix reports the 12 or 13 letters and digits with which CloudFormation ends a name.
func isStackSuffix(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) {
			return false
		}
	}
	return len(s) == 12 || len(s) == 13
}

// secretNames are names of parameters whose values are secrets, however short.
var secretNames = []string{
	"pass", "password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "apikey", "api-key", "api_key",
	"accesskey", "access-key", "access_key", "sessionid", "session-id", "session_id", "signature", "sig", "auth",
}

// namedSecret reports a value whose name says that it is a secret: ;jsessionid=…, password=…
func namedSecret(s string) bool {
	for end := 0; ; end++ {
		i := strings.IndexByte(s[end:], '=')
		if i < 0 {
			return false
		}
		end += i
		if end+1 == len(s) || strings.IndexByte(";&,=", s[end+1]) >= 0 {
			continue
		}
		for _, name := range secretNames {
			if end >= len(name) && strings.EqualFold(s[end-len(name):end], name) {
				return true
			}
		}
	}
}
