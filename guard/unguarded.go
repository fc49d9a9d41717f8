package guard

import (
	"context"
	"time"

	"github.com/outguard/outguard/policy"
)

// unguardedLine is the log line of a call that went out although a blacklist rule may forbid it:
// the layer that saw the call does not see all of the rule's conditions. It is logged once per
// rule, because the guard does not know whether another layer judged the whole call.
type unguardedLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.unguarded/v1
	Function  string    `json:"function"`
	Rule      string    `json:"rule"`
	Place     string    `json:"place,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	Net       string    `json:"net"` // of the first such call
	Via       string    `json:"via"`
	Caller    string    `json:"caller,omitempty"`
}

// logUnguarded logs that the rule d.Unguarded could not be judged for c.
//
//go:noinline
func (g *Guard) logUnguarded(ctx context.Context, c policy.Call, d policy.Decision) {
	if _, logged := g.unguarded.LoadOrStore(d.Unguarded, struct{}{}); logged {
		return
	}
	d.Rule = d.Unguarded
	a := g.alert(g.invocation(ctx), d)
	a.Call.Net, a.Call.Via = c.Net, c.Via.String()
	a = a.Clean()
	g.alerts.LogLine(unguardedLine{
		"WARN", a.Time, "outguard.unguarded/v1", a.Function, a.Rule, a.Place, a.Owner, a.Call.Net, a.Call.Via, a.Caller,
	})
}
