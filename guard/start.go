package guard

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/buildmark"
	"github.com/outguard/outguard/internal/modcheck"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// This file writes the start line, and says what is guarded.

// Coverage lists which outbound calls a guard sees.
type Coverage struct {
	HTTP    bool     // http.DefaultTransport is guarded: Load, Wrap or Install was called
	AWS     bool     // AWS was called: clients made with its option are guarded, others only by host
	Context bool     // calls that carry the handler's context are seen by host
	Names   bool     // names that are looked up are seen
	Build   bool     // the binary was built by "outguard go build": every call is seen whole
	Gaps    []string // known gaps, as texts for people; nil if none is known
}

// Coverage returns which outbound calls the guard sees now. The result changes when Wrap, Install
// or AWS is called.
func (g *Guard) Coverage() Coverage {
	if g = g.self(); g == nil {
		return Coverage{Gaps: []string{errNilGuard.Error()}}
	}
	g.layers.test()
	c := Coverage{AWS: g.awsAsked.Load() || processAWS.Load() && slices.Contains(guards(), g), Gaps: g.layers.gaps()}
	c.HTTP, c.Context, c.Names = g.layers.on()
	if buildmark.Is() && slices.Contains(guards(), g) { // every call is seen whole, whatever the layers cover
		c.HTTP, c.AWS, c.Build, c.Gaps = true, true, true, g.layers.switchedOff()
	}
	return c
}

// awsRules returns the number of aws: rules in all files of the policy; 0 without a policy.
func (g *Guard) awsRules() (n int) {
	if g.policy() == nil {
		return 0
	}
	for _, info := range g.policy().Info() {
		n += info.AWSRules
	}
	return n
}

// netRules is the number of rules that need layers which see addresses.
func (g *Guard) netRules() (n int) {
	if g == nil || g.policy() == nil {
		return 0
	}
	for _, info := range g.policy().Info() {
		n += info.NetRules
	}
	return n
}

// maxWarnings is the number of warnings in the start line, which must fit into a log event.
const maxWarnings = 20

// startLine is the log line that shows auditors what guards this process, and by which files. It
// is logged when the first invocation begins, because only then the function's init is complete.
type startLine struct {
	Level     string        `json:"level"`
	Timestamp time.Time     `json:"timestamp"`
	Schema    string        `json:"schema"`  // outguard.start/v1
	Version   string        `json:"version"` // of Outguard
	Tables    string        `json:"tables"`  // the day of the tables of AWS's operations
	Function  string        `json:"function"`
	Stage     string        `json:"stage,omitempty"`
	Region    string        `json:"region,omitempty"`
	Account   string        `json:"account,omitempty"`
	Mode      string        `json:"mode"` // strictest on_violation: "log", "alert", "block"; without a policy "refuse"
	Rules     int           `json:"rules"`
	Policies  []startPolicy `json:"policies"`

	MorePolicies int `json:"more_policies,omitempty"` // left out of Policies, because the line would be too long

	Source string         `json:"source,omitempty"` // where newer policies come from
	Keys   []string       `json:"keys,omitempty"`   // ids of the keys that such policies are signed with
	Remote *notify.Remote `json:"remote,omitempty"` // what has come from there before the first invocation

	Exempt   []string          `json:"exempt,omitempty"`  // what passes unjudged: X-Ray, credentials, proxies
	Layers   map[string]string `json:"layers"`            // "http", "aws", "context", "names", "build": "on" or "off"
	Targets  []string          `json:"targets,omitempty"` // of notify:, as written; those skipped are in Warnings
	Notes    []string          `json:"notes,omitempty"`   // limits that are not faults
	Warnings []string          `json:"warnings,omitempty"`
	Error    string            `json:"error,omitempty"`
}

// startPolicy is one policy file in the lines of the log. The hash lets an auditor compare it with
// the repository.
type startPolicy struct {
	File        string `json:"file"`
	SHA256      string `json:"sha256"`
	Owner       string `json:"owner,omitempty"`
	OnViolation string `json:"on_violation"`
	Rules       int    `json:"rules"`

	Next *startPolicy `json:"next,omitempty"` // the policy of next:, if it is judged
}

// logStart logs the start line.
func (g *Guard) logStart() {
	o, c := &g.origin, g.Coverage()
	build, _ := debug.ReadBuildInfo()
	line := startLine{
		Level: "INFO", Timestamp: time.Now().UTC(), Schema: "outguard.start/v1", Version: version(build), Tables: awsops.Date,
		Function: o.function, Stage: o.stage, Region: o.region, Account: o.account,
		Mode: "refuse", Policies: g.startPolicies(), Targets: g.targets,
		Layers: map[string]string{
			"http": onOff(c.HTTP), "aws": onOff(c.AWS), "context": onOff(c.Context), "names": onOff(c.Names), "build": onOff(c.Build),
		},
		Notes:    g.notes(c),
		Warnings: append(append([]string{}, g.warnings...), c.Gaps...),
	}
	g.remoteStart(&line)
	if broken := g.broken.Load(); broken != nil {
		line.Level, line.Error = "ERROR", clipped(broken.Error(), maxError)
	}
	if g.policy() != nil {
		strictest := policy.Allow
		for _, info := range g.policy().Info() {
			strictest = min(strictest, info.OnViolation)
			line.Rules += info.Rules
			line.Exempt = info.Exempt // the same for all
		}
		line.Mode = strictest.String()
		for _, w := range g.policy().Warnings() {
			line.Warnings = append(line.Warnings, w.String())
		}
	}
	// It comes first, so that the limit on warnings never cuts it.
	if w := modcheck.Warning(build); w != "" {
		line.Warnings = append([]string{w}, line.Warnings...)
	}
	if n := len(line.Warnings); n > 0 && line.Level == "INFO" {
		line.Level = "WARN"
	}
	if n := len(line.Warnings); n > maxWarnings {
		line.Warnings = append(line.Warnings[:maxWarnings], fmt.Sprintf("and %d more: outguard validate shows them", n-maxWarnings))
	}
	line.fit()
	g.alerts().LogLine(line)
}

// notes are limits of the guard in this process that whoever reads the log has to know.
func (g *Guard) notes(c Coverage) (notes []string) {
	if g.lifecycle.concurrent {
		notes = append(notes, "the process may get several invocations at once (AWS_LAMBDA_MAX_CONCURRENCY): "+
			"a refused call without the context of an invocation fails none of them")
	}
	if c.HTTP {
		notes = append(notes, "http2.ConfigureTransports of golang.org/x/net fails for http.DefaultTransport from now on: "+
			"set http.DefaultTransport.HTTP2 and Protocols instead")
	}
	return notes
}

// maxError is how much of the report about a broken policy the start line has. The error of the
// invocation has all of it.
const maxError = 8 << 10

// clipped returns the first bytes of a text, most of them at most.
func clipped(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// version returns the version of this module in a binary.
func version(info *debug.BuildInfo) string {
	if info == nil {
		return "unknown"
	}
	const module = "github.com/outguard/outguard"
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module {
			if m.Replace != nil {
				return m.Version + " replaced"
			}
			return m.Version
		}
	}
	return "unknown"
}

// joinedLine is the log line of a guard that joins others in the process: all of them judge.
type joinedLine struct {
	Level     string        `json:"level"`
	Timestamp time.Time     `json:"timestamp"`
	Schema    string        `json:"schema"` // outguard.joined/v1
	Function  string        `json:"function"`
	From      string        `json:"from,omitempty"` // the code that joined it
	Guards    int           `json:"guards"`         // how many there are now
	Policies  []startPolicy `json:"policies"`       // of the new one
}

// maxJoined is the number of policies in such a line. The start line has more.
const maxJoined = 40

// logJoined logs that g has joined guards of other code. all are the guards of the process, g
// included.
func (g *Guard) logJoined(from string, all []*Guard) {
	line := joinedLine{
		Level: "WARN", Timestamp: time.Now().UTC(), Schema: "outguard.joined/v1", Function: g.origin.function,
		From: from, Guards: len(all), Policies: g.startPolicies(),
	}
	line.Policies = line.Policies[:min(len(line.Policies), maxJoined)]
	g.alerts().LogLine(line)
}

// startPolicies lists the guard's policy files.
func (g *Guard) startPolicies() []startPolicy {
	list := []startPolicy{}
	if g.policy() == nil {
		return list
	}
	for _, info := range g.policy().Info() {
		list = append(list, *startPolicyOf(&info))
	}
	return list
}

// startPolicyOf returns the entry for a file and, below it, for its next policy. It returns nil for
// nil.
func startPolicyOf(info *policy.Info) *startPolicy {
	if info == nil {
		return nil
	}
	return &startPolicy{info.File, info.SHA256, info.Owner, info.OnViolation.String(), info.Rules, startPolicyOf(info.Next)}
}

// gapLine is the log line of a gap that shows after the start line.
type gapLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.gap/v1
	Function  string    `json:"function"`
	Gap       string    `json:"gap"`
}

// logGap logs a gap, or another fact about the guard that comes too late for the start line.
func (g *Guard) logGap(gap string) {
	g.alerts().LogLine(gapLine{"WARN", time.Now().UTC(), "outguard.gap/v1", g.origin.function, gap})
}
