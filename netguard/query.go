package netguard

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A query is what a DNS message asks for.
type query struct {
	id       uint16
	question question
	names    []string // what it is judged by: a name or an address; of several, each may be what was asked for
}

// errUnreadable refuses a query: what cannot be read cannot be judged.
var errUnreadable = errors.New("netguard: the DNS query cannot be read")

// parseQuery reads a query that package net has made. search are the suffixes that it may have
// added.
func parseQuery(message []byte, search []string) (q query, err error) {
	r := reader{message: message}
	h := r.header()
	question := r.question()
	// Of several questions, it is not known which one would be answered.
	if r.bad || h.response() || h.questions != 1 {
		return q, errUnreadable
	}
	return query{h.id, question, asked(question.name, question.kind, search)}, nil
}

// asked returns the names that a query for name may have been made for.
func asked(name string, kind uint16, search []string) []string {
	// A PTR query asks for the name of an address, so an address rule decides.
	if kind == typePTR {
		if addr, ok := reverse(name); ok {
			return []string{addr.String()}
		}
	}
	var names []string
	// With "search internal", a look-up of "db" asks for "db.internal". The policy has the name
	// that the program uses.
	for _, suffix := range search {
		if short, ok := strings.CutSuffix(name, "."+suffix); ok && short != "" {
			names = append(names, short)
		}
	}
	names = append(names, name)
	// A rule names the host, and _ldap._tcp belongs to it.
	if kind == typeSRV || kind == typeTXT {
		for i, n := range names {
			names[i] = withoutService(n)
		}
	}
	return slices.Compact(names)
}

// withoutService takes the leading labels that begin with _ off: "_ldap._tcp.example.com" is
// example.com's.
func withoutService(name string) string {
	rest := name
	for strings.HasPrefix(rest, "_") {
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			return name
		}
		rest = after
	}
	return rest
}

// reverse returns the address of a name in in-addr.arpa or ip6.arpa.
func reverse(name string) (netip.Addr, bool) {
	if rest, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		labels := strings.Split(rest, ".")
		slices.Reverse(labels)
		addr, err := netip.ParseAddr(strings.Join(labels, "."))
		return addr, err == nil && addr.Is4()
	}
	rest, ok := strings.CutSuffix(name, ".ip6.arpa")
	labels := strings.Split(rest, ".")
	// A shorter name stands for a network and not for one address.
	if !ok || len(labels) != 32 {
		return netip.Addr{}, false
	}
	var bytes [16]byte
	for i, label := range labels {
		digit, err := strconv.ParseUint(label, 16, 4)
		if err != nil || len(label) != 1 {
			return netip.Addr{}, false
		}
		at := 31 - i
		bytes[at/2] |= byte(digit) << (4 * (1 - at%2))
	}
	return netip.AddrFrom16(bytes), true
}

// answered returns the addresses in message if it is the response to q, as package net takes it;
// else nil.
func (q *query) answered(message []byte) []netip.Addr {
	r := reader{message: message}
	h := r.header()
	// A forged or late response to another question must not teach an address for this name.
	if r.question() != q.question || r.bad || !h.response() || h.id != q.id || h.truncated() || h.failed() || h.questions != 1 {
		return nil
	}
	var addrs []netip.Addr
	// Package net uses the addresses of all records, whatever name they have: a CNAME leads to
	// another. It does not compare the length of a record with that of an address.
	for range h.answers {
		r.name()
		kind := r.number()
		r.bytes(2 + 4) // class and time to live
		length := r.number()
		if r.bad {
			return addrs
		}
		rest := r.message[r.at:]
		switch {
		case kind == typeA && len(rest) < 4, kind == typeAAAA && len(rest) < 16:
			return addrs
		case kind == typeA:
			addrs = append(addrs, netip.AddrFrom4([4]byte(rest)))
		case kind == typeAAAA:
			addrs = append(addrs, netip.AddrFrom16([16]byte(rest)).Unmap())
		}
		r.bytes(int(length))
	}
	return addrs
}
