package pattern

import (
	"net/netip"
	"slices"
	"strings"
)

// This file compares patterns: which one matches all that another does.

// Same reports whether two patterns are equal in every part.
func Same(p, q Pattern) bool {
	switch p := p.(type) {
	case *HTTP:
		q, ok := q.(*HTTP)
		return ok && *p == *q
	case *AWS:
		q, ok := q.(*AWS)
		return ok && *p == *q
	case *Net:
		q, ok := q.(*Net)
		return ok && *p == *q
	case *IP:
		q, ok := q.(*IP)
		return ok && p.text == q.text && p.Doubt == q.Doubt && slices.Equal(p.Ranges, q.Ranges)
	}
	return false
}

// covers of an http: pattern compares part by part: each must be at least as wide.
func (p *HTTP) covers(other Pattern) bool {
	q, ok := other.(*HTTP)
	return ok && (p.Scheme == "" || p.Scheme == q.Scheme) &&
		(p.Port == AnyPort || p.Port == q.Port) &&
		// An address is covered by the same address, or by any host.
		(p.Host == "*" || p.Addr == q.Addr && hostCovers(p.Host, q.Host)) &&
		pathCovers(p.Path, q.Path)
}

// covers of a net: pattern holds between two networks, or between two names.
func (p *Net) covers(other Pattern) bool {
	q, ok := other.(*Net)
	return ok && (p.Port == AnyPort || p.Port == q.Port) && p.Prefix.IsValid() == q.Prefix.IsValid() &&
		(prefixCovers(p.Prefix, q.Prefix) || !p.Prefix.IsValid() && hostCovers(p.Host, q.Host))
}

// covers of an aws: pattern compares the names as written. That an action stands for several
// operations is left out: a doubt is a no.
func (p *AWS) covers(other Pattern) bool {
	q, ok := other.(*AWS)
	return ok && (p.Service == "*" || p.Service == q.Service) && GlobCovers(p.Operation, q.Operation)
}

// covers of an ip: pattern also holds for an http: pattern whose host is an address in one of the
// ranges.
func (p *IP) covers(other Pattern) bool {
	switch q := other.(type) {
	case *IP:
		for _, r := range q.Ranges {
			if !p.has(r) {
				return false
			}
		}
		return len(q.Ranges) > 0
	case *HTTP:
		return q.Addr.IsValid() && p.has(netip.PrefixFrom(q.Addr, q.Addr.BitLen()))
	}
	return false
}

// has reports whether a range is within one of the pattern's.
func (p *IP) has(q netip.Prefix) bool {
	return slices.ContainsFunc(p.Ranges, func(r netip.Prefix) bool { return prefixCovers(r, q) })
}

// String returns the pattern in normal form.
func (p *HTTP) String() string { return p.text }

// String returns the pattern in normal form.
func (p *Net) String() string { return p.text }

// String returns the pattern as written.
func (p *AWS) String() string { return p.Text }

// String returns the pattern in normal form.
func (p *IP) String() string { return p.text }

// AnyCovers reports whether one of the patterns covers q.
func AnyCovers(all []Pattern, q Pattern) bool {
	return slices.ContainsFunc(all, func(p Pattern) bool { return p.covers(q) })
}

// prefixCovers reports whether p holds all of q. Invalid prefixes hold nothing.
func prefixCovers(p, q netip.Prefix) bool {
	return p.IsValid() && q.IsValid() && p.Bits() <= q.Bits() && p.Contains(q.Addr())
}

// hostCovers compares hosts, in which a leading "*." is one or more labels and any other * stays
// inside its label.
func hostCovers(p, q string) bool {
	// Without a star, p is one host.
	if p == q || !strings.Contains(p, "*") {
		return p == q
	}
	// "*.a.com" takes one or more labels in front of a.com, and any pattern that ends so.
	if under, ok := strings.CutPrefix(p, "*"); ok && strings.HasPrefix(under, ".") && !strings.Contains(under, "*") {
		return strings.HasSuffix(q, under)
	}
	// Other stars stay in their label, so that the numbers of labels must agree.
	ps, qs := strings.Split(p, "."), strings.Split(q, ".")
	if len(ps) != len(qs) || qs[0] == "*" || ps[0] == "*" {
		return false
	}
	for i := range ps {
		if !GlobCovers(ps[i], qs[i]) {
			return false
		}
	}
	return true
}

// pathCovers compares paths, in which * is one segment, or a part of one, and ** any number.
func pathCovers(p, q string) bool {
	// "" and "/**" are any path, and a literal one takes itself alone.
	if p == "" || p == "/**" || p == q || !strings.Contains(p, "*") {
		return p == "" || p == "/**" || p == q
	}
	return q != "" && segmentsCover(strings.Split(p, "/"), strings.Split(q, "/"))
}

// segmentsCover compares the segments of two paths as globCovers does letters: time grows with
// one times the other. A last ** of p takes one segment at least.
func segmentsCover(p, q []string) bool {
	// star is the last ** of p, and mark where in q it began: what follows is tried from there on.
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(q) {
		switch {
		case i < len(p) && p[i] == "**":
			// The last ** takes whatever is left, but at least one segment.
			if i == len(p)-1 {
				return true
			}
			star, mark = i, j
			i++
		// A * takes no empty segment, and no **.
		case i < len(p) && q[j] != "**" && (q[j] != "" || p[i] == "") && GlobCovers(p[i], q[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return i == len(p)
}

// GlobCovers reports whether glob p takes every text that glob q takes: q's own * can only be
// taken by a * of p.
func GlobCovers(p, q string) bool {
	// As in MatchGlob, with the letters of q. A * of q can only go into a * of p.
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(q) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == q[j] || p[i] == '?') && q[j] != '*':
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	// What is left of p must be able to take nothing.
	return strings.Trim(p[i:], "*") == ""
}
