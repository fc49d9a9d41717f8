package policy

import (
	"net/netip"
	"slices"
	"strings"
)

// The covers methods tell whether one pattern takes every call that another takes. They serve warnings, so a doubt is a no.

func (p *httpPattern) covers(q *httpPattern) bool {
	return (p.scheme == "" || p.scheme == q.scheme) &&
		(p.port == anyPort || p.port == q.port) &&
		(p.host == "*" || p.addr == q.addr && hostCovers(p.host, q.host)) &&
		pathCovers(p.path, q.path)
}

func (p *netPattern) covers(q *netPattern) bool {
	return (p.port == anyPort || p.port == q.port) && p.prefix.IsValid() == q.prefix.IsValid() &&
		(prefixCovers(p.prefix, q.prefix) || !p.prefix.IsValid() && hostCovers(p.host, q.host))
}

func (p *awsPattern) covers(q *awsPattern) bool {
	return (p.service == "*" || p.service == q.service) && globCovers(p.operation, q.operation)
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

// conditionsCover reports whether what r demands beside its subject, all calls that meet s's demands meet as well.
func (r *rule) conditionsCover(s *rule) bool {
	if r.methods != nil && (s.methods == nil || !subset(s.methods, r.methods)) || !r.except.within(&s.except) {
		return false
	}
	if r.kind != kindAWS {
		return true
	}
	mine, _ := accessOf(r.access, r.list)
	theirs, _ := accessOf(s.access, s.list)
	wide := func(mine, theirs []string) bool {
		return r.list == Blacklist && mine == nil || mine != nil && theirs != nil && subset(theirs, mine) || mine == nil && theirs == nil
	}
	return theirs&^mine == 0 && (r.resources == nil || s.resources != nil && subset(s.resources, r.resources)) &&
		wide(r.regions, s.regions) && wide(r.accounts, s.accounts)
}

func subset(some, all []string) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}

// within reports whether s takes nothing that t does not take.
func (s *subjects) within(t *subjects) bool {
	return len(s.hosts) == 0 &&
		allCovered(s.http, t.http, (*httpPattern).covers) &&
		allCovered(s.aws, t.aws, (*awsPattern).covers) &&
		allCovered(s.net, t.net, (*netPattern).covers) &&
		allCovered(s.ip, t.ip, func(p, q *netip.Prefix) bool { return prefixCovers(*p, *q) })
}

func allCovered[P any](some, all []P, covers func(p, q *P) bool) bool {
	for i := range some {
		if !coveredBy(&some[i], all, covers) {
			return false
		}
	}
	return true
}

func coveredBy[P any](q *P, all []P, covers func(p, q *P) bool) bool {
	for i := range all {
		if covers(&all[i], q) {
			return true
		}
	}
	return false
}
