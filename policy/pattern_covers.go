package policy

import (
	"net/netip"
	"slices"
	"strings"
)

func (p *httpPattern) covers(other pattern) bool {
	q, ok := other.(*httpPattern)
	return ok && (p.scheme == "" || p.scheme == q.scheme) &&
		(p.port == anyPort || p.port == q.port) &&
		(p.host == "*" || p.addr == q.addr && hostCovers(p.host, q.host)) &&
		pathCovers(p.path, q.path)
}

func (p *netPattern) covers(other pattern) bool {
	q, ok := other.(*netPattern)
	return ok && (p.port == anyPort || p.port == q.port) && p.prefix.IsValid() == q.prefix.IsValid() &&
		(prefixCovers(p.prefix, q.prefix) || !p.prefix.IsValid() && hostCovers(p.host, q.host))
}

func (p *awsPattern) covers(other pattern) bool {
	q, ok := other.(*awsPattern)
	return ok && (p.service == "*" || p.service == q.service) && globCovers(p.operation, q.operation)
}

// covers of an ip: pattern also holds for an http: pattern whose host is an address in one of the ranges.
func (p *ipPattern) covers(other pattern) bool {
	switch q := other.(type) {
	case *ipPattern:
		for _, r := range q.ranges {
			if !p.has(r) {
				return false
			}
		}
		return len(q.ranges) > 0
	case *httpPattern:
		return q.addr.IsValid() && p.has(netip.PrefixFrom(q.addr, q.addr.BitLen()))
	}
	return false
}

func (p *ipPattern) has(q netip.Prefix) bool {
	return slices.ContainsFunc(p.ranges, func(r netip.Prefix) bool { return prefixCovers(r, q) })
}

func (p *httpPattern) String() string { return p.text }
func (p *netPattern) String() string  { return p.text }
func (p *awsPattern) String() string  { return p.text }
func (p *ipPattern) String() string   { return p.text }

// anyCovers reports whether one of the patterns covers q.
func anyCovers(all []pattern, q pattern) bool {
	return slices.ContainsFunc(all, func(p pattern) bool { return p.covers(q) })
}

func prefixCovers(p, q netip.Prefix) bool {
	return p.IsValid() && q.IsValid() && p.Bits() <= q.Bits() && p.Contains(q.Addr())
}

// hostCovers compares hosts, in which a leading "*." is one or more labels and any other * stays inside its label.
func hostCovers(p, q string) bool {
	if p == q || !strings.Contains(p, "*") {
		return p == q
	}
	if under, ok := strings.CutPrefix(p, "*"); ok && strings.HasPrefix(under, ".") && !strings.Contains(under, "*") {
		return strings.HasSuffix(q, under)
	}
	ps, qs := strings.Split(p, "."), strings.Split(q, ".")
	if len(ps) != len(qs) || qs[0] == "*" || ps[0] == "*" {
		return false
	}
	for i := range ps {
		if !globCovers(ps[i], qs[i]) {
			return false
		}
	}
	return true
}

// pathCovers compares paths, in which * is one segment, or a part of one, and ** any number.
func pathCovers(p, q string) bool {
	if p == "" || p == "/**" || p == q || !strings.Contains(p, "*") {
		return p == "" || p == "/**" || p == q
	}
	return q != "" && segmentsCover(strings.Split(p, "/"), strings.Split(q, "/"))
}

// segmentsCover compares the segments of two paths as globCovers does letters: time grows with one times the other. A last
// ** of p takes one segment at least.
func segmentsCover(p, q []string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(q) {
		switch {
		case i < len(p) && p[i] == "**":
			if i == len(p)-1 {
				return true
			}
			star, mark = i, j
			i++
		case i < len(p) && q[j] != "**" && (q[j] != "" || p[i] == "") && globCovers(p[i], q[j]):
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

// globCovers reports whether glob p takes every text that glob q takes: q's own * can only be taken by a * of p.
func globCovers(p, q string) bool {
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
	return strings.Trim(p[i:], "*") == ""
}
