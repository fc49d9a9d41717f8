package policy

import (
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awskey"
	"github.com/outguard/outguard/internal/canon"
)

// classify says which AWS operation a plain HTTP request is: one that is signed or presigned for one of AWS's own endpoints. doubtful: it is
// plain HTTP as well (S3 without a signature, another host beside AWS's), so that a blacklist holds for the operation and a whitelist
// does not vouch for it. It is called for hosts that look like AWS's only.
func (a *awsRules) classify(r *http.Request, req *canon.Request) (c awsCall, doubtful, ok bool) {
	var endpoints [len(req.Dests)]*awscall.Endpoint
	for i := range req.N {
		endpoints[i] = a.endpoint(req.Dests[i].Host)
	}
	q, ok := awscall.FromHTTP(r, endpoints[:req.N])
	for i := range req.N {
		if d := &req.Dests[i]; d.Scheme != "https" || d.Port != 443 {
			q.Doubtful = true // an endpoint of AWS's is what TLS proves
		}
	}
	c = awsCall{
		service: q.Service, operation: q.Operation, region: q.Region, account: a.account(q.Key),
		resources: q.Resources, version: q.Version, owner: q.Owner,
	}
	return c, q.Doubtful, ok
}

// account is awskey.Account, without making another text of the function's own account.
func (a *awsRules) account(key string) string {
	var b [awskey.Digits]byte
	switch {
	case !awskey.Decode(key, &b):
		return ""
	case string(b[:]) == a.own.Account:
		return a.own.Account
	}
	return string(b[:])
}

// endpoint takes a host apart; nil: it is none of AWS's endpoints by its looks.
func (a *awsRules) endpoint(host string) *awscall.Endpoint {
	e, known := a.hosts.load(host)
	if !known {
		kept := strings.Clone(host) // it may be in a request's buffer
		if p, ok := awscall.ParseEndpoint(kept); ok {
			e = &p
		}
		a.hosts.store(kept, e)
	}
	return e
}

// movedTo returns the call that a request is at the endpoint that it goes to, if that is another than the one that was judged: an overridden
// endpoint can be one of another region, or begin with another bucket. nil: it is the same.
func (a *awsRules) movedTo(c *awsCall, r *http.Request, at *awsEndpoint) *awsCall {
	e := at.Endpoint
	if e == nil {
		return nil
	}
	var to *awsCall
	if e.Region != "" && c.region != "" && e.Region != c.region && e.Region != awscall.Region(c.region) {
		other := *c
		other.region = e.Region
		to, c = &other, &other
	}
	if !at.own || at.before == "" && e.Service() != "s3" || at.before == a.own.Account {
		return to
	}
	w := a.read(c)
	defer a.release(w)
	if arns, other := w.touches.Elsewhere(r.URL, e, at.before); other {
		moved := *c
		moved.input, moved.resources = nil, arns
		to = &moved
	}
	return to
}

// An awsEndpoint is a host beside a service, which takes text to find out: each attempt of an SDK call asks for it.
type awsEndpoint struct {
	*awscall.Endpoint        // nil: the host is none of AWS's endpoints
	own               bool   // it is one of the service's
	before            string // and this stands before the service in it: a bucket or an account
}

func (a *awsRules) endpointOf(service, host string) *awsEndpoint {
	e, known := a.endpoints.load(awsName{service, host})
	if !known {
		kept := awsName{service, strings.Clone(host)} // the host may be in a buffer of the request
		e = &awsEndpoint{Endpoint: a.endpoint(host)}
		if e.Endpoint != nil {
			e.before, e.own = e.Of(service)
		}
		a.endpoints.store(kept, e)
	}
	return e
}

// signedBy returns the account whose key signed an attempt, which its layer may have seen already; "" when the key does not tell.
func signedBy(c *awsCall, r *http.Request) string {
	if c.account != "" || awskey.OfSession(r) {
		return c.account
	}
	return awskey.Account(awskey.Signer(r.Header.Get("Authorization")))
}

// ruleFor finds an aws: rule of a list for the service whose endpoint a host is; nil: there is none. Of such a rule a layer that sees
// only a name sees no more: a whitelist rule vouches for the name, a blacklist rule cannot forbid it.
func (a *awsRules) ruleFor(host string, m mode) *awsRule {
	if len(a.services) == 0 {
		return nil
	}
	e, ok := awscall.ParseEndpoint(host)
	if !ok {
		return nil
	}
	for _, service := range e.Services() {
		for _, r := range a.of(service) {
			if r.mode == m {
				return r
			}
		}
	}
	return nil
}
