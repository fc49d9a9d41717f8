package netguard

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// A query is what a DNS message asks for.
type query struct {
	id       uint16
	question dnsmessage.Question
	names    []string // what it is judged by: a name or an address; of several, each may be what was asked for
}

// errUnreadable refuses a query: what cannot be read cannot be judged.
var errUnreadable = errors.New("netguard: the DNS query cannot be read")

// parseQuery reads a query that package net has made. search are the suffixes that it may have
// added.
func parseQuery(message []byte, search []string) (q query, err error) {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil || header.Response {
		return q, errUnreadable
	}
	question, err := p.Question()
	if err != nil {
		return q, errUnreadable
	}
	if _, err := p.Question(); err != dnsmessage.ErrSectionDone {
		return q, errUnreadable // which of the questions would be answered is not known
	}
	q = query{id: header.ID, question: question, names: asked(canonical(question.Name.String()), question.Type, search)}
	return q, nil
}

// asked returns the names that a query for name may have been made for.
func asked(name string, t dnsmessage.Type, search []string) []string {
	// A PTR query asks for the name of an address, so an address rule decides.
	if t == dnsmessage.TypePTR {
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
	if t == dnsmessage.TypeSRV || t == dnsmessage.TypeTXT {
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
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil || !header.Response || header.ID != q.id || header.Truncated || header.RCode != dnsmessage.RCodeSuccess {
		return nil
	}
	question, err := p.Question()
	// A forged or late response to another question must not teach an address for this name.
	if err != nil || question.Type != q.question.Type || question.Class != q.question.Class ||
		canonical(question.Name.String()) != canonical(q.question.Name.String()) {
		return nil
	}
	if p.SkipAllQuestions() != nil {
		return nil
	}
	var addrs []netip.Addr
	// Package net uses the addresses of all records, whatever name they have: a CNAME leads to
	// another.
	for {
		h, err := p.AnswerHeader()
		if err != nil {
			return addrs
		}
		switch h.Type {
		case dnsmessage.TypeA:
			r, err := p.AResource()
			if err != nil {
				return addrs
			}
			addrs = append(addrs, netip.AddrFrom4(r.A))
		case dnsmessage.TypeAAAA:
			r, err := p.AAAAResource()
			if err != nil {
				return addrs
			}
			addrs = append(addrs, netip.AddrFrom16(r.AAAA).Unmap())
		default:
			if p.SkipAnswer() != nil {
				return addrs
			}
		}
	}
}
