package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file guesses what was meant by a subject that does not parse.

// meantSubjects returns what was probably meant by a subject that does not parse, as texts that do;
// nil if that is not clear.
func meantSubjects(k *rule.KindRow, value string, m pattern.Mode) []string {
	// "GET https://a.com" is for shapeFix, "@@" is what filter lists leave out, and long texts are
	// not worth the time.
	word, _, _ := strings.Cut(value, " ")
	if len(value) > 256 || methodsIn(word) != nil || strings.HasPrefix(value, "@@") {
		return nil
	}
	// What a blacklist forbids in addition does no harm; a whitelist must not open another host.
	wide := m == pattern.Wide
	if texts := firstRight(guessesWider[:], k, value, m); wide && texts != nil {
		return texts
	}
	if texts := firstRight(guesses[:], k, value, m); texts != nil {
		return texts
	}
	// What stands around a subject is taken off, and the rest begins anew. Each time there is less
	// to clean, so that this ends.
	if rest := cleaned(k.Kind, value); rest != "" {
		if subject(k, rest, m) {
			return []string{rest}
		}
		return meantSubjects(k, rest, m)
	}
	if wide {
		return firstRight(guessesWide[:], k, value, m)
	}
	return nil
}

// meantLines returns the subjects of a text that holds one on each line; nil for other texts.
func meantLines(k *rule.KindRow, value string, m pattern.Mode) []string {
	lines := strings.FieldsFunc(value, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		if lines[i] = strings.TrimSpace(line); !subject(k, lines[i], m) {
			return nil
		}
	}
	if len(lines) < 2 || len(lines) > 100 {
		return nil
	}
	return lines
}

// firstRight returns the first guess whose texts would all load, as they are, without another
// doubt; nil if there is none.
func firstRight(guesses []func(rule.Kind, string) []string, k *rule.KindRow, value string, m pattern.Mode) []string {
	for _, guess := range guesses {
		texts := guess(k.Kind, value)
		if texts != nil && !slices.ContainsFunc(texts, func(s string) bool { return !subject(k, s, m) }) {
			return texts
		}
	}
	return nil
}

// subject reports whether a text is a subject of a kind, and of no other, without any doubt.
func subject(k *rule.KindRow, text string, m pattern.Mode) bool {
	p, err := k.Parse(text, m)
	if err != nil || text == "any" || k.Kind.Elsewhere(text, m) != nil || globs(k.Kind, text) != nil || misread(k, text, text) != nil {
		return false
	}
	sure := true
	pattern.Doubts(p, text, m, func(bool, *report.Problem) { sure = false })
	return sure
}

// guesses are ways in which people write subjects in the forms of other tools. A guess is nil for a
// text that is not of its form.
var guesses = [...]func(k rule.Kind, s string) []string{
	ofScheme, portsOf, defanged, ofFilterList, ofHostsFile, ofAddresses, ofBrackets, ofDots, ofStars, visible, ofOperation, listed,
}

// guessesWide are those for a blacklist alone.
var guessesWide = [...]func(k rule.Kind, s string) []string{ofOtherScheme, ofShell, ofService}

// guessesWider come first in a blacklist: the others would find less in these forms.
var guessesWider = [...]func(k rule.Kind, s string) []string{ofSuffix, ofPadded}

// portsOf reads a host with several ports, a port's name, or a blank before the port.
func portsOf(k rule.Kind, s string) (texts []string) {
	if k != rule.Net && k != rule.HTTP {
		return nil
	}
	// A port alone: every host.
	if _, err := strconv.ParseUint(s, 10, 16); err == nil {
		return []string{"*:" + s}
	}
	// "db.example.com,5432"
	for _, sep := range [...]string{",", ";", "/"} {
		host, port, ok := strings.Cut(s, sep)
		if _, err := strconv.ParseUint(port, 10, 16); ok && err == nil && k == rule.Net && strings.Contains(host, ".") && !strings.Contains(host, ":") {
			return []string{host + ":" + port}
		}
	}
	// ":5432"
	if port, ok := strings.CutPrefix(s, ":"); ok && port != "" {
		return []string{"*:" + port}
	}
	// "db.example.com 5432"
	host, ports, ok := strings.Cut(s, " ")
	if ok && strings.Trim(ports, "0123456789") == "" {
		return []string{host + ":" + ports}
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return nil
	}
	// What is behind the last colon: a name, a range, or a list.
	host, ports = s[:i], s[i+1:]
	if named := portNamed(ports); named != "" {
		return []string{host + ":" + named}
	}
	// 8080-8083 is written out. A long range would be a wide rule.
	if first, last, ok := strings.Cut(ports, "-"); ok {
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || to-from > 16 {
			return nil
		}
		for ; from <= to; from++ {
			texts = append(texts, fmt.Sprintf("%s:%d", host, from))
		}
		return texts
	}
	// "db:5432,5433"
	for _, port := range strings.FieldsFunc(ports, func(r rune) bool { return strings.ContainsRune(",; |[]", r) }) {
		texts = append(texts, host+":"+port)
	}
	return texts
}

// portNamed returns the port of a usual name; "" for other texts.
func portNamed(name string) string {
	// A table as a text: it takes less of the binary than a map.
	_, port, _ := strings.Cut(" http:80 https:443 ssh:22 smtp:25 submission:587 dns:53 ldap:389 ldaps:636 postgres:5432 postgresql:5432 "+
		"mysql:3306 redis:6379 mongodb:27017 amqp:5672 amqps:5671 ", " "+name+":")
	port, _, _ = strings.Cut(port, " ")
	return port
}

// ofFilterList reads an entry of a list of an ad blocker, or a regular expression for a domain and
// all below it.
func ofFilterList(k rule.Kind, s string) []string {
	if k != rule.HTTP && k != rule.Net {
		return nil
	}
	// Their domain is meant with all below it: "*.a.com" and "a.com".
	for _, begin := range [...]string{"**.", "||", "|", `(^|\.)`, `(.*\.)?`, `(www\.)?`, `^.*\.`, ".*"} {
		if rest, ok := strings.CutPrefix(s, begin); ok {
			rest = strings.ReplaceAll(strings.TrimLeft(strings.TrimRight(rest, "^|$"), "."), `\.`, ".")
			texts := []string{"*." + rest, rest}
			// A path is meant with all below it, too.
			if begin == "||" && strings.Contains(rest, "/") && !strings.HasSuffix(rest, "/") && !strings.HasSuffix(rest, "*") {
				texts = append(texts, "*."+rest+"/**", rest+"/**")
			}
			return texts
		}
	}
	return nil
}

// ofHostsFile reads a line of a hosts file.
func ofHostsFile(k rule.Kind, s string) []string {
	// "0.0.0.0 ads.example.com"
	address, host, ok := strings.Cut(s, " ")
	if _, err := pattern.ParseIP(address); k == rule.IP || !ok || err != nil {
		return nil
	}
	return []string{strings.TrimSpace(host)}
}

// ofAddresses reads networks in the forms of other tools, and their names.
func ofAddresses(k rule.Kind, s string) []string {
	if k != rule.IP {
		return nil
	}
	// Words for sets of addresses, with those that ip: has for them.
	switch strings.ToLower(s) {
	case "any", "all", "*", "everything", "internet":
		return []string{"0.0.0.0/0", "::/0"}
	case "internal", "rfc1918", "vpc", "intranet", "lan":
		return []string{"private"}
	case "imds", "metadata", "instance-metadata":
		return []string{"169.254.169.254", "fd00:ec2::254"}
	case "local", "self", "lo":
		return []string{"loopback"}
	}
	s = strings.ReplaceAll(s, `\`, "/")
	// "10.0.0.1 to 10.0.0.9" and "10.0.0.1..10.0.0.9"
	if ranges := pattern.Network(strings.NewReplacer(" to ", "-", "..", "-").Replace(s)); ranges != nil {
		return ranges
	}
	// "10.0.0.0 255.0.0.0", the mask in its own column, also inverted as in access lists of
	// routers.
	if address, mask, ok := strings.Cut(s, " "); ok && !strings.Contains(mask, " ") {
		if ranges := pattern.Network(address + "/" + mask); ranges != nil {
			return ranges
		}
		return pattern.Network(address + "/" + inverted(mask))
	}
	// "10.0.0.0/0.255.255.255"
	if address, rest, ok := strings.Cut(s, "/"); ok {
		if inverse := pattern.Network(address + "/" + inverted(rest)); inverse != nil {
			return inverse
		}
		p, err := netip.ParsePrefix(strings.TrimSuffix(s, "/"))
		if err != nil {
			return nil
		}
		return []string{p.Masked().String()}
	}
	// "10.x.x.x" and "10.1." leave parts open.
	whole := strings.TrimSuffix(strings.ReplaceAll(strings.ToLower(s), "x", "*"), ".")
	if whole == s {
		return nil // resolvers read 10.1 as 10.0.0.1
	}
	parts := strings.Split(whole, ".")
	for len(parts) < 4 {
		parts = append(parts, "*")
	}
	return pattern.Network(strings.Join(parts, "."))
}

// inverted returns a mask with each of its bits inverted, as some firewalls write them; "" for what
// is not a mask.
func inverted(mask string) string {
	parts := strings.Split(mask, ".")
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(parts) != 4 {
			return ""
		}
		parts[i] = strconv.Itoa(255 - int(n))
	}
	return strings.Join(parts, ".")
}

// proposeTexts is the fix that proposes texts.
func proposeTexts(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = strconv.Quote(s)
	}
	if len(quoted) == 1 {
		return "write " + quoted[0]
	}
	return "write " + listOf(quoted)
}
