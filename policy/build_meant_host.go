package policy

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file guesses which host, address or URL was meant by a text that is not one.

// defanged reads a URL as reports of incidents write it, and one with slips in its slashes.
func defanged(k rule.Kind, s string) []string {
	if k == rule.AWS {
		return nil
	}
	before := s
	// In reports, links are written so that nobody opens them: hxxp://evil[.]com,
	// hxxps[:]//evil(dot)com.
	// The table is made here: most policies never need it.
	s = strings.NewReplacer("(dot)", ".", "[dot]", ".", "{dot}", ".", "(DOT)", ".", "[DOT]", ".", "{DOT}", ".", " dot ", ".", " DOT ", ".",
		"(.)", ".", "[.]", ".", "{.}", ".", "[.", ".", ".]", ".", `\.`, ".", "[:]", ":", "[://]", "://", "[:", ":", ":]", ":", "[/]", "/",
		"[at]", "@", "[@]", "@", `\`, "/").Replace(s)
	if scheme, rest, ok := strings.Cut(s, ":"); ok {
		switch strings.ToLower(scheme) {
		case "hxxp", "h**p", "hxtp", "htxp", "h__p", "meow", "hxp":
			s = "http:" + rest
		case "hxxps", "h**ps", "hxtps", "htxps", "h__ps", "meows", "hxps":
			s = "https:" + rest
		}
	}
	_, rest, ok := strings.Cut(s, "://")
	switch {
	// net: has no schemes. Only the host remains.
	case ok && k == rule.Net:
		host, _, _ := strings.Cut(rest, "/")
		return []string{host}
	// Nothing was defanged, so that the scheme is what is wrong.
	case ok && s == before:
		return nil // another scheme
	}
	return []string{strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimRight(s, "/"), "//"), "^"), "$")}
}

// ofScheme reads a URL whose scheme lost a part of its "://".
func ofScheme(k rule.Kind, s string) []string {
	if k != rule.HTTP {
		return nil
	}
	if rest := afterTwoSchemes(s); rest != "" {
		return []string{rest}
	}
	if !brokenScheme(s) {
		return nil
	}
	return []string{mendScheme(s)}
}

// ofOtherScheme reads a URL whose scheme is not one of http:. The host is forbidden in any scheme:
// a path means nothing in another protocol. A slip such as "htps" is mended.
func ofOtherScheme(k rule.Kind, s string) []string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || k != rule.HTTP || strings.EqualFold(scheme, "s3") {
		return nil
	}
	if near := report.Nearest(scheme, []string{"http", "https"}); near != "" && !strings.EqualFold(scheme, "ftps") {
		return []string{near + "://" + rest}
	}
	host, _, _ := strings.Cut(rest, "/")
	return []string{host}
}

// ofBrackets reads an IPv6 address without its brackets, or with one of them, and an IPv4 address
// in them.
func ofBrackets(k rule.Kind, s string) []string {
	switch k {
	case rule.AWS:
		return nil
	// "fe80::1%eth0": a rule holds for every zone.
	case rule.IP:
		address, _, _ := strings.Cut(strings.Trim(s, "[]"), "%")
		if legacy, ok := canon.LegacyIPv4(address); ok {
			return []string{legacy.String()}
		}
		return []string{address}
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if ok {
		scheme += "://"
	} else {
		scheme, rest = "", s
	}
	authority, path, ok := strings.Cut(rest, "/")
	if ok {
		path = "/" + path
	}
	// "[2001:db8::1" and "2001:db8::1]"
	bare := strings.Trim(authority, "[]")
	bare, _, _ = strings.Cut(bare, "%")
	a, err := netip.ParseAddr(bare)
	switch {
	case err == nil && a.Is6():
		return []string{scheme + "[" + bare + "]" + path}
	case err == nil && bare != authority:
		return []string{scheme + bare + path}
	}
	// "127.1" and "0x7f.1"
	if legacy, ok := canon.LegacyIPv4(authority); ok && err != nil {
		return []string{scheme + legacy.String() + path}
	}
	return nil
}

// ofDots reads a host with a dot too many: "evil..com", and ".evil.com" of cookies and proxies,
// which is a domain with all below it.
func ofDots(k rule.Kind, s string) []string {
	if k != rule.HTTP && k != rule.Net {
		return nil
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if ok {
		scheme += "://"
	} else {
		scheme, rest = "", s
	}
	end := strings.IndexByte(rest+"/", '/')
	host, path := rest[:end], rest[end:]
	for strings.Contains(host, "..") {
		host = strings.ReplaceAll(host, "..", ".")
	}
	switch bare := strings.TrimPrefix(host, "."); {
	case bare == "":
		return nil
	case bare != host:
		return []string{scheme + "*." + bare + path, scheme + bare + path}
	case host+path != rest:
		return []string{scheme + host + path}
	}
	return nil
}

// ofStars reads a path in which a segment ends in "**": what begins so, and all below it.
func ofStars(k rule.Kind, s string) []string {
	if k != rule.HTTP || !strings.HasSuffix(s, "**") || strings.HasSuffix(s, "/**") {
		return nil
	}
	begin := strings.TrimRight(s, "*")
	if !strings.Contains(strings.TrimPrefix(strings.TrimPrefix(begin, "https://"), "http://"), "/") {
		return nil // in the host
	}
	return []string{begin + "*", begin + "*/**"}
}

// ofSuffix reads a domain with all below it, as lists of proxies name it.
func ofSuffix(k rule.Kind, s string) []string {
	if k != rule.HTTP && k != rule.Net {
		return nil
	}
	for _, word := range [...]string{"domain-suffix,", "domain-suffix:", "domain:"} {
		if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) {
			// The action may follow, and it is not one of a host.
			host, _, _ := strings.Cut(strings.TrimLeft(s[len(word):], ". "), ",")
			return []string{"*." + host, host}
		}
	}
	return nil
}

// ofPadded reads an IPv4 address with zeros in front of its numbers. Resolvers read these as octal
// numbers, and people as decimal ones: both are forbidden.
func ofPadded(k rule.Kind, s string) []string {
	parts := strings.Split(s, ".")
	if k == rule.AWS || len(parts) != 4 || strings.Trim(s, "0123456789.") != "" {
		return nil
	}
	for i, part := range parts {
		if n, err := strconv.Atoi(part); err == nil {
			parts[i] = strconv.Itoa(n)
		}
	}
	texts := []string{strings.Join(parts, ".")}
	if texts[0] == s {
		return nil
	}
	if octal, ok := canon.LegacyIPv4(s); ok && octal.String() != texts[0] {
		texts = append(texts, octal.String())
	}
	return texts
}

// ofShell reads the globs of a shell, and the templates of paths. What is below a name that a
// template leaves open is meant too.
func ofShell(k rule.Kind, s string) []string {
	choice := strings.Contains(s, "(") && strings.Contains(s, "|") // of a regular expression
	if globs(k, s) == nil && !choice && !(k == rule.IP && strings.Contains(s, "{")) {
		return nil
	}
	texts := pattern.Alternatives(strings.ReplaceAll(s, `\.`, "."))
	for i, text := range texts {
		if strings.HasSuffix(text, "/*") && !strings.HasSuffix(s, "/*") {
			texts[i] = text + "*"
		}
	}
	return texts
}

// ofRanges reads a range of addresses that ip: or net: has in another notation: "10.0.0.1-9",
// "10.*", "10.0.0.0/33".
func ofRanges(k rule.Kind, s string) (ranges []string) {
	host, port := s, ""
	if k == rule.Net {
		if i := strings.LastIndexByte(s, ':'); i > 0 && strings.Count(s, ":") == 1 {
			host, port = s[:i], s[i:]
		}
	} else if k != rule.IP {
		return nil
	}
	network, behind, _, ok := pattern.TooLong(s)
	switch {
	case ok:
		ranges = []string{network + behind}
	default:
		for _, r := range pattern.Network(host) {
			ranges = append(ranges, r+port)
		}
	}
	row := rule.KindOf("ip")
	if k == rule.Net {
		row = rule.KindOf("net")
	}
	for _, r := range ranges {
		if !subject(row, r, pattern.Wide) {
			return nil
		}
	}
	return ranges
}

// visible reads a text with characters that cannot be seen.
func visible(_ rule.Kind, s string) []string {
	seen := strings.Map(func(r rune) rune {
		if syntax.Invisible(r) {
			return -1
		}
		return r
	}, s)
	if seen == s {
		return nil
	}
	return []string{seen}
}

// listed reads several subjects in one text. Each has to look like a host or an operation.
func listed(k rule.Kind, s string) []string {
	// Braces are alternatives, which globs deals with.
	if strings.ContainsAny(s, "{}()") {
		return nil
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;| ", r) })
	if len(parts) < 2 || len(parts) > 100 {
		return nil
	}
	for _, part := range parts {
		if k == rule.IP && pattern.NamesRanges(strings.ToLower(part)) {
			continue
		}
		if !strings.ContainsAny(part, ".:") {
			return nil
		}
	}
	return parts
}
