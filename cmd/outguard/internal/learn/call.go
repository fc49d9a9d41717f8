package learn

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/mask"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// A place is where a function runs, as far as rules depend on it.
type place struct{ function, stage, region, account string }

// A call is all calls of a log that differ in ids alone.
type call struct {
	place
	notify.Call // the least of them, so that the order of lines does not matter
	// It embeds the evidence of all lines; the fields below are about what rules need beyond that.
	evidence
	forbidden string // what forbade one of them, other than a whitelist; "" if nothing did
	first     time.Time
	caller    string // of the line that was read last
	wireOnly  bool   // all of them were seen on the wire, where the operation has been judged before
}

// evidence is what the log knows of calls.
type evidence struct {
	calls    int
	last     time.Time
	callers  map[string]bool // packages
	atLeast  bool            // there may be more calls than the log counts
	distinct int             // different calls, at most 65

	named, tried int // of calls: those of their own lines, and of lines about a next policy, which may be the same ones
}

// maxCallers is how many callers are counted.
const maxCallers = 100

// newCall begins with the first line of a call. wireOnly stays true until a line shows another way.
func newCall(a *notify.Alert) *call {
	return &call{place: place{a.Function, a.Stage, a.Region, a.Account}, Call: a.Call, wireOnly: true}
}

// sample keeps the least of equal calls.
func (c *call) sample(a *notify.Alert) {
	if cmp.Or(cmp.Compare(a.Call.URL, c.URL), slices.Compare(a.Call.Resources, c.Resources), cmp.Compare(a.Call.Via, c.Via)) < 0 {
		// Via is the least by itself, since it says how a call was seen and not which call it was.
		via := c.Via
		c.Call = a.Call
		c.Via = min(via, c.Via)
	}
	c.wireOnly = c.wireOnly && a.Call.Via == "wire"
}

// count adds a line to the evidence, and notes the first time, which Uses reports.
func (c *call) count(a *notify.Alert) {
	c.add(a)
	if c.first.IsZero() || a.Time.Before(c.first) {
		c.first = a.Time
	}
}

// add counts the calls of a line.
func (e *evidence) add(a *notify.Alert) {
	// A line without a count stands for one call.
	n := max(a.Count, 1)
	// A call may have both a line of its own and one about a next policy. The larger sum is certain
	// to be counted once only.
	if a.Schema == nextSchema {
		e.tried += n
	} else {
		e.named += n
	}
	e.calls = max(e.named, e.tried)
	e.distinct = max(e.distinct, a.Distinct, 1)
	if a.Time.After(e.last) {
		e.last = a.Time
	}
	// "(none)": no code of the function was on the stack.
	if a.Caller == "" || a.Caller == "(none)" {
		return
	}
	if e.callers == nil {
		e.callers = map[string]bool{}
	}
	// The text of a log is not trusted: without a bound, callers could fill the memory.
	if len(e.callers) < maxCallers {
		e.callers[notify.CallerPackage(a.Caller)] = true
	}
}

// merge adds other evidence.
func (e *evidence) merge(f *evidence) {
	e.calls += f.calls
	// atLeast stays: a sum of a count and a lower bound is a lower bound.
	e.atLeast = e.atLeast || f.atLeast
	if f.last.After(e.last) {
		e.last = f.last
	}
	for c := range f.callers {
		if e.callers == nil {
			e.callers = map[string]bool{}
		}
		e.callers[c] = true
	}
}

// otherKey begins what a reason says of a call that another account's key signs.
// Package policy writes it into the reason of a refusal.
const otherKey = ", with a key of account "

// weigh keeps what forbade a call, other than a whitelist. Of several texts, it keeps the least.
func (c *call) weigh(a *notify.Alert) {
	// A whitelist forbids everything that it does not list, which is why there is something to
	// learn.
	note := func(list, rule, place, reason string) {
		if list == "whitelist" {
			return
		}
		text := forbidden(list, rule, place, reason)
		if c.forbidden == "" || text < c.forbidden {
			c.forbidden = text
		}
	}
	// The line names the first rule that decided, and Against the others.
	note(a.List, a.Rule, a.Place, a.Reason)
	for _, r := range a.Against {
		note(r.List, r.Rule, r.Place, r.Reason)
	}
	if a.List == "whitelist" && len(a.Against) == 0 && a.Call.Kind == "aws" && strings.Contains(a.Reason, otherKey) {
		note("builtin", "foreign-credentials", a.Place, a.Reason) // Against is absent if too many calls were new at once
	}
}

// forbidden says what forbids a call: "blacklist no-reads (policy.yaml:12): reason".
func forbidden(list, rule, place, reason string) string {
	// A reason without a list is about the policy as a whole, for example one that does not load.
	text := cmp.Or(list, "policy")
	// Built-in rules have no place in a file.
	if list == "builtin" {
		text = "built-in rule"
	}
	// A rule without an id has its place as its name.
	if rule != "" && rule != place {
		text += " " + rule
	}
	if place != "" && list != "builtin" {
		text += " (" + place + ")"
	}
	return text + ": " + reason
}

// anyID stands for ids that are masked. Package foldids turns twenty zeros into *, as it does with
// the id that was masked.
const anyID = "00000000000000000000"

// unmask replaces what is masked by an id, which folds into the same form.
func unmask(s string) string { return strings.ReplaceAll(s, mask.Masked, anyID) }

// call returns the call as a policy judges it. Otherwise it returns why it cannot be judged.
func (c *call) call() (call policy.Call, cannot string) {
	switch c.Kind {
	case "net":
		// A host cannot be a glob in net:, so that a masked one cannot be learned.
		if strings.Contains(c.Net, mask.Masked) {
			return call, "a part of the host is masked"
		}
		call.Net = c.Net
		// How a call was seen decides which rules can judge it: a name alone, an address, or a
		// proxy.
		switch c.Via {
		case "name":
			call.Via = policy.ViaName
		case "dial", "context", "connect":
			call.Via = policy.ViaContext
		case "proxy":
			call.Via = policy.ViaProxy
		}
		return call, ""
	case "aws":
		// Both the SDK and the transport write lines. If only the latter did, the operation was
		// allowed.
		if c.wireOnly && c.URL != "" {
			return c.request() // the operation has been judged, and this is about its host
		}
		call.AWS = policy.AWSCall{Service: c.Service, Operation: c.Operation, Region: c.Call.Region, Presigned: c.Presigned}
		// "…" ends a resource that was cut, or stands for further ones. Judged without them, the
		// call might be allowed wrongly.
		for _, r := range c.Resources {
			if strings.HasSuffix(r, "…") {
				return call, "the line does not hold all of its resources"
			}
			call.AWS.Resources = append(call.AWS.Resources, unmask(r))
		}
		call.Via = policy.ViaSDK
		return call, ""
	}
	return c.request()
}

// request returns an HTTP call. Of a masked URL, ids take the place of masked pieces in its path.
func (c *call) request() (call policy.Call, cannot string) {
	if strings.HasSuffix(c.URL, "…") {
		return call, "the line does not hold the whole URL"
	}
	scheme, rest, _ := strings.Cut(c.URL, "://")
	// A host is never unmasked: another host is another rule.
	host, path, _ := strings.Cut(rest, "/")
	if host == "" || strings.Contains(host, mask.Masked) {
		return call, "the host is not known, or a part of it is masked"
	}
	r, err := http.NewRequest(c.Method, scheme+"://"+host+"/"+unmask(path), nil)
	if err != nil {
		return call, "the request cannot be read"
	}
	// http.NewRequest has got the slash that the line does not have.
	if !strings.Contains(rest, "/") {
		r.URL.Path = ""
	}
	return policy.Call{HTTP: r, Via: policy.ViaTransport}, ""
}

// String names the call for people.
func (c *call) String() string {
	// Such a call is shown as it was judged: by its host.
	if c.Kind == "aws" && c.URL != "" && c.wireOnly {
		return c.Method + " " + c.URL
	}
	return c.Call.String()
}

// where names the function and stage of the call.
func (c *call) where() string {
	if c.stage == "" {
		return c.function
	}
	return c.function + "@" + c.stage
}
