package policy

import (
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
)

// A Description says what a call is, as it was read and not as it was written: no query, no user
// info, no body, no header.
type Description struct {
	Kind      string   // "http", "aws", "net"; "" for a call that names no destination
	Method    string   // http
	URL       string   // http: scheme, host, port and path in canonical form; "" when the request cannot be read
	Service   string   // aws: the IAM prefix
	Operation string   // aws; "" when it is not known
	Resources []string // aws: the ARNs that are known
	Region    string   // aws
	Net       string   // net: host:port
	Via       string   // the layer that saw the call
	Presigned bool     // aws: the call makes a presigned URL
}

// An Explanation is a decision with what the call was read to be.
type Explanation struct {
	Decision Decision
	Call     Description
}

// Explain judges a call as Decide does, and describes it even when it is allowed. It serves people:
// Decide is faster.
func (p *Policy) Explain(c Call) Explanation {
	// For a violation, Decide has described the call.
	d := p.Decide(c)
	if d.Call != nil {
		return Explanation{d, *d.Call}
	}
	return Explanation{d, p.describe(&c)}
}

// describe describes a call that no decision has described.
// See decision 10.
func (p *Policy) describe(c *Call) Description {
	var d Decision
	q := &Policy{aws: awsrules.Compile(awsrules.Config{}, nil)}
	// Without a policy, a call is still described, with tables but without a region.
	if parts := p.parts(); len(parts) > 0 {
		q = parts[0] // what a file knows of operations and hosts is the same in all
	}
	switch {
	case c.HTTP != nil:
		var req canon.Request
		if err := readRequest(c.HTTP, &req); err != nil {
			q.describeUnreadable(c, &d)
			return *d.Call
		}
		// A request may be an operation of AWS. Doubtful ones are described as requests.
		if atAWS := mayBeAWS(&req); !c.AWS.named() && (atAWS || req.Signed) {
			var call awsrules.Call
			if sight := q.aws.Classify(&call, c.HTTP, &req, atAWS); sight > awsrules.Doubtful {
				w := q.aws.Read(&call)
				d.Call = &Description{Presigned: call.Presigned}
				describeAWS(w, d.Call)
				q.aws.Release(w)
			}
		}
		q.describeHTTP(c, &req, &d)
		return *d.Call
	case c.Net != "":
		return Description{Kind: "net", Net: c.Net, Via: c.Via.String()}
	case c.AWS.named():
		call := c.AWS.call()
		w := q.aws.Read(&call)
		defer q.aws.Release(w)
		d := Description{Via: c.Via.String(), Presigned: call.Presigned}
		describeAWS(w, &d)
		return d
	}
	return Description{Via: c.Via.String()}
}

// readRequest brings a request to canonical form, with memory of its own where that is needed.
func readRequest(r *http.Request, req *canon.Request) (err error) {
	if !req.Usual(r) {
		*req, err = canon.Parse(r, nil)
	}
	return err
}

// describeHTTP adds where a request goes to what d says of the call. An SDK call that nothing has
// described yet is read.
func (p *Policy) describeHTTP(c *Call, req *canon.Request, d *Decision) {
	if d.Call == nil {
		d.Call = new(Description)
		if c.AWS.named() {
			call := c.AWS.call()
			w := p.aws.Read(&call)
			describeAWS(w, d.Call)
			p.aws.Release(w)
		}
	}
	// On the wire, the operation was described before; where it goes is added.
	d.Call.Via, d.Call.Presigned = c.Via.String(), d.Call.Presigned || c.AWS.Presigned
	d.Call.Method, d.Call.URL = methodText(req.Method), httprules.RequestURL(req, d.Allow)
	if d.Call.Kind == "" {
		d.Call.Kind = "http"
	}
}

// describeUnreadable describes a request that has no canonical form.
func (p *Policy) describeUnreadable(c *Call, d *Decision) {
	d.Call = &Description{Kind: "http", Via: c.Via.String(), Presigned: c.AWS.Presigned}
	if c.AWS.named() {
		call := c.AWS.call()
		w := p.aws.Read(&call)
		describeAWS(w, d.Call)
		p.aws.Release(w)
	}
}

// describeAWS fills in what was read of an operation.
func describeAWS(w *awsrules.Reading, d *Description) {
	d.Kind, d.Service, d.Operation, d.Region, d.Resources = "aws", w.Op.Service, w.Op.Name, w.At.Region, w.ARNs()
}

// methodText copies a method, so that a request does not escape to the heap; the usual ones are
// constants.
func methodText(method string) string {
	for _, m := range usualMethods {
		if method == m {
			return m
		}
	}
	return strings.Clone(method)
}
