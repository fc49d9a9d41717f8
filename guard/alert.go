package guard

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// This file makes alerts of decisions.

// origin holds the fields of an alert that are the same for every invocation. It is complete before
// the guard judges, and nothing changes it later.
type origin struct {
	function, version, stage, region, account string
}

// fill adds what the policy found out itself. A stage of the options or of OUTGUARD_STAGE stays.
func (o *origin) fill(p *policy.Policy) {
	for _, info := range p.Info() {
		if info.Stage != "" && o.stage == "" {
			o.stage = info.Stage
		}
	}
}

// alert returns the alert for a call that d refuses or reports. by is the code that made it.
func (g *Guard) alert(inv *invocation, d policy.Decision, by string) notify.Alert {
	a := g.blankAlert(inv)
	a.Verdict, a.List = d.Verdict.String(), d.List.String()
	a.Reason, a.Caller = d.Reason, by
	a.Call = describeCall(d)
	if p := d.Policy; p != nil {
		a.Policy, a.Owner, a.Place = p.SHA256, p.Owner, p.File
		a.Stage = cmp.Or(p.Stage, a.Stage)
	}
	if r := d.Rule; r != nil {
		a.Rule = r.ID
		// A built-in rule has no file: then Place stays the policy file.
		if r.File != "" {
			a.Place = r.File + ":" + strconv.Itoa(r.Line)
		}
	}
	return a
}

// describeCall returns the call of a decision as alerts show it. A brief decision has no texts yet:
// then only the access is set.
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

// policyAlert returns the alert for a call, or an invocation, without a policy to judge it by.
func (g *Guard) policyAlert(inv *invocation, broken *PolicyError) notify.Alert {
	a := g.blankAlert(inv)
	a.Verdict, a.Call.Kind = policy.Block.String(), "policy"
	// A broken policy may have many errors, one a line. Chat messages and metrics show the reason
	// in one line.
	a.Reason = strings.ReplaceAll(broken.Error(), "\n", "; ")
	a.Place, a.Policy = broken.place(), broken.sha256
	return a
}

// bugAlert returns the alert for a call that an error in this module kept from being judged. It
// uses nothing of the call, because the call may have caused the error.
func (g *Guard) bugAlert(inv *invocation, bug any) notify.Alert {
	a := g.blankAlert(inv)
	a.Verdict, a.List, a.Rule, a.Caller = policy.Block.String(), policy.Builtin.String(), "internal-error", caller()
	a.Reason = fmt.Sprintf("the call could not be judged, because of an error in Outguard that should be reported: %v", bug)
	return a
}

// blankAlert returns an alert with the time and place, without the call. A nil inv stands for a
// call outside any invocation.
func (g *Guard) blankAlert(inv *invocation) notify.Alert {
	o := &g.origin
	a := notify.Alert{
		Schema: notify.Schema, Time: time.Now().UTC(), Count: 1,
		Function: o.function, Version: o.version, Stage: o.stage, Region: o.region, Account: o.account,
	}
	g.standingOf(inv).describe(&a)
	// Outside an invocation, the request id stays empty and the account that of the options.
	if inv == nil {
		a.ColdStart = g.lifecycle.cold()
		return a
	}
	a.ColdStart = inv.cold
	a.TraceID = traceOf(inv)
	if lc, ok := lambdacontext.FromContext(inv); ok {
		a.RequestID = lc.AwsRequestID
		account, qualifier := fromARN(lc.InvokedFunctionArn)
		a.Account = cmp.Or(a.Account, account)
		if qualifier != a.Version { // a qualifier that is not the version is an alias
			a.Alias = qualifier
		}
	}
	return a
}

// traceOf returns the trace id that aws-lambda-go puts into the context under a string key.
func traceOf(ctx context.Context) string {
	trace, _ := ctx.Value("x-amzn-trace-id").(string)
	return trace
}

// fromARN returns the account and the qualifier (version or alias) of a function's ARN,
// arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]. It returns "" for both if the ARN has
// another form. It does not allocate.
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
	// An ARN of a function has seven parts, or eight with a qualifier.
	if n < 7 {
		return "", ""
	}
	if n == 8 {
		qualifier = arn[start[7]:]
	}
	return arn[start[4] : start[5]-1], qualifier
}
