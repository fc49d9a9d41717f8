package httprules

import (
	"net/netip"
	"strconv"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file says why a rule caught a request, or which condition of the nearest rule it missed.

// BlackReason says why a blacklist rule catches a request.
func (h *Rules) BlackReason(req *canon.Request, rule int32) string {
	r := &h.rules[rule]
	// The author's own words are best.
	if r.origin.Reason != "" {
		return r.origin.Reason
	}
	var buf [256]byte
	b := append(buf[:0], "blacklist rule "...)
	b = append(b, r.origin.ID...)
	b = append(b, " forbids "...)
	return string(appendOrigin(b, &req.Dests[0]))
}

// Nearest returns the rule that Miss names; -1 if none names the host. It is Miss without texts.
func (h *Rules) Nearest(req *canon.Request, who *rule.Caller) int32 {
	m := h.nearMiss(req, who)
	if m.missed == missedHost {
		return -1
	}
	return h.index.entries[m.entry].rule
}

// Miss explains a request that no whitelist rule vouches for. It is asked after Judge, because it
// takes more time and memory. It returns the nearest rule, -1 if no rule names the host; why that
// does not vouch; and the YAML of an entry for the whitelist that would allow the request.
func (h *Rules) Miss(req *canon.Request, who *rule.Caller) (nearest int32, reason, allow string) {
	m := h.nearMiss(req, who)
	d := &req.Dests[m.dest]
	// Both texts are written into one buffer and become one string, because one allocation is
	// quicker than two.
	var buf [512]byte
	b := buf[:0]
	// The dialed host is in the alert. Another destination has to be named.
	if m.dest > 0 {
		b = append(b, "the request also names "...)
		b = appendOrigin(b, d)
		b = append(b, ": "...)
	}
	// No rule has the host: there is nothing more to compare.
	if m.missed == missedHost {
		// With an address that embeds another one, the embedded one is named: 64:ff9b::a00:1 as
		// 10.0.0.1.
		b = append(b, "no whitelist rule matches host "...)
		b = appendHost(b, d.Host, d.Addr)
		if m.embedded.IsValid() {
			b = m.embedded.AppendTo(append(b, " as "...))
		}
		reason, allow = cut(h.appendEntries(b, req, d, who), len(b))
		return -1, reason, allow
	}
	// Else the nearest rule is named, with the condition that it misses.
	e := &h.index.entries[m.entry]
	r := &h.rules[e.rule]
	b = append(b, r.origin.File...)
	b = append(b, ':')
	b = strconv.AppendInt(b, int64(r.origin.Line), 10)
	b = append(b, " matches the host, but not "...)
	switch m.missed {
	// A rule without a scheme never misses by it.
	case missedScheme:
		b = append(append(append(append(b, "scheme "...), d.Scheme...), ": the rule is for "...), e.scheme...)
	case missedPort:
		b = strconv.AppendUint(append(b, "port "...), uint64(d.Port), 10)
		b = strconv.AppendInt(append(b, ": the rule is for "...), int64(e.port), 10)
	// From the reason that makes the path unknown, to the path itself.
	case missedPath:
		if req.Tunnel {
			b = append(b, "a CONNECT tunnel, which cannot be limited to a path"...)
			break
		}
		if req.Path.Laborious() {
			b = append(b, "a path that takes too long to compare with the rules"...)
			break
		}
		if req.Path.Unknown() {
			b = append(b, "a path that is percent-encoded more than three times"...)
			break
		}
		// The path of a webhook is its secret.
		if secretPath(req) {
			b = append(b, "the path"...)
			break
		}
		b = append(b, "path "...)
		b = appendPath(b, m.path)
		// Servers differ in how they read it, and one of the readings is not allowed.
		if m.reading > 0 {
			b = append(b, " (as some servers read it)"...)
		}
	// The text of callers begins otherwise.
	case missedCaller:
		b = append(b[:len(b)-len("the host, but not ")], who.Miss(r.callers)...)
	default:
		b = r.appendMiss(b, m.missed, req)
	}
	// What is proposed is an entry for this call, and not a change of the nearest rule.
	at := len(b)
	b = h.appendEntries(b, req, d, who)
	// The nearest rule is for others, so that this entry, if there is one, is for the caller alone.
	if m.missed == missedCaller && len(b) > at {
		line, ok := who.Line()
		if b = append(b, line...); !ok || req.N > 1 {
			b = b[:at]
		}
	}
	reason, allow = cut(b, at)
	return e.rule, reason, allow
}

// cut returns the first bytes of b, and the others, as parts of one text.
func cut(b []byte, at int) (first, rest string) {
	text := string(b)
	return text[:at], text[at:]
}

// nearEntry is the whitelist entry that came nearest to the first destination and reading that none
// vouches for.
type nearEntry struct {
	// Indexes into the request's destinations, the readings of its path, and the entries.
	dest    int
	reading int
	path    string
	entry   int32
	missed  missed
	// embedded is the IPv4 address that the destination's IPv6 address stands for. It is valid if
	// that address alone has no rule.
	embedded netip.Addr
}

// nearMiss returns the first destination and reading that no whitelist rule vouches for, with the
// entry that came nearest.
func (h *Rules) nearMiss(req *canon.Request, who *rule.Caller) (best nearEntry) {
	req.Steps = maxSteps
	// As in judge, readings for blacklists alone do not need a rule.
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
			// m starts with missedHost: no entry is known.
			m := nearEntry{dest: n, reading: i, path: path}
			vouched := false
			found := h.index.find(d)
			for number, more := found.Next(); more && !vouched; number, more = found.Next() {
				e := &h.index.entries[number]
				r := &h.rules[e.rule]
				// Rules about other calls, such as net:, are never near.
				if !r.vouches() || !r.about(requests) {
					continue
				}
				why := h.misses(e, r, d, req, path, who)
				if vouched = why == missedNothing; vouched {
					break
				}
				// The later the condition that fails, the nearer. Among equals, the first entry
				// counts.
				if why > m.missed || why == m.missed && why != missedHost && number < m.entry {
					m.missed, m.entry = why, number
				}
			}
			if !vouched {
				return m
			}
			// The host is allowed. An IPv4 address inside of it needs a rule, too.
			others := d.Others()
			for _, addr := range others.Embedded() {
				if other := (canon.Dest{Scheme: d.Scheme, Addr: addr, Port: d.Port}); !h.vouchedFor(&other, req, path, who) {
					m.missed, m.embedded = missedHost, addr
					return m
				}
			}
		}
	}
	return best
}

// vouchedFor reports whether a whitelist rule vouches for one destination and reading.
func (h *Rules) vouchedFor(d *canon.Dest, req *canon.Request, path string, who *rule.Caller) bool {
	found := h.index.find(d)
	for number, more := found.Next(); more; number, more = found.Next() {
		e := &h.index.entries[number]
		r := &h.rules[e.rule]
		if r.vouches() && r.about(requests) && h.misses(e, r, d, req, path, who) == missedNothing {
			return true
		}
	}
	return false
}

// misses returns the first thing that keeps an entry, whose host has matched, from vouching.
func (h *Rules) misses(e *entry, r *conditions, d *canon.Dest, req *canon.Request, path string, who *rule.Caller) missed {
	// In the order of the constants of missed, which is that of nearness.
	switch {
	case e.scheme != "" && e.scheme != d.Scheme:
		return missedScheme
	case e.port != pattern.AnyPort && e.port != int(d.Port):
		return missedPort
	case !e.matches(d, req, path, false):
		return missedPath
	}
	return r.misses(d, req, path, who)
}
