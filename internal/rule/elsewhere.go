package rule

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// Elsewhere says that a text under the key of one kind has the form of another kind: a network
// under http:, a URL under net:, an operation under ip:. It is nil for texts that belong to the
// kind, and for those that belong nowhere.
func (k Kind) Elsewhere(text string, m pattern.Mode) *report.Problem {
	row := k.row()
	if row == nil || text == "any" {
		return nil
	}
	// wrong words one problem: what the text is, and the key and values to write.
	wrong := func(what string, key string, list ...string) *report.Problem {
		fix := key + ": " + list[0]
		// YAML reads these characters at the start of a value in its own way.
		if strings.ContainsAny(list[0][:1], "[*&!'\"@%") || strings.Contains(list[0], " ") {
			fix = fmt.Sprintf("%s: %q", key, list[0])
		}
		if len(list) > 1 {
			fix = key + ": [" + strings.Join(list, ", ") + "]"
		}
		return report.OfKey(row.key, text, " can never match: it is "+what, "write "+fix)
	}
	// Forms that mean the same under every key come first.
	if operation(text) && k != AWS {
		return wrong("an operation of AWS", "aws", text)
	}
	if strings.HasPrefix(strings.ToLower(text), "arn:") {
		if k == AWS {
			return report.OfKey("aws", text, " can never match: it is a resource", "write service:Operation, and the resource under resources:")
		}
		return report.OfKey(row.key, text, " can never match: it is a resource of AWS",
			"write aws: service:Operation with resources: "+report.Short(text))
	}
	// "10.0.0.0/33" is one digit away from a network.
	if network, port, most, ok := pattern.TooLong(text); ok && k != AWS && (port == "" || k == Net) {
		p := wrong(fmt.Sprintf("a network, and the length of its prefix goes up to %d", most), "ip", network)
		if k == Net {
			p.Fix = "write net: " + network + port
		}
		return p
	}
	if p := k.everything(text, m); p != nil {
		return p
	}
	switch k {
	case HTTP:
		// "10.0.0.*" and "10.0.0.1-10.0.0.9" become CIDRs.
		if ranges := pattern.Network(text); ranges != nil {
			return wrong("a network, and not a host", "ip", ranges...)
		}
		// "10/8" could be a host 10 with a path, but nobody means that.
		if ranges, port := shortNetwork(text); ranges != nil && port != "" {
			return wrong("a network, and not a host", "net", ranges[0]+port)
		} else if ranges != nil {
			return wrong("a network, and not a host", "ip", ranges...)
		}
		// "10.0.0.1-9:443" would be a host of that name.
		if host, port, ok := strings.Cut(text, ":"); ok && numeric(port) && strings.ContainsAny(host, "-*") {
			if ranges := pattern.Network(host); ranges != nil {
				for i := range ranges {
					ranges[i] += ":" + port
				}
				return wrong("a network, and not a host", "net", ranges...)
			}
		}
		// private and loopback are words of ip:.
		if name := strings.ToLower(text); pattern.NamesRanges(name) {
			return wrong("a name for networks", "ip", name)
		}
	case Net:
		// tcp://db:5432 is a host and port, https://x is for http:.
		scheme, rest, hasScheme := strings.Cut(text, "://")
		if hasScheme && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
			return wrong("a URL", "http", text)
		}
		if name := strings.ToLower(text); pattern.NamesRanges(name) {
			return wrong("a name for networks", "ip", name)
		}
		// A scheme such as postgres: is dealt with by the parser.
		if hasScheme {
			return nil
		}
		// "10.0.0.*:443" and "private:5432" are ranges with a port.
		if host, port, ok := strings.Cut(text, ":"); ok && numeric(port) {
			ranges := pattern.Network(host)
			if strings.EqualFold(host, "private") {
				ranges = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
			}
			// One CIDR alone is valid under net:.
			if strings.ContainsAny(host, "-*") && len(ranges) > 0 || len(ranges) > 1 {
				for i := range ranges {
					ranges[i] += ":" + port
				}
				return wrong("a range of addresses", "net", ranges...)
			}
		}
		// "10.0.0.1-10.0.0.9": a range in a notation that net: does not have.
		if ranges := pattern.Network(text); len(ranges) > 1 || len(ranges) == 1 && strings.ContainsAny(rest+text, "-") {
			return wrong("a range of addresses", "net", ranges...)
		}
		// "api.example.com/v1": a path. "10.0.0.0/8" and "db/tcp" are not.
		if host, path, ok := strings.Cut(text, "/"); ok && strings.Contains(host, ".") && path != "tcp" && path != "udp" {
			if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil && !numeric(path) {
				return wrong("a URL", "http", text)
			}
		}
	case IP:
		// What parses is an address, whatever else it resembles.
		if _, err := pattern.ParseIP(text); err == nil {
			return nil
		}
		if strings.Contains(text, "://") {
			return wrong("a URL", "http", text)
		}
		if _, err := netip.ParseAddrPort(text); err == nil {
			return wrong("an address with a port", "net", text)
		}
		if ranges := pattern.Network(text); ranges != nil {
			return wrong("a range of addresses", "ip", ranges...)
		}
		// "10.0.0.0/8:443"
		if head, port, ok := strings.Cut(text, ":"); ok && numeric(port) && strings.Contains(head, "/") && pattern.Network(head) != nil {
			return wrong("a network with a port", "net", text)
		}
		if looksLikeHost(text) {
			if _, port, ok := strings.Cut(text, ":"); ok && numeric(port) {
				return wrong("a host with a port", "net", text)
			}
			return wrong("a host", "http", text)
		}
	case AWS:
		// "queue.amazonaws.com" is a host; "s3.GetObject" is an operation with a dot for the colon.
		if strings.Contains(text, "://") || !strings.Contains(text, ":") && looksLikeHost(text) && !pattern.DottedOperation(text) {
			return wrong("a host", "http", text)
		}
		if _, port, ok := strings.Cut(text, ":"); ok && numeric(port) && looksLikeHost(text) {
			return wrong("a host with a port", "net", text)
		}
		// "::1" has a colon, as operations have.
		if strings.Contains(text, "::") || text != "" && text[0] >= '0' && text[0] <= '9' {
			if p, err := pattern.ParseIP(text); err == nil {
				return wrong("an address", "ip", p.String())
			}
		}
	}
	return nil
}

// shortNetwork returns the networks that a text stands for which leaves out parts of an IPv4
// address, or has a port behind the length of the prefix: "10/8", "10.x.x.x", "10.0.0.0/8:443".
func shortNetwork(text string) (ranges []string, port string) {
	head, tail, _ := strings.Cut(text, "/")
	// A network begins with a digit, and x stands for a part.
	if head == "" || head[0] < '0' || head[0] > '9' || strings.Trim(head, "0123456789.xX") != "" {
		return nil, ""
	}
	// 10.0.0.0/8:443 has a port.
	if length, p, ok := strings.Cut(tail, ":"); ok && numeric(p) {
		tail, port = length, ":"+p
	}
	// "10." and "10.x" are the same network.
	parts := strings.Split(strings.TrimSuffix(strings.ReplaceAll(strings.ToLower(head), "x", "*"), "."), ".")
	// Each x, and each missing part behind it, is any number. "0x7f" is hexadecimal.
	if strings.Contains(head, "x") && tail == "" && port == "" && !strings.HasPrefix(head, "0x") {
		for len(parts) < 4 {
			parts = append(parts, "*")
		}
		return pattern.Network(strings.Join(parts, ".")), ""
	}
	// What remains needs a length. With four parts and no port, it is a CIDR that others read.
	if !numeric(tail) || len(parts) > 4 || len(parts) == 4 && port == "" {
		return nil, ""
	}
	// The missing parts are 0: 10/8 is 10.0.0.0/8.
	for len(parts) < 4 {
		parts = append(parts, "0")
	}
	return pattern.Network(strings.Join(parts, ".") + "/" + tail), port
}

// everything says that a text means to name every host, and is a host of that name: "any:443",
// "all". It is nil for other texts.
func (k Kind) everything(text string, m pattern.Mode) *report.Problem {
	if k != HTTP && k != Net {
		return nil
	}
	// Scheme, path and port may be around it: "https://any/", "any:443".
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		if rest = after; k == Net || len(scheme) > len("https") {
			return nil
		}
	}
	host, _, _ := strings.Cut(rest, "/")
	host, port, hasPort := strings.Cut(host, ":")
	// These hosts do not exist in public DNS; a person who writes them means every host.
	switch strings.ToLower(strings.TrimSuffix(host, ".")) {
	case "any", "all", "every", "everything", "everywhere", "internet":
	default:
		return nil
	}
	key := k.row().key
	p := report.OfKey(key, text, " is not any, but a host of that name", "write "+key+": any")
	// A whitelist may open everything only with a reason, and never everything on one port.
	switch hasPort = hasPort && numeric(port); {
	case m == pattern.Narrow && hasPort:
		p.Fix = "name the hosts that are meant: a whitelist does not open a port of everybody's"
	case m == pattern.Narrow:
		p.Fix += ", with a reason"
	case hasPort:
		p.Fix = fmt.Sprintf("write %s: \"*:%s\"", key, port)
	}
	return p
}

// operation reports whether a text names an operation of a service that is known, in the usual
// letters: "s3:GetObject".
func operation(text string) bool {
	service, name, ok := strings.Cut(text, ":")
	if !ok || name == "" || name[0] < 'A' || name[0] > 'Z' || strings.ContainsFunc(name, func(r rune) bool { return !alnum(r) && r != '*' && r != '?' }) {
		return false
	}
	// "Foo:Bar" of an unknown service is not an operation for certain.
	_, known := awsops.Service(service)
	return known
}

// looksLikeHost reports whether a text begins with a name of at least two labels. The last label
// has letters only.
func looksLikeHost(text string) bool {
	host := text
	// "api.example.com/v1" and "db.internal:5432" count by their host.
	if i := strings.IndexAny(host, ":/"); i >= 0 {
		host = host[:i]
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	// A dot at the end is that of a canonical name: "a.b." and "a.b" are the same host.
	if len(labels) < 2 || len(last) < 2 || slices.Contains(labels, "") {
		return host == "localhost"
	}
	return !strings.ContainsFunc(last, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') })
}

// alnum reports an ASCII letter or digit.
func alnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// numeric reports a text of ASCII digits only, at least one.
func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
