package guard

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// This file lets package source change what a guard judges by, and reports what becomes of it.

// A Source has newer policies than the one in the deployment package. Package source makes one from
// a URL, or from a type of the program; docs/fleet.md says how such policies are made, signed and
// rolled out.
type Source interface {
	Follow(sourceapi.Host) sourceapi.Follower
}

// A remote is a guard's part of following a source.
type remote struct {
	sourceapi.Follower
	*host
}

// host is a guard as package source sees it.
type host struct {
	guard    *Guard // the one that it was made for; self judges
	settings *settings
	central  *central // how central files are compiled
	facts    sourceapi.Facts
}

// watch makes g follow a source, if one is configured. own and central are the packaged policies.
func (g *Guard) watch(s *settings, c *central, layers string, own, fromLayers []*policy.Policy) {
	source := s.openSource(g)
	if source == nil {
		return
	}
	h := &host{guard: g, settings: s, central: c}
	h.facts = sourceapi.Facts{
		Function: cmp.Or(s.start(functionName), s.Function), Lambda: h.newCentral().env().Function,
		Own: own, Central: fromLayers, Concurrent: g.lifecycle.concurrent,
		Keys: s.Keys, Layers: layers, AtStart: s.SourceAtStart,
	}
	follower := source.Follow(h)
	if follower == nil {
		g.warnings = append(g.warnings, "Options.Source was not made by package source, and has no effect")
		return
	}
	g.warnings = append(g.warnings, follower.About().Warnings...)
	g.remote.Store(&remote{follower, h})
}

// openSource returns the source of Options, else that of $OUTGUARD_SOURCE; nil if there is none.
func (s *settings) openSource(g *Guard) Source {
	warn := func(text string) { g.warnings = append(g.warnings, text) }
	url := s.start("OUTGUARD_SOURCE")
	switch {
	case s.Source != nil:
		if url != "" {
			warn("OUTGUARD_SOURCE is set and not used, because Options.Source is set")
		}
		return s.Source
	case url == "":
		return nil
	case sourceapi.Open == nil:
		warn(`OUTGUARD_SOURCE is set and has no effect: the program does not import _ "github.com/outguard/outguard/source"`)
		return nil
	}
	source, err := sourceapi.Open(url, s.start)
	if err != nil {
		warn("OUTGUARD_SOURCE has no effect: " + cleaned(err.Error()))
		return nil
	}
	return source
}

// packaged returns the policy that came with the function.
func (g *Guard) packaged() *policy.Policy {
	if r := g.remote.Load(); r != nil {
		return r.facts.Packaged()
	}
	return g.policy()
}

// trustsLike reports whether guards can be one as far as their sources are concerned: neither
// follows one, or both have the same keys. So nobody gives another's guard a source with keys of
// their own, whose policies could loosen it.
func (g *Guard) trustsLike(other *Guard) bool {
	return g.remote.Load() == nil && other.remote.Load() == nil || slices.Equal(g.keys, other.keys)
}

// adoptRemote decides between the sources of two equal guards; from is the code that brings the
// second. A source with keys goes before one without, and otherwise the first one counts: the
// program's signatures are required whatever a dependency loads. What has come from a source that
// is adopted takes effect at once, or if an invocation is judged by another policy, after it: see
// Begin.
func (g *Guard) adoptRemote(other *Guard, from string) {
	r, mine := other.remote.Load(), g.remote.Load()
	if r == nil || mine != nil && mine.same(r) {
		return
	}
	adopts := mine == nil || r.About().Signed && !mine.About().Signed
	if adopts {
		g.remote.Store(r)
		if g.lifecycle.concurrent || g.lifecycle.idle() {
			g.current.Store(other.current.Load())
			judged.Exchange()
		}
	}
	switch {
	case mine == nil:
		g.logGap(fmt.Sprintf("%s loads an equal guard that follows %s: that holds for both", from, r))
	case adopts:
		g.logGap(fmt.Sprintf("%s loads an equal guard that follows %s: that holds for both, and %s is not followed", from, r, mine))
	default:
		g.logGap(fmt.Sprintf("%s loads an equal guard that follows %s, which has no effect: the process follows %s", from, r, mine))
	}
}

// same reports whether two remotes follow the same source, with the same keys.
func (r *remote) same(other *remote) bool {
	a, b := r.About(), other.About()
	return a.Name == b.Name && a.Signed == b.Signed && slices.Equal(a.Keys, b.Keys)
}

// String describes the source and its keys for a message.
func (r *remote) String() string {
	about := r.About()
	switch {
	case len(about.Keys) > 0:
		return fmt.Sprintf("the source %s with the keys %s", about.Name, strings.Join(about.Keys, ", "))
	case about.Signed:
		return fmt.Sprintf("the source %s with keys that cannot be read", about.Name)
	}
	return fmt.Sprintf("the source %s without keys", about.Name)
}

// beginRemote lets a newer policy take effect before an invocation.
func (g *Guard) beginRemote() *remote {
	r := g.self().remote.Load()
	if r != nil {
		r.Begin()
	}
	return r
}

// end lets newer policies take effect again.
func (r *remote) end() {
	if r != nil {
		r.End()
	}
}

// askRemote asks the source in the background if it is time.
func (g *Guard) askRemote() {
	if r := g.self().remote.Load(); r != nil && g.broken.Load() == nil {
		r.Ask()
	}
}

// Facts implements sourceapi.Host. The facts do not change after watch.
func (h *host) Facts() sourceapi.Facts { return h.facts }

// Compile implements sourceapi.Host. The policy may name no feeds, which are files. Whoever can
// write to the source is not the one who set the environment, and a policy can show a variable, for
// example in a reason:. So for an unsigned one no variable is set.
func (h *host) Compile(name string, data []byte, beside fs.FS, by sourceapi.Level) (*policy.Policy, error) {
	// A copy, because the settings also serve the packaged policies, which may use variables.
	s := *h.settings
	if by == sourceapi.Unsigned {
		s.Getenv = func(string) string { return "" }
	}
	return compile(source{name: name, data: data, feeds: beside, central: by == sourceapi.ByCentral}, &s, h.newCentral())
}

// newCentral returns what compiles a central file: a copy, because it notes what it compiles, for
// warnings about layers.
func (h *host) newCentral() *central {
	if h.central == nil {
		return &central{options: &h.settings.Options, settings: h.settings}
	}
	c := *h.central
	return &c
}

// Current implements sourceapi.Host. It asks the guard that judges, which may be an equal one that
// joined before.
func (h *host) Current() *sourceapi.Standing { return &h.guard.self().current.Load().Standing }

// Put implements sourceapi.Host: s takes effect for calls from now on.
func (h *host) Put(s *sourceapi.Standing) {
	g := h.guard.self()
	// The old trial's repeats would be lost with it, so they are logged first.
	g.current.Load().trial.flush(time.Now(), true)
	g.current.Store(newStanding(*s, g.alerts()))
	// Idle connections may lead to addresses that the new policy forbids: they are judged again.
	judged.Exchange()
}

// Renew implements sourceapi.Host: the sinks are made again if the targets have changed.
func (h *host) Renew(s *sourceapi.Standing) {
	entries := func(targets []policy.Target) (all []string) {
		for _, t := range targets {
			all = append(all, fmt.Sprintf("%+v", t))
		}
		return all
	}
	g, next := h.guard.self(), entries(s.Notify)
	joining.Lock()
	defer joining.Unlock()
	if g.notified == nil {
		for _, p := range append(slices.Clone(h.facts.Own), h.facts.Central...) {
			g.notified = append(g.notified, entries(p.Targets())...)
		}
	}
	if slices.Equal(next, g.notified) {
		return
	}
	g.notified = next
	queue, _ := h.settings.queue(s.Notify)
	go closeQueue(g.queue.Swap(queue))
}

// Alert implements sourceapi.Host.
func (h *host) Alert(rule, place, hash, reason string) {
	g := h.guard.self()
	a := g.blankAlert(nil)
	a.Verdict, a.Call.Kind, a.List = policy.Alert.String(), "policy", policy.Builtin.String()
	// No code of the function asked for the policy, so no caller is named.
	a.Rule, a.Place, a.Policy, a.Reason, a.Caller = rule, place, hash, reason, noCaller
	g.alerts().Record(a, nil)
}

// policyLine is the log line about the policy from a source. log.schema.json describes it.
type policyLine struct {
	Level     string         `json:"level"`
	Timestamp time.Time      `json:"timestamp"`
	Schema    string         `json:"schema"` // outguard.policy/v1
	Event     string         `json:"event"`
	Function  string         `json:"function"`
	Source    string         `json:"source"`
	Remote    *notify.Remote `json:"remote,omitempty"`   // what is in effect; nil: the packaged policy alone
	Policies  []string       `json:"policies,omitempty"` // SHA-256 of every file in effect
	Mode      string         `json:"mode"`               // strictest on_violation
	Refused   string         `json:"refused,omitempty"`  // SHA-256 of the text that was refused
	Reason    string         `json:"reason,omitempty"`
	Seconds   int            `json:"age_seconds"` // since the source has confirmed what is in effect
	*alerting.Age
}

// cleaned returns a text as alerts have it: what is refused as a policy or as the URL of one may be
// something else.
func cleaned(text string) string { return notify.Alert{Reason: text}.Clean().Reason }

// Log implements sourceapi.Host.
func (h *host) Log(l sourceapi.Line) {
	g := h.guard.self()
	s, now := g.current.Load(), time.Now()
	line := policyLine{
		Level: "INFO", Timestamp: now.UTC(), Schema: "outguard.policy/v1", Event: l.Event, Function: g.origin.function, Source: l.Source,
		Policies: s.Hashes, Mode: s.mode().String(), Refused: l.Refused, Reason: cmp.Or(cleaned(l.Reason), s.Capped), Seconds: max(0, int(l.Age/time.Second)),
		Age: g.alerts().Age(now, g.origin.function, g.origin.stage, l.Age),
	}
	// A capped policy lets through what it blocks otherwise. Whoever watches warnings has to see
	// that.
	if s.Capped != "" || l.Reason != "" || l.Event == "failed" || l.Event == "refused" {
		line.Level = "WARN"
	}
	if s.Remote != (notify.Remote{}) {
		line.Remote = &s.Remote
	}
	g.alerts().LogLine(line)
}

// remoteStart fills in what the start line has of a source.
func (g *Guard) remoteStart(line *startLine) {
	r := g.remote.Load()
	if r == nil {
		return
	}
	about, s := r.About(), g.current.Load()
	line.Source, line.Keys = about.Name, about.Keys
	line.Targets = nil // those of the policy from the source too, while it notifies
	for _, t := range s.Notify {
		line.Targets = append(line.Targets, t.Entry)
	}
	if s.Remote != (notify.Remote{}) {
		line.Remote = &s.Remote
	}
	if s.Capped != "" {
		line.Warnings = append(line.Warnings, s.Capped)
	}
}
