package guard

import (
	"sync"

	"github.com/outguard/outguard/policy"
)

// The layers below the requests see one call several times: as a name that is looked up for each
// address family, as a connection of the handler's context, as a connect. This file counts such a
// call once.

// maxCounted bounds what an invocation, or the time outside one, remembers. When it is full, it is
// emptied: a call may then be counted twice.
const maxCounted = 256

// counted holds the violations of the lower layers that have been recorded.
type counted struct {
	mu   sync.Mutex
	seen map[countedKey]policy.Via // the layer that was the first
}

// countedKey identifies a violation as the lower layers see it: they know the host, but no path and
// no method.
type countedKey struct {
	rule, host string
	list       policy.List
	next       bool   // of what a next policy would do
	caller     string // of a call that no layer saw whole: each place in the code counts
}

// first reports whether a violation of a lower layer is to be recorded: no layer has recorded one
// of the same rule and host before. Violations of other layers always are. caller is who calls, if
// the layer knows that.
func (c *counted) first(call *policy.Call, d *policy.Decision, caller string) bool {
	return c.firstOf(call, d, caller, false)
}

// firstOfNext is first for a call with which a next policy would deal otherwise.
func (c *counted) firstOfNext(call *policy.Call, d *policy.Decision, caller string) bool {
	return c.firstOf(call, d, caller, true)
}

// firstOf serves first and firstOfNext. next separates their keys: a violation does not hide the
// difference that a next policy makes.
func (c *counted) firstOf(call *policy.Call, d *policy.Decision, caller string, next bool) bool {
	if !lower(call.Via) {
		return true
	}
	key := countedKey{host: hostOf(call.Net), list: d.List, next: next}
	if d.Rule != nil {
		key.rule = d.Rule.ID
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	place := key
	// An unguarded call names code that bypasses the guard. Each such place needs an edit, so each
	// counts.
	if d.List == policy.Unguarded && call.Via != policy.ViaName {
		place.caller = caller
	}
	via, again := c.seen[key]
	// A name is looked up before the connection: that first record stands for the connection too.
	if again && via != policy.ViaName {
		_, again = c.seen[place]
	}
	// Of the lower layers, the handler's context sees a call first. So what it sees again is
	// another call, and the queue counts it.
	if again && call.Via != policy.ViaContext {
		return false
	}
	if c.seen == nil || len(c.seen) >= maxCounted {
		c.seen = map[countedKey]policy.Via{}
	}
	if _, ok := c.seen[key]; !ok {
		c.seen[key] = call.Via
	}
	c.seen[place] = call.Via
	return true
}

// lower reports whether a layer sees calls by their host alone.
func lower(v policy.Via) bool {
	return v == policy.ViaName || v == policy.ViaContext || v == policy.ViaConnect
}

// hostOf cuts the port off "host:port"; a name that is looked up may have none. A bracketed IPv6
// address without a port, "[::1]", stays whole.
func hostOf(net string) string {
	for i := len(net) - 1; i >= 0; i-- {
		switch net[i] {
		case ':':
			return net[:i]
		case ']':
			return net
		}
	}
	return net
}

// wentOut turns the decision on a connect, which cannot be refused any more, into a report.
func wentOut(d policy.Decision) policy.Decision {
	if d.Verdict == policy.Block {
		d.Verdict = policy.Alert
		d.Reason += "; the call went out, because only its address was seen when it connected"
	}
	return d
}
