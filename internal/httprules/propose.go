package httprules

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/mask"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file writes the whitelist entries that would allow a request.

// allowEntries is the YAML of whitelist entries that allow req at each destination that no rule
// vouches for. d is the first of them.
func (h *Rules) allowEntries(req *canon.Request, d *canon.Dest, who *rule.Caller) string {
	// An entry with a mask in it would not allow the call.
	if secretPath(req) {
		return ""
	}
	// One entry for each destination that nobody vouches for, because all of them must be allowed.
	text := allowEntry(req, d)
	for i := range req.N {
		if other := &req.Dests[i]; other != d && !h.vouchesForAll(other, req, who) {
			if entry := allowEntry(req, other); !strings.Contains(text, entry) {
				text += "\n" + entry
			}
		}
	}
	return text
}

// HostEntry is the YAML of a whitelist entry that allows a request as it is, at its host.
func HostEntry(req *canon.Request) string {
	if secretPath(req) {
		return ""
	}
	return allowEntry(req, &req.Dests[0])
}

// secretPath reports whether a destination beside the one that is dialed receives webhooks, so that
// the path is a secret. Where the path is shown, the dialed host stands before it, and does not
// show that it is one.
func secretPath(req *canon.Request) bool {
	for i := 1; i < req.N; i++ {
		if mask.IsHookHost(strings.Clone(req.Dests[i].Host)) { // the request's own texts stay on the stack
			return true
		}
	}
	return false
}

// vouchesForAll reports whether the whitelist vouches for one destination in every reading of the
// path.
func (h *Rules) vouchesForAll(d *canon.Dest, req *canon.Request, who *rule.Caller) bool {
	// Each reading must be vouched for, except those for blacklists alone.
	if req.Path.Plain() {
		return h.vouchedFor(d, req, req.Path.String(), who)
	}
	for i := range req.Path.Readings() {
		reading, blacklistOnly := req.Path.Reading(i, nil)
		if !blacklistOnly && !h.vouchedFor(d, req, string(reading), who) {
			return false
		}
	}
	return true
}

// maxProposed is the longest path that an entry is proposed for. Alerts hold little more.
const maxProposed = 1 << 10

// allowEntry is the YAML of a whitelist entry that allows req at d and nothing else: the method,
// and the path in each reading.
func allowEntry(req *canon.Request, d *canon.Dest) string {
	if len(req.Path.String()) > maxProposed {
		return ""
	}
	// The usual entry fits on the stack.
	var buf [512]byte
	b := append(buf[:0], "- http: "...)
	if req.Path.Plain() && !req.Tunnel && !strings.Contains(req.Path.String(), "*") { // as most are
		// YAML is written by hand here, because most proposals need no quotes.
		b = appendPath(appendOrigin(b, d), req.Path.String())
		if report.PlainYAML(b[len("- http: "):]) && report.PlainYAML(req.Method) {
			b = append(b, "\n  methods: ["...)
			return string(append(append(b, req.Method...), ']'))
		}
	}
	origin := appendOrigin(nil, d)
	// In several readings, each has to be allowed: a list of URLs.
	var urls []string
	literal := true
	// add adds the URL of one reading, once.
	add := func(path string) {
		literal = literal && !strings.Contains(path, "*")
		url := report.YAML(string(appendPath(origin[:len(origin):len(origin)], path)))
		if !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	switch {
	// A tunnel has no path, and its method is CONNECT.
	case req.Tunnel:
		urls = []string{report.YAML(string(origin))}
	case req.Path.Plain():
		add(req.Path.String())
	case req.Path.Unknown():
		return "" // what it is cannot be written
	default:
		for i := range req.Path.Readings() {
			if reading, blacklistOnly := req.Path.Reading(i, nil); !blacklistOnly {
				add(string(reading))
			}
		}
	}
	if !literal {
		return "" // a pattern has no escape for a *
	}
	subject := urls[0]
	if len(urls) > 1 {
		subject = "[" + strings.Join(urls, ", ") + "]"
	}
	return "- http: " + subject + "\n  methods: [" + report.YAML(req.Method) + "]"
}

// appendOrigin appends scheme, host, and port unless it is the scheme's own.
func appendOrigin(b []byte, d *canon.Dest) []byte {
	b = append(append(b, d.Scheme...), "://"...)
	b = appendHost(b, d.Host, d.Addr)
	// A whitelist without a port means that of the scheme.
	if int(d.Port) != pattern.SchemePort(d.Scheme) {
		b = strconv.AppendUint(append(b, ':'), uint64(d.Port), 10)
	}
	return b
}

// appendHost appends a name, or an address, with brackets around IPv6.
func appendHost(b []byte, host string, addr netip.Addr) []byte {
	if !addr.IsValid() {
		return append(b, host...)
	}
	if addr.Is6() {
		return append(addr.AppendTo(append(b, '[')), ']')
	}
	return addr.AppendTo(b)
}

// appendPath appends a reading of a path, escaped again where it needs to be.
func appendPath(b []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(path) {
		// What cannot stand in a policy, or would end the path there.
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '?' || c == '#' {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

// RequestURL returns where a request goes: scheme, host, port unless it is the scheme's own, path.
func RequestURL(req *canon.Request) string {
	var buf [256]byte
	// For people: the first destination is the one that is dialed.
	b := appendOrigin(buf[:0], &req.Dests[0])
	switch {
	case req.Tunnel:
	// Only the host may be shown; see secretPath.
	case secretPath(req):
		b = append(b, "/"+mask.Masked...)
	case req.Path.Plain():
		b = appendPath(b, req.Path.String())
	default:
		// The first reading is the path as RFC 3986 has it.
		path, _ := req.Path.Reading(0, nil)
		b = appendPath(b, string(path))
	}
	return string(b)
}
