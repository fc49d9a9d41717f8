package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// This file compares patterns: whether some call may match both.

// Overlaps reports whether some call may match both patterns. It serves warnings about patterns
// that have nothing in common, so a doubt is a yes. Patterns of two kinds may always meet: an
// address has a host, and an operation a request.
func Overlaps(p, q Pattern) bool {
	switch p := p.(type) {
	case *HTTP:
		q, ok := q.(*HTTP)
		return !ok || p.overlaps(q)
	case *Net:
		q, ok := q.(*Net)
		return !ok || p.overlaps(q)
	case *AWS:
		q, ok := q.(*AWS)
		return !ok || p.overlaps(q)
	case *IP:
		q, ok := q.(*IP)
		if !ok {
			return true
		}
		for _, r := range p.Ranges {
			for _, s := range q.Ranges {
				if r.Overlaps(s) {
					return true
				}
			}
		}
		return false
	}
	return true
}

// overlaps compares part by part. Each must have something in common.
func (p *HTTP) overlaps(q *HTTP) bool {
	if p.Scheme != "" && q.Scheme != "" && p.Scheme != q.Scheme || p.Port != AnyPort && q.Port != AnyPort && p.Port != q.Port {
		return false
	}
	// An address and a name are different hosts here.
	if p.Host != "*" && q.Host != "*" && (p.Addr != q.Addr || !hostsOverlap(p.Host, q.Host)) {
		return false
	}
	return p.Path == "" || q.Path == "" || pathsOverlap(p.Path, q.Path)
}

// overlaps compares two networks, or two names.
func (p *Net) overlaps(q *Net) bool {
	if p.Port != AnyPort && q.Port != AnyPort && p.Port != q.Port {
		return false
	}
	if p.Prefix.IsValid() && q.Prefix.IsValid() {
		return p.Prefix.Overlaps(q.Prefix)
	}
	if p.Prefix.IsValid() || q.Prefix.IsValid() {
		return true // a name may come to any address
	}
	return hostsOverlap(p.Host, q.Host)
}

// overlaps of two AWS patterns knows that an operation goes by several names: its own and those
// of its IAM actions, some of them of another service.
func (p *AWS) overlaps(q *AWS) bool {
	if p.Service == "*" || q.Service == "*" {
		return true
	}
	// Different services mostly have nothing in common.
	if p.Service != q.Service {
		// The services of S3 share their operations, and so do some others: a doubt.
		return p.Service[:min(2, len(p.Service))] == q.Service[:min(2, len(q.Service))]
	}
	if GlobsOverlap(p.Operation, q.Operation) {
		return true
	}
	// A full name may stand for other names of the same operation.
	switch wild := strings.ContainsAny(p.Operation, "*?"); {
	case !strings.ContainsAny(q.Operation, "*?"):
		return p.takesNameOf(q) || !wild && q.takesNameOf(p)
	case !wild:
		return q.takesNameOf(p)
	}
	// Two globs: the names of all operations are tried.
	return p.shareAnOperation(q)
}

// shareAnOperation reports whether two patterns match one operation, each by one of its names.
func (p *AWS) shareAnOperation(q *AWS) bool {
	found := false
	awsops.Renames(p.Service, func(names []string) {
		match := func(p *AWS) bool {
			return slices.ContainsFunc(names, func(name string) bool { return MatchGlob(p.Operation, strings.ToLower(name)) })
		}
		found = found || match(p) && match(q)
	})
	return found
}

// takesNameOf reports whether p matches another name of the operation or action that q names in
// full.
func (p *AWS) takesNameOf(q *AWS) bool {
	// Actions has the IAM actions of an operation, and Operations the operations of an action.
	for action := range strings.SplitSeq(awsops.Actions(q.Service, q.Operation), ",") {
		if action != "" && MatchGlob(p.Operation, strings.ToLower(action)) {
			return true
		}
	}
	found := false
	awsops.Operations(q.Service, q.Operation, func(prefix, operation string) {
		found = found || prefix != p.Service || MatchGlob(p.Operation, strings.ToLower(operation))
	})
	return found
}

// hostsOverlap compares hosts, in which a leading "*." is one or more labels and any other * stays
// inside its label.
func hostsOverlap(p, q string) bool {
	if p == "*" || q == "*" {
		return true
	}
	ps, qs := strings.Split(p, "."), strings.Split(q, ".")
	// Label by label from the right, where the domain is.
	for len(ps) > 0 && len(qs) > 0 {
		i, j := len(ps)-1, len(qs)-1
		// A leading "*." takes all that is left.
		if i == 0 && ps[0] == "*" || j == 0 && qs[0] == "*" {
			return true
		}
		if !GlobsOverlap(ps[i], qs[j]) {
			return false
		}
		ps, qs = ps[:i], qs[:j]
	}
	// Both must end together.
	return len(ps) == len(qs)
}

// pathsOverlap compares paths. With a ** in one of them, what comes before it decides.
func pathsOverlap(p, q string) bool {
	ps, qs := strings.Split(p, "/"), strings.Split(q, "/")
	for i := 0; i < len(ps) && i < len(qs); i++ {
		if ps[i] == "**" || qs[i] == "**" {
			return true
		}
		if !GlobsOverlap(ps[i], qs[i]) {
			return false
		}
	}
	// In a blacklist, /admin/** also matches /admin.
	ends := func(rest []string) bool { return len(rest) == 0 || rest[0] == "**" }
	n := min(len(ps), len(qs))
	return ends(ps[n:]) && ends(qs[n:])
}

// GlobsOverlap reports whether some text is matched by both globs. Time grows with one length times
// the other.
func GlobsOverlap(p, q string) bool {
	// Most patterns have no wildcard.
	if !strings.ContainsAny(p, "*?") && !strings.ContainsAny(q, "*?") {
		return p == q
	}
	// Long globs are a doubt, and a doubt is a yes.
	if len(p)*len(q) > 1<<16 {
		return true
	}
	// row[j]: whether p[i:] and q[j:] have a text in common.
	row, next := make([]bool, len(q)+1), make([]bool, len(q)+1)
	// From the ends to the beginnings, with the row below at hand.
	for i := len(p); i >= 0; i-- {
		for j := len(q); j >= 0; j-- {
			switch {
			case i == len(p) && j == len(q):
				row[j] = true
			// A * takes nothing, or one more letter of the other.
			case i < len(p) && p[i] == '*':
				row[j] = next[j] || j < len(q) && row[j+1]
			case j < len(q) && q[j] == '*':
				row[j] = row[j+1] || i < len(p) && next[j]
			case i < len(p) && j < len(q):
				row[j] = (p[i] == q[j] || p[i] == '?' || q[j] == '?') && next[j+1]
			default:
				row[j] = false
			}
		}
		row, next = next, row
	}
	return next[0]
}
