package policy

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/canon"
)

// blacklisted is the decision against a request that a blacklist rule catches.
func (p *Policy) blacklisted(req *canon.Request, rule int32) Decision {
	r := &p.http.rules[rule]
	if r.ref.Reason != "" {
		return p.violation(Blacklist, &r.ref, r.verdict, r.ref.Reason)
	}
	var buf [256]byte
	b := append(buf[:0], "blacklist rule "...)
	b = append(b, r.ref.ID...)
	b = append(b, " forbids "...)
	b = appendOrigin(b, &req.Dests[0])
	return p.violation(Blacklist, &r.ref, r.verdict, string(b))
}

// notWhitelisted is the decision against a request that no whitelist rule vouches for: it says which rule came nearest, and
// what would allow the call.
func (p *Policy) notWhitelisted(req *canon.Request) Decision {
	m := p.http.nearMiss(req)
	var buf [512]byte
	d := &req.Dests[m.dest]
	b := buf[:0]
	if m.dest > 0 {
		b = append(b, "the request also names "...)
		b = appendOrigin(b, d)
		b = append(b, ": "...)
	}
	var ref *RuleRef
	if m.missed == missedHost {
		b = append(b, "no whitelist rule matches host "...)
		b = appendHost(b, d.Host, d.Addr)
		if m.embedded.IsValid() {
			b = append(b, " as "...)
			b = m.embedded.AppendTo(b)
		}
	} else {
		e := &p.http.index.entries[m.entry]
		r := &p.http.rules[e.rule]
		ref = &r.ref
		b = append(b, "host matched "...)
		b = append(b, ref.File...)
		b = append(b, " line "...)
		b = strconv.AppendInt(b, int64(ref.Line), 10)
		b = append(b, ", "...)
		switch m.missed {
		case missedScheme:
			b = append(append(append(append(b, "scheme "...), d.Scheme...), " is not "...), e.scheme...)
		case missedPort:
			b = strconv.AppendUint(append(b, "port "...), uint64(d.Port), 10)
			b = strconv.AppendInt(append(b, " is not "...), int64(e.port), 10)
		case missedPath:
			if req.Tunnel {
				b = append(b, "a tunnel reaches any path"...)
				break
			}
			if req.Path.Unknown() {
				b = append(b, "path is percent-encoded more than three times"...)
				break
			}
			b = append(b, "path "...)
			b = appendPath(b, m.path)
			b = append(b, " is not"...)
			if m.reading > 0 {
				b = append(b, " (as some servers read it)"...)
			}
		case missedMethod:
			b = append(append(append(b, "method "...), req.Method...), " is not in ["...)
			for i, method := range r.methods {
				if i > 0 {
					b = append(b, ", "...)
				}
				b = append(b, method...)
			}
			b = append(b, ']')
		case missedExcept:
			b = append(b, "its except: takes the call out"...)
		}
	}
	decision := p.violation(Whitelist, ref, p.set.info.OnViolation, string(b))
	decision.Allow = allowEntry(req, d)
	return decision
}

// missed is the condition of an entry that a request did not meet, the nearest last.
type missed uint8

const (
	missedHost missed = iota
	missedScheme
	missedPort
	missedPath
	missedMethod
	missedExcept
)

// miss is the whitelist entry that came nearest to the first destination and reading that none vouches for.
type miss struct {
	dest    int
	reading int
	path    string
	entry   int32
	missed  missed
	// embedded is valid if the destination's IPv6 address stands for this address, and only for that no rule vouches.
	embedded netip.Addr
}

func (h *httpRules) nearMiss(req *canon.Request) (nearest miss) {
	for i := range req.Path.Readings() {
		path := req.Path.String()
		if !req.Path.Plain() {
			reading, blacklistOnly := req.Path.Reading(i, nil)
			if blacklistOnly {
				continue
			}
			path = string(reading)
		}
		for n := range req.N {
			d := &req.Dests[n]
			m := miss{dest: n, reading: i, path: path}
			vouched := false
			found := h.index.find(d)
			for number, more := found.Next(); more && !vouched; number, more = found.Next() {
				e := &h.index.entries[number]
				r := &h.rules[e.rule]
				if r.verdict != Allow || r.kind == kindNet {
					continue
				}
				why, ok := h.misses(e, r, d, req, path)
				if vouched = ok; why > m.missed || why == m.missed && why != missedHost && number < m.entry {
					m.missed, m.entry = why, number
				}
			}
			if !vouched {
				return m
			}
			others := d.Others()
			for _, addr := range others.Embedded() {
				if other := (canon.Dest{Scheme: d.Scheme, Addr: addr, Port: d.Port}); !h.vouched(&other, req, path) {
					m.missed, m.embedded = missedHost, addr
					return m
				}
			}
		}
	}
	return nearest
}

// vouched reports whether a whitelist rule vouches for one destination and reading.
func (h *httpRules) vouched(d *canon.Dest, req *canon.Request, path string) bool {
	found := h.index.find(d)
	for number, more := found.Next(); more; number, more = found.Next() {
		e := &h.index.entries[number]
		r := &h.rules[e.rule]
		if _, ok := h.misses(e, r, d, req, path); ok && r.verdict == Allow && r.kind != kindNet {
			return true
		}
	}
	return false
}

// misses is the first condition that keeps an entry from vouching; ok: none does.
func (h *httpRules) misses(e *entry, r *httpRule, d *canon.Dest, req *canon.Request, path string) (m missed, ok bool) {
	switch {
	case e.scheme != "" && e.scheme != d.Scheme:
		return missedScheme, false
	case e.port != anyPort && e.port != int(d.Port):
		return missedPort, false
	case !e.matches(d, req, path, false):
		return missedPath, false
	case !r.hasMethod(req.Method):
		return missedMethod, false
	case !r.matches(d, req, path):
		return missedExcept, false
	}
	return 0, true
}

// allowEntry is the YAML of a whitelist entry that allows req at d. Segments of the path that no rule should hold, because
// they are long or odd, are made wildcards.
func allowEntry(req *canon.Request, d *canon.Dest) string {
	var buf [512]byte
	b := append(buf[:0], "- http: "...)
	b = appendOrigin(b, d)
	switch {
	case req.Tunnel:
	case !req.Path.Plain():
		b = append(b, "/**"...)
	default:
		path := req.Path.String()
		for len(path) > 0 {
			segment := path[1:]
			if slash := strings.IndexByte(segment, '/'); slash >= 0 {
				segment = segment[:slash]
			}
			path = path[1+len(segment):]
			b = append(b, '/')
			if segment == "" || speaking(segment) {
				b = append(b, segment...)
			} else {
				b = append(b, '*')
			}
		}
	}
	b = append(b, "\n  methods: ["...)
	b = append(b, req.Method...)
	b = append(b, ']')
	return string(b)
}

// speaking reports whether a path segment is a word that a rule can hold, not a token or an identifier.
func speaking(segment string) bool {
	digits := 0
	for i := range len(segment) {
		switch c := segment[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '.', c == '_', c == '~', c == '+', c == '@', c == ',':
		default:
			return false
		}
	}
	return len(segment) <= 24 && digits < 5
}

// appendOrigin appends scheme, host, and port unless it is the scheme's own.
func appendOrigin(b []byte, d *canon.Dest) []byte {
	b = append(append(b, d.Scheme...), "://"...)
	b = appendHost(b, d.Host, d.Addr)
	if int(d.Port) != schemePort(d.Scheme) {
		b = strconv.AppendUint(append(b, ':'), uint64(d.Port), 10)
	}
	return b
}

func appendHost(b []byte, host string, addr netip.Addr) []byte {
	if !addr.IsValid() {
		return append(b, host...)
	}
	if addr.Is6() {
		return append(addr.AppendTo(append(b, '[')), ']')
	}
	return addr.AppendTo(b)
}

// appendPath appends a reading of a path, escaped again where it needs to be, tokens masked.
func appendPath(b []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '?' || c == '#' {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}
