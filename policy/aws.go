package policy

import (
	"net/http"

	"github.com/outguard/outguard/internal/canon"
)

// awsRules are the compiled aws: rules of one policy.
type awsRules struct{}

// compileAWS compiles the aws: rules among rules; the others are not its business. set outlives the call and never changes.
func compileAWS(set *settings, rules []rule) (*awsRules, error) { return &awsRules{}, nil }

// decideAWS judges an AWS operation whole: blacklist, then whitelist (default deny when the policy has one).
func (p *Policy) decideAWS(c AWSCall) Decision { return Decision{} }

// decideWire judges what only the wire shows of an SDK call that decideAWS has judged before: the endpoint, which is
// AWS's own or is allowed as http: too (p.allowsHTTP), and the signing key's account. ok: there is nothing against it.
func (p *Policy) decideWire(c AWSCall, r *http.Request, req *canon.Request) (d Decision, ok bool) {
	return Decision{}, true
}

// classifyAWS says which AWS operation a plain HTTP request is, when it is signed or presigned for one of AWS's own endpoints. An
// unsigned request is plain HTTP. It is called for every HTTP request: it must be cheap for hosts that are not AWS's.
func classifyAWS(r *http.Request, req *canon.Request) (AWSCall, bool) { return AWSCall{}, false }

// vouchesHost reports whether some aws: whitelist rule allows calls to a service whose endpoint host is: a layer that sees
// only a name lets such a name pass.
func (a *awsRules) vouchesHost(host string) bool { return false }

// describeAWS fills in the AWS part of a Description.
func describeAWS(c AWSCall, d *Description) {}
