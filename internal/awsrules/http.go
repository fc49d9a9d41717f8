package awsrules

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/accesskey"
	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
)

// This file decides whether an HTTP request is an AWS call, and which services it may be for.

// A Sight is what a plain HTTP request is.
type Sight uint8

const (
	Plain    Sight = iota // not an AWS call
	Doubtful              // it may also be plain HTTP: a blacklist holds for the operation, and a whitelist does not vouch for it
	// AtResource: it is signed and goes to a host that is not an API endpoint of the service.
	// Blacklists hold for it, and http: rules say whether it is whitelisted.
	AtResource
	AtEndpoint // it goes to one of AWS's own endpoints
)

// Classify fills the zero Call c with the AWS operation that a plain HTTP request is: one that is
// signed, or goes to one of AWS's own endpoints. atAWS says that one of its hosts is below one of
// AWS's domains. For a Plain request, c has the scope of a signature that does not count.
func (a *Rules) Classify(c *Call, r *http.Request, req *canon.Request, atAWS bool) Sight {
	// A request may have two destinations, its URL and its Host, and each may be AWS's.
	var endpoints [len(req.Dests)]*awscall.Endpoint
	for i := range req.N {
		if d := &req.Dests[i]; atAWS && d.Host != "" {
			endpoints[i] = a.endpoint(d.Host)
		}
	}
	var q awscall.Request
	ok := q.FromHTTP(r, endpoints[:req.N], atAWS)
	for i := range req.N {
		// Without TLS on port 443, any server may answer, whatever the host.
		if d := &req.Dests[i]; d.Scheme != "https" || d.Port != 443 {
			q.Doubtful = true // an endpoint of AWS's is what TLS proves
		}
	}
	// Everything that a rule needs is in the call; the request is not kept.
	c.Service, c.Operation, c.Region, c.Account, c.Presigned = q.Service, q.Operation, q.Region, a.signer(&q), q.Presigned
	c.Resources, c.Version, c.Owner, c.Adds, c.Body = q.Resources, q.Version, q.Owner, q.Adds, q.Body
	// An upload with a KMS key touches the key, too.
	if q.KMSKey != "" && c.Resources != nil {
		c.Resources = append(c.Resources, a.keyARN(q.KMSKey, c))
	}
	switch {
	case !ok:
		return Plain
	case q.Resource:
		return AtResource
	case q.Doubtful:
		return Doubtful
	}
	return AtEndpoint
}

// keyARN returns the ARN of a KMS key that a call names by its id, its alias or its ARN.
func (a *Rules) keyARN(key string, c *Call) string {
	if strings.HasPrefix(key, "arn:") {
		return key
	}
	// KMS takes an id, "alias/name" or an ARN.
	if !strings.HasPrefix(key, "alias/") {
		key = "key/" + key
	}
	// A key without an ARN is in the account and region of the call.
	account, region := c.Account, c.Region
	if account == "" {
		account = a.Own.Account
	}
	if region == "" {
		region = a.Own.Region
	}
	return "arn:" + awsname.PartitionOf(region) + ":kms:" + region + ":" + account + ":" + key
}

// signer returns the account whose key signs a request. Of several, it is one that is not the
// function's own.
func (a *Rules) signer(q *awscall.Request) string {
	// A request with several signatures is judged by the key that is the worst of them.
	account := a.account(q.Key)
	for i := range q.Others {
		if q.Others[i] == "" {
			break
		}
		if other := a.account(q.Others[i]); other != "" && (account == "" || account == a.Own.Account) {
			account = other
		}
	}
	return account
}

// account is accesskey.Account, without making another text of the function's own account.
func (a *Rules) account(key string) string {
	number, ok := accesskey.Number(key)
	switch {
	case !ok:
		return ""
	// Most keys are the function's own, and need no new text.
	case number == a.number:
		return a.Own.Account
	}
	return accesskey.Text(number)
}

// endpoint takes a host apart. It returns nil for a host that does not end as AWS's endpoints do.
func (a *Rules) endpoint(host string) *awscall.Endpoint {
	e, known := a.hosts.load(host)
	// Most functions call few hosts, so that the memo is not full.
	if !known {
		kept := strings.Clone(host) // it may be in a request's buffer
		if p, ok := awscall.ParseEndpoint(kept); ok {
			e = &p
		}
		a.hosts.store(kept, e)
	}
	return e
}

// MovedTo returns the call that a request is at the endpoint that it goes to, if that is another
// than the one that was judged: an overridden endpoint can be one of another region, or begin with
// another bucket. nil: it is the same.
func (a *Rules) MovedTo(c *Call, r *http.Request, at *Endpoint) *Call {
	e := at.Endpoint
	if e == nil {
		return nil
	}
	var to *Call
	region := cmp.Or(c.Region, a.Own.Region)
	// An endpoint that serves all regions, such as iam.amazonaws.com, moves nothing.
	if e.Region != "" && region != "" && e.Region != region && e.Region != awsname.Region(region) && !onlyOne(e, region) {
		other := *c
		other.Region = e.Region
		to, c = &other, &other
	}
	// before is a bucket or an account, which the endpoint has in front of the service.
	if !at.Own || at.before == "" && e.Service() != "s3" || at.before == a.Own.Account {
		return to
	}
	// The call is read again, to compare what it touches with the request.
	w := a.Read(c)
	defer a.Release(w)
	if arns, other := w.touches.Elsewhere(r.URL, e, at.before); other {
		moved := *c
		moved.Input, moved.Resources = nil, arns
		to = &moved
	}
	return to
}

// onlyOne reports whether clients of all regions of the partition go to the endpoint. A call there
// then is in the client's region.
// A client in any region calls organizations.us-east-1.amazonaws.com.
func onlyOne(e *awscall.Endpoint, region string) bool {
	return e.OnlyOne() && e.Partition == awsname.PartitionOf(region)
}

// An awsEndpoint is a host beside a service, which takes text to find out: each attempt of an SDK
// call asks for it.
type Endpoint struct {
	*awscall.Endpoint        // nil: the host is not an endpoint of AWS
	Own               bool   // it is one of the service's
	Unlisted          bool   // the tables do not have the service
	before            string // and this stands before the service in it: a bucket or an account
}

// EndpointOf returns what a host is for a service. It keeps the result, and never returns nil.
func (a *Rules) EndpointOf(service, host string) *Endpoint {
	e, known := a.endpoints.load(opName{service: service, name: host})
	if !known {
		kept := opName{service: service, name: strings.Clone(host)} // the host may be in a buffer of the request
		_, listed := awsops.Service(service)
		e = &Endpoint{Endpoint: a.endpoint(host), Unlisted: !listed}
		if e.Endpoint != nil {
			e.before, e.Own = e.Of(service)
		}
		a.endpoints.store(kept, e)
	}
	return e
}

// Scope returns the service that an attempt of a call is signed for; "" if that cannot be read.
func Scope(r *http.Request) string { return awscall.Scope(r) }

// Labeled reports whether the host is LABEL.REGION.SUFFIX, and no service that the tables have is
// at that label. It is the endpoint of a newer service whose requests are signed for that label.
func (e *Endpoint) Labeled(label string) bool {
	return e.Endpoint != nil && label != "" && !e.VPC && e.Region != "" && awsname.WithoutFIPS(e.Name) == label && len(e.Services()) == 0
}

// SignedBy returns the account whose key signed an attempt. Its layer may know the account already.
// It is empty if the key does not contain it. contradictory reports that there are several
// signatures by different keys: AWS decides which one counts.
func (a *Rules) SignedBy(c *Call, r *http.Request) (account string, contradictory bool) {
	// A session key of S3 Express does not show whose it is.
	if c.Account != "" || accesskey.OfSession(r) {
		return c.Account, false
	}
	// The usual request has one signature in its header. Others need the whole reader.
	if key, usual := accesskey.UsualSigner(r.Header); usual {
		return a.account(key), false
	}
	q, contradictory := awscall.Signers(r)
	return a.signer(&q), contradictory
}

// RuleFor finds an aws: rule of a list for the service that has the host as its endpoint. number is
// -1 when there is none. whole reports that the rule holds for every AWS call. A layer that sees
// only the host cannot know more about the rule.
func (a *Rules) RuleFor(host string, m pattern.Mode) (number int32, whole bool) {
	number = -1
	// Policies without aws: rules are common.
	if len(a.services) == 0 {
		return number, false
	}
	e, ok := awscall.ParseEndpoint(host)
	if !ok {
		return number, false
	}
	services := e.Services()
	if len(services) == 0 {
		// The label is the service's name in most cases.
		services = []string{e.Name} // perhaps of a service newer than the tables
	}
	for _, service := range services {
		for _, r := range a.of(service) {
			// Only rules of the asked list count.
			switch {
			case r.mode != m:
			// Without any limit, nothing that the layer does not see could change the result.
			case r.any && r.except == nil && !r.hasAccess && r.resources == nil && r.regions == nil && r.accounts == nil && r.callers == nil:
				return r.Number, true
			case number < 0:
				number = r.Number
			}
		}
	}
	return number, false
}
