package httprules

import (
	"bytes"
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

// appendEntries appends the YAML of whitelist entries that allow req at each destination that no
// rule vouches for. d is the first of them.
func (h *Rules) appendEntries(b []byte, req *canon.Request, d *canon.Dest, who *rule.Caller) []byte {
	// An entry with a mask in it would not allow the call.
	if secretPath(req) {
		return b
	}
	// One entry for each destination that nobody vouches for, because all of them must be allowed.
	start := len(b)
	b = appendEntry(b, req, d)
	for i := range req.N {
		if other := &req.Dests[i]; other != d && !h.vouchesForAll(other, req, who) {
			if entry := appendEntry(nil, req, other); !bytes.Contains(b[start:], entry) {
				b = append(append(b, '\n'), entry...)
			}
		}
	}
	return b
}

// HostEntry is the YAML of a whitelist entry that allows a request as it is, at its host.
func HostEntry(req *canon.Request) string {
	if secretPath(req) {
		return ""
	}
	return string(appendEntry(nil, req, &req.Dests[0]))
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

// appendEntry appends the YAML of a whitelist entry that allows req at d and nothing else: the
// method, and the path in each reading. It appends nothing if no entry does that.
func appendEntry(b []byte, req *canon.Request, d *canon.Dest) []byte {
	if len(req.Path.String()) > maxProposed {
		return b
	}
	if req.Path.Plain() && !req.Tunnel && !strings.Contains(req.Path.String(), "*") { // as most are
		// YAML is written by hand here, because most proposals need no quotes.
		usual := append(b, "- http: "...)
		subject := len(usual)
		usual = appendPath(appendOrigin(usual, d), req.Path.String())
		if report.PlainYAML(usual[subject:]) && report.PlainYAML(req.Method) {
			usual = append(usual, "\n  methods: ["...)
			return append(append(usual, req.Method...), ']')
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
		return b // what it is cannot be written
	default:
		for i := range req.Path.Readings() {
			if reading, blacklistOnly := req.Path.Reading(i, nil); !blacklistOnly {
				add(string(reading))
			}
		}
	}
	if !literal {
		return b // a pattern has no escape for a *
	}
	subject := urls[0]
	if len(urls) > 1 {
		subject = "[" + strings.Join(urls, ", ") + "]"
	}
	return append(b, "- http: "+subject+"\n  methods: ["+report.YAML(req.Method)+"]"...)
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

// escaped has a bit for each character that cannot stand in the path of a policy, or would end it
// there.
const escaped uint64 = 1<<'"' | 1<<'<' | 1<<'>' | 1<<'?' | 1<<'#'

// appendPath appends a reading of a path, escaped again where it needs to be.
func appendPath(b []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	from := 0 // what stands before it has been appended
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c < 64 && escaped>>c&1 != 0 {
			b = append(append(b, path[from:i]...), '%', hex[c>>4], hex[c&15])
			from = i + 1
		}
	}
	return append(b, path[from:]...)
}

// RequestURL returns where a request goes: scheme, host, port unless it is the scheme's own, path.
// It is a part of entry, which is proposed for the request, if that has it.
func RequestURL(req *canon.Request, entry string) string {
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
	// Most entries begin with it, so that it takes no memory of its own.
	if rest, ok := strings.CutPrefix(entry, "- http: "); ok && len(rest) > len(b) && rest[:len(b)] == string(b) {
		return rest[:len(b)]
	}
	return string(b)
}
