package guard

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// origin is where alerts come from: what is the same for every invocation.
type origin struct {
	function, version, stage, region, account string
}

// fill takes from the policy what it found out itself.
func (o *origin) fill(p *policy.Policy) {
	for _, info := range p.Info() {
		if info.Stage != "" && o.stage == "" {
			o.stage = info.Stage
		}
	}
}

// alert says that c broke the policy.
func (g *Guard) alert(inv *invocation, d policy.Decision) notify.Alert {
	a := g.blankAlert(inv)
	a.Verdict, a.List, a.Reason, a.Allow, a.Caller = d.Verdict.String(), d.List.String(), d.Reason, d.Allow, caller()
	a.Call = describeCall(d)
	if p := d.Policy; p != nil {
		a.Policy, a.Owner, a.Place = p.SHA256, p.Owner, p.File
		a.Stage = cmp.Or(p.Stage, a.Stage)
	}
	if r := d.Rule; r != nil {
		a.Rule = r.ID
		if r.File != "" {
			a.Place = r.File + ":" + strconv.Itoa(r.Line)
		}
	}
	return a
}

func describeCall(d policy.Decision) notify.Call {
	var c policy.Description
	if d.Call != nil {
		c = *d.Call
	}
	access := d.Access
	if access != "" && d.Guessed {
		access += " (guessed)"
	}
	return notify.Call{
		Kind: c.Kind, Method: c.Method, URL: c.URL, Service: c.Service, Operation: c.Operation, Access: access,
		Resources: c.Resources, Region: c.Region, Net: c.Net, Via: c.Via, Presigned: c.Presigned,
	}
}

// policyAlert says that there is no policy to judge by.
func (g *Guard) policyAlert(inv *invocation) notify.Alert {
	a := g.blankAlert(inv)
	a.Verdict, a.Call.Kind, a.Reason = policy.Block.String(), "policy", strings.ReplaceAll(g.broken.Error(), "\n", "; ")
	a.Place, a.Policy = g.broken.place(), g.broken.sha256
	return a
}

// blankAlert says where and when.
func (g *Guard) blankAlert(inv *invocation) notify.Alert {
	o := &g.origin
	a := notify.Alert{
		Schema: notify.Schema, Time: time.Now().UTC(), Count: 1,
		Function: o.function, Version: o.version, Stage: o.stage, Region: o.region, Account: o.account,
	}
	if inv == nil {
		a.ColdStart = g.lifecycle.cold()
		return a
	}
	a.ColdStart = inv.cold
	a.TraceID = traceOf(inv)
	if lc, ok := lambdacontext.FromContext(inv); ok {
		a.RequestID = lc.AwsRequestID
		account, alias := fromARN(lc.InvokedFunctionArn)
		a.Account = cmp.Or(a.Account, account)
		if alias != a.Version {
			a.Alias = alias
		}
	}
	return a
}

// traceOf returns the trace id that aws-lambda-go puts into the context, under a key that is a string.
func traceOf(ctx context.Context) string {
	trace, _ := ctx.Value("x-amzn-trace-id").(string)
	return trace
}

// fromARN returns what arn:aws:lambda:region:account:function:name[:version or alias] says, in no allocation.
func fromARN(arn string) (account, qualifier string) {
	var start [8]int // of the ARN's parts
	n := 1
	for i := range len(arn) {
		if arn[i] == ':' {
			if n == len(start) {
				return "", ""
			}
			start[n] = i + 1
			n++
		}
	}
	if n < 7 {
		return "", ""
	}
	if n == 8 {
		qualifier = arn[start[7]:]
	}
	return arn[start[4] : start[5]-1], qualifier
}
