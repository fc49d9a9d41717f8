package guard

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/outguard/outguard/policy"
)

// Coverage says which ways out a guard sees.
type Coverage struct {
	HTTP bool     // http.DefaultTransport is guarded: Wrap or Install was called
	AWS  bool     // AWS has been asked for: clients made with it are guarded, others are not
	Gaps []string // what is known not to be guarded, for people; nil: nothing that is known
}

// Coverage says which ways out the guard sees now. It changes when Wrap, Install or AWS is called.
func (g *Guard) Coverage() Coverage {
	if g == nil {
		return Coverage{Gaps: []string{errNilGuard.Error()}}
	}
	g.mu.Lock()
	installed := g.installed
	g.mu.Unlock()
	c := Coverage{
		HTTP: installed != nil && installed.Active(),
		AWS:  g.awsAsked.Load() || processAWS.Load() && process.Load() == g,
	}
	switch {
	case installed == nil:
		c.Gaps = append(c.Gaps, "http.DefaultTransport is not guarded: call Wrap or Install")
	case !c.HTTP:
		c.Gaps = append(c.Gaps, "http.DefaultTransport is guarded by another guard, which was installed later")
	default:
		c.Gaps = append(c.Gaps, installed.Gaps()...)
	}
	if n := g.awsRules(); n > 0 && !c.AWS {
		c.Gaps = append(c.Gaps, fmt.Sprintf("the policy has %d aws: rules, and no AWS client is guarded, because AWS() was not asked for; "+
			"add config.WithAPIOptions(g.AWS()) to LoadDefaultConfig", n))
	}
	return c
}

func (g *Guard) awsRules() (n int) {
	if g.policy == nil {
		return 0
	}
	for _, info := range g.policy.Info() {
		n += info.AWSRules
	}
	return n
}

// maxWarnings is how many warnings the start line holds: it has to fit into a log event.
const maxWarnings = 20

// startLine is what an auditor asks for: what guarded this process, by which files. It is written when the first invocation begins, because
// only then all of the function's own start is over.
type startLine struct {
	Level     string            `json:"level"`
	Timestamp time.Time         `json:"timestamp"`
	Schema    string            `json:"schema"`
	Version   string            `json:"version"` // of Outguard
	Function  string            `json:"function"`
	Stage     string            `json:"stage,omitempty"`
	Region    string            `json:"region,omitempty"`
	Account   string            `json:"account,omitempty"`
	Mode      string            `json:"mode"` // what follows a violation: "log", "alert", "block", or "refuse" without a policy
	Rules     int               `json:"rules"`
	Policies  []startPolicy     `json:"policies"`
	Layers    map[string]string `json:"layers"` // "http" and "aws": "on" or "off"
	Warnings  []string          `json:"warnings,omitempty"`
	Error     string            `json:"error,omitempty"`
}

type startPolicy struct {
	File        string `json:"file"`
	SHA256      string `json:"sha256"`
	Owner       string `json:"owner,omitempty"`
	OnViolation string `json:"on_violation"`
	Rules       int    `json:"rules"`
}

// logStart writes the start line.
func (g *Guard) logStart() {
	o, c := &g.origin, g.Coverage()
	line := startLine{
		Level: "INFO", Timestamp: time.Now().UTC(), Schema: "outguard.start/v1", Version: version(),
		Function: o.function, Stage: o.stage, Region: o.region, Account: o.account,
		Mode: "refuse", Policies: []startPolicy{}, Layers: map[string]string{"http": onOff(c.HTTP), "aws": onOff(c.AWS)},
		Warnings: append(append([]string{}, g.warns...), c.Gaps...),
	}
	if g.broken != nil {
		line.Level, line.Error = "ERROR", clipped(g.broken.Error())
	}
	if g.policy != nil {
		strictest := policy.Allow
		for _, info := range g.policy.Info() {
			strictest = min(strictest, info.OnViolation)
			line.Rules += info.Rules
			line.Policies = append(line.Policies, startPolicy{info.File, info.SHA256, info.Owner, info.OnViolation.String(), info.Rules})
		}
		line.Mode = strictest.String()
		for _, w := range g.policy.Warnings() {
			line.Warnings = append(line.Warnings, w.String())
		}
	}
	if n := len(line.Warnings); n > 0 && line.Level == "INFO" {
		line.Level = "WARN"
	}
	if n := len(line.Warnings); n > maxWarnings {
		line.Warnings = append(line.Warnings[:maxWarnings], fmt.Sprintf("and %d more: outguard validate shows them", n-maxWarnings))
	}
	g.alerts.LogLine(line) // nowhere is left to say it
}

// clipped shortens a report of many errors; the invocation's own error has all of it.
func clipped(s string) string {
	const most = 8 << 10
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

// version returns the version of this module in the running binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
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
