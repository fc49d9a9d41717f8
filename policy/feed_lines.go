package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file reads the lines of such a file, in the forms in which public lists come.

// A feedReader reads the lines of a feed: a host, an address or a CIDR, or a line of a hosts
// file. A # begins a comment anywhere, ; also behind a blank, and ! and // at the beginning of a
// line.
//
// A line that cannot be a destination is a warning, and the other lines apply: one bad line in a
// public list must not take a function down. A file with nothing but bad lines is refused,
// because it is probably not a feed.
type feedReader struct {
	*compiler
	name  string
	found int // entries so far
	bad   []report.Fault
	more  int // bad lines beyond those in bad
}

// maxFeedFaults is how many bad lines of a feed are reported one by one.
const maxFeedFaults = 20

// read adds the lines of a feed to hosts and addresses. The hosts point into data: there is no
// object for each line.
func (f *feedReader) read(data string, hosts, addresses *rule.Rule) {
	// In lower case at once. A byte order mark is usual in lists from Windows.
	data = strings.ToLower(strings.TrimPrefix(data, "\ufeff"))
	// One allocation for all hosts. Feeds have up to a million lines.
	hosts.Hosts = slices.Grow(hosts.Hosts, strings.Count(data, "\n")+1)
	for line := 1; data != ""; line++ {
		var s string
		s, data, _ = strings.Cut(data, "\n")
		// Comments first: "a.com # why" and "a.com ; why".
		if i := strings.IndexByte(s, '#'); i >= 0 {
			s = s[:i]
		}
		if i := strings.IndexByte(s, ';'); i > 0 && (s[i-1] == ' ' || s[i-1] == '\t') {
			s = s[:i]
		}
		// The comment lines of filter lists and of other tools.
		if s = strings.TrimSpace(s); s != "" && s[0] != ';' && s[0] != '!' && !strings.HasPrefix(s, "//") {
			f.line(s, line, hosts, addresses)
		}
	}
	if f.more > 0 {
		problem := fmt.Sprintf("%d more lines are wrong", f.more)
		if f.more == 1 {
			problem = "1 more line is wrong"
		}
		f.bad = append(f.bad, report.Fault{File: f.name, Problem: problem})
	}
	// With no good line it is not a feed, and nothing would be forbidden.
	if f.found == 0 {
		f.Errors = append(f.Errors, f.bad...)
	} else {
		f.Warnings = append(f.Warnings, f.bad...)
	}
}

// line reads one line without its comment. It is not empty.
func (f *feedReader) line(s string, line int, hosts, addresses *rule.Rule) {
	blank := strings.IndexAny(s, " \t")
	if blank < 0 {
		f.entry(s, line, hosts, addresses)
		return
	}
	// A line of a hosts file: an address, and the names it is given. fe80::1%lo0: a hosts file has
	// zones.
	address, _, _ := strings.Cut(s[:blank], "%")
	if _, err := netip.ParseAddr(address); err != nil {
		f.fault(line, fmt.Sprintf("%q holds a blank", shownHost(s)), "write one host or CIDR a line, or 0.0.0.0 HOST")
		return
	}
	for name := range strings.FieldsSeq(s[blank:]) {
		switch {
		case !hostsFileOwn(name):
			f.entry(name, line, hosts, addresses)
		default:
			f.found++ // a hosts file may hold nothing else
		}
	}
}

// entry adds a host, an address or a CIDR. Public hosts files have addresses in the place of
// names too.
func (f *feedReader) entry(s string, line int, hosts, addresses *rule.Rule) {
	// Only these can be an address, and most lines are hosts.
	if c := s[0]; c >= '0' && c <= '9' || c == '[' || strings.Contains(s, ":") {
		if p, err := pattern.ParseIP(s); err == nil {
			f.found++
			addresses.Addrs = append(addresses.Addrs, p.Ranges...)
			// /0 and /1 come from slips: "1.2.3.4/0".
			switch p.Ranges[0].Bits() {
			case 0:
				f.warn(line, fmt.Sprintf("%s is every address", p.String()), "delete the line, unless no call may go out")
			case 1:
				f.warn(line, fmt.Sprintf("%s is half of all addresses", p.String()), "delete the line, unless no call may go out")
			}
			return
		}
	}
	f.host(s, line, hosts)
}

// hostsFileOwn reports whether a name stands in every hosts file for the machine itself.
func hostsFileOwn(name string) bool {
	switch name {
	case "localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0":
		return true
	}
	return strings.HasPrefix(name, "ip6-")
}

// host adds a host, or all that is below one.
func (f *feedReader) host(s string, line int, hosts *rule.Rule) {
	// Other wildcards are refused below.
	if strings.HasPrefix(s, "*.") {
		p, err := pattern.ParseHTTP(s, pattern.Wide)
		if err != nil {
			f.fault(line, err.Error(), "")
			return
		}
		f.found++
		hosts.Subject = append(hosts.Subject, &p)
		return
	}
	host, bad := feedHost(s)
	if bad != nil {
		f.fault(line, bad.What, bad.Fix)
		return
	}
	f.found++
	hosts.Hosts = append(hosts.Hosts, host)
	// "com" or "localhost": perhaps a word that got into the list.
	if strings.IndexByte(host, '.') < 0 {
		f.fault(line, fmt.Sprintf("%q is a name without a domain, and does not cover what is below it", host), "name the domains, or write *."+host)
	}
}

// fault reports a line that cannot be a destination.
func (f *feedReader) fault(line int, problem, fix string) {
	if len(f.bad) == maxFeedFaults {
		f.more++
		return
	}
	f.bad = append(f.bad, report.Fault{File: f.name, Line: line, Column: 1, Problem: problem, Fix: fix})
}

// warn reports a line that is a valid destination, but probably not the one that was meant.
func (f *feedReader) warn(line int, problem, fix string) {
	f.Warnings = append(f.Warnings, report.Fault{File: f.name, Line: line, Column: 1, Problem: problem, Fix: fix})
}

// shownHost is a line of a feed as an error shows it: up to the first character that no host,
// address or CIDR has. The file may be another than a feed, and its text a secret.
func shownHost(s string) string {
	for i, c := range s {
		if c < utf8.RuneSelf && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(".-_*:/[]", c)) ||
			c >= utf8.RuneSelf && unicode.IsLetter(c) {
			continue
		}
		return report.Short(s[:i]) + "…"
	}
	return report.Short(s)
}

// feedHost brings a host in lower case to canonical form. For an ASCII one it returns a part of s.
func feedHost(s string) (string, *report.Problem) {
	// "a.com." and "a.com" are the same host.
	h := strings.TrimSuffix(s, ".")
	// One pass over the bytes, because large feeds have millions of them.
	label, number := 0, true // where the label begins; it has digits only
	for i := range len(h) {
		switch c := h[i]; {
		case c >= 'a' && c <= 'z' || c == '-' || c == '_':
			number = false
		case c >= '0' && c <= '9':
		// No label is empty.
		case c == '.' && i > label:
			label, number = i+1, true
		// A name in Unicode is mapped to its xn-- form.
		case c >= utf8.RuneSelf:
			name, addr, err := canon.Host(h)
			if err != nil || addr.IsValid() {
				return "", badHost(s)
			}
			return name, nil
		default:
			return "", badHost(s)
		}
		// DNS has at most 63 bytes in a label.
		if i-label >= 63 {
			return "", badHost(s)
		}
	}
	// The last label of a name is never empty, and never a number: that is a broken address.
	// "1.2.3" and "0x7f" are addresses to some resolvers.
	if number || len(h) > 253 || strings.HasPrefix(h[label:], "0x") || strings.Trim(h[label:], "-") == "" {
		return "", badHost(s)
	}
	return h, nil
}

// badHost says what is wrong with a line, and mostly what it is instead.
func badHost(s string) *report.Problem {
	p := &report.Problem{What: fmt.Sprintf("%q is not a host", shownHost(s)), Fix: "write one host, address or CIDR a line"}
	switch {
	case strings.Contains(s, "://"):
		p.Fix = "write the host alone, without scheme and path"
	case strings.HasPrefix(s, "||"):
		p.Fix = "this is a filter list for browsers; write hosts, one a line"
	case len(s) > 253:
		p.What = fmt.Sprintf("a host of %d characters", len(s))
		p.Fix = "a host has at most 253"
	}
	return p
}
