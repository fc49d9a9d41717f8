package httprules

import (
	"unsafe"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file matches requests against both lists.

// Finding is what both lists say to one request. Rules are named by number; -1 is none.
type Finding struct {
	Black int32 // the blacklist rule with the strictest outcome that catches any destination and reading
	White int32 // a whitelist rule that vouches for a destination
	// Allowed reports that every destination, in every reading of the path, has a whitelist rule
	// that vouches for it.
	Allowed bool
	Exact   bool // and that rule names the host in full
	Any     bool // and that rule is http: any
}

// maxSteps bounds the time that the paths of rules take of one decision, to about 5 ms. A search
// for a text in a path of 64 KB takes 4,096 steps; see ruleindex.Path.
const maxSteps = 1 << 19

// Judge matches a request, and who makes it, against both lists at once, and fills f. It keeps
// nothing of req. If the path takes more than maxSteps to compare with the rules, it becomes an
// unknown path.
func (h *Rules) Judge(f *Finding, req *canon.Request, who *rule.Caller) {
	// The second time no path is compared, so that it always ends.
	h.judge(f, req, who)
	if req.Steps < 0 {
		req.Path.GiveUp()
		h.judge(f, req, who)
	}
}

// judge is Judge with the path as it is. req.Steps is below 0 if it took too long.
func (h *Rules) judge(f *Finding, req *canon.Request, who *rule.Caller) {
	req.Steps = maxSteps
	// True until a destination shows otherwise.
	*f = Finding{Black: -1, White: -1, Allowed: true, Exact: true, Any: true}
	// Most paths have one reading, and cost no copy.
	if req.Path.Plain() {
		h.judgePath(f, req, req.Path.String(), false, who)
		return
	}
	h.judgeReadings(f, req, who)
}

// judgeReadings is Judge for a path that can be read in several ways.
func (h *Rules) judgeReadings(f *Finding, req *canon.Request, who *rule.Caller) {
	// Readings go into one buffer on the stack, one after another.
	var room [512]byte
	buf := room[:]
	for i := range req.Path.Readings() {
		if req.Steps < 0 {
			return
		}
		path, blacklistOnly := req.Path.Reading(i, buf)
		text := unsafe.String(unsafe.SliceData(path), len(path)) // not kept, and not written while it is matched
		h.judgePath(f, req, text, blacklistOnly, who)
		buf = path // it may have grown
	}
}

// judgePath is Judge for one reading of the path. With blacklistOnly, no whitelist rule has to
// vouch for it.
func (h *Rules) judgePath(f *Finding, req *canon.Request, path string, blacklistOnly bool, who *rule.Caller) {
	// One destination that nobody vouches for is enough to forbid.
	for i := range req.N {
		d := &req.Dests[i]
		allowed, exact, any := false, false, false
		found := h.index.find(d)
		for n, ok := found.Next(); ok; n, ok = found.Next() {
			e := &h.index.entries[n]
			r := &h.rules[e.rule]
			// The cheap comparisons are first; the caller is asked at last.
			switch {
			case !e.matches(d, req, path, !r.vouches()) || !r.matches(d, req, path, who):
			case r.vouches():
				// The last rule that vouches is named. Any of them would do.
				allowed, exact, any = true, exact || e.exact, any || e.any
				f.White = e.rule
			default:
				f.Black = h.stricter(f.Black, e.rule)
			}
		}
		// Other addresses only matter if some rule has addresses.
		if h.index.addrs.Len() > 0 && !h.judgeOthers(f, d, req, path, who) {
			allowed = false
		}
		// A reading for blacklists alone, such as one that takes full-width characters for ASCII.
		if !blacklistOnly {
			f.Allowed, f.Exact, f.Any = f.Allowed && allowed, f.Exact && exact, f.Any && any
		}
	}
}

// judgeOthers judges the other addresses that a destination stands for. A blacklist rule applies if
// it matches any of them. It reports whether a whitelist rule vouches for each one that is embedded
// in the destination's own address.
func (h *Rules) judgeOthers(f *Finding, d *canon.Dest, req *canon.Request, path string, who *rule.Caller) (vouched bool) {
	others := d.Others()
	vouched = true
	for i, addr := range others.All() {
		other := canon.Dest{Scheme: d.Scheme, Addr: addr, Port: d.Port}
		// one: not embedded in the address itself, so that no whitelist rule is needed.
		one := i >= len(others.Embedded())
		found := h.index.find(&other)
		for n, ok := found.Next(); ok; n, ok = found.Next() {
			e := &h.index.entries[n]
			r := &h.rules[e.rule]
			switch {
			case !e.matches(&other, req, path, !r.vouches()) || !r.matches(&other, req, path, who):
			case r.vouches():
				one = true
			default:
				f.Black = h.stricter(f.Black, e.rule)
			}
		}
		vouched = vouched && one
	}
	return vouched
}

// stricter returns the one of two blacklist rules that counts: the one with the stricter outcome,
// and among equals the first in the file. -1 stands for none.
func (h *Rules) stricter(a, b int32) int32 {
	if a < 0 || b < 0 {
		// max(a, b) is the one that is not -1.
		return max(a, b)
	}
	old, now := h.rules[a].outcome, h.rules[b].outcome
	// A lower outcome is stricter.
	if now < old || now == old && b < a {
		return b
	}
	return a
}

// matches reports whether the entry, whose host has matched, holds for the destination and this
// reading of the path. What goes through a tunnel may have any scheme, method and path: a blacklist
// entry holds for it whatever it names, a whitelist entry only if it names no path. The same is
// true of an unknown path.
func (e *entry) matches(d *canon.Dest, req *canon.Request, path string, wide bool) bool {
	// Scheme and port first, without a look at the path.
	if e.scheme != "" && e.scheme != d.Scheme && !(req.Tunnel && wide) || e.port != pattern.AnyPort && e.port != int(d.Port) {
		return false
	}
	if e.paths == nil {
		return true
	}
	// The path is not known: the safe reading of the rule's mode.
	if req.Tunnel || req.Path.Unknown() {
		return wide
	}
	// One of the forms is enough.
	for _, p := range e.paths {
		if p.Match(path, &req.Steps) {
			return true
		}
	}
	// The steps ran out: what was not compared may match, which counts for blacklists.
	return req.Steps < 0 && wide
}

// has reports whether any entry holds.
func (x *index) has(d *canon.Dest, req *canon.Request, path string, wide bool) bool {
	found := x.find(d)
	for n, ok := found.Next(); ok; n, ok = found.Next() {
		if x.entries[n].matches(d, req, path, wide) {
			return true
		}
	}
	return false
}
