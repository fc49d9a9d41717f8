package policy

import (
	"net/http"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/canon"
)

// A Description is what an alert says about a call: no query, no user info, no body, no header.
type Description struct {
	Kind      string   // "http", "aws", "net"
	Method    string   // http
	URL       string   // http: scheme, host, port and path in canonical form
	Service   string   // aws: the IAM prefix
	Operation string   // aws
	Resources []string // aws: ARNs
	Region    string   // aws
	Net       string   // net: host:port
	Via       string   // which layer saw the call
	Presigned bool
}

// Describe says what c is, as it was read and not as it was written. What cannot be read has an empty URL.
func (p *Policy) Describe(c Call) Description {
	d := Description{Via: c.Via.String()}
	isAWS := c.AWS.Service != "" || c.AWS.Operation != "" || c.AWS.Input != nil
	if isAWS {
		p.describeAWS(&c.AWS, &d)
	}
	if c.HTTP != nil {
		p.describeHTTP(c.HTTP, isAWS, &d)
	}
	if c.Net != "" {
		d.Net = c.Net
		if d.Kind == "" {
			d.Kind = "net"
		}
	}
	return d
}

// describeHTTP fills in where a request goes, and what it is when nobody has said that it is an AWS call's.
func (p *Policy) describeHTTP(r *http.Request, isAWS bool, d *Description) {
	var req canon.Request
	err := read(r, &req)
	if err == nil {
		d.URL = string(appendURL(nil, &req))
		d.Method = req.Method
	}
	if isAWS {
		return
	}
	d.Kind = "http"
	if err != nil || !mayBeAWS(&req) {
		return
	}
	if call, doubtful, ok := p.vocabulary().classify(r, &req); ok && !doubtful {
		p.describeAWS(&call, d)
	}
}

// describeAWS fills in the AWS part of a Description: what Decide saw, with the ARNs of the resources that are known.
func (p *Policy) describeAWS(c *AWSCall, d *Description) {
	a := p.vocabulary()
	w, _ := a.read(c)
	defer a.readings.Put(w)
	d.Kind, d.Service, d.Operation, d.Region, d.Presigned = "aws", w.op.Service, w.op.Name, w.at.Region, c.Presigned
	for i := range w.touches.List {
		if arn := w.touches.List[i].ARN(); arn != "" {
			d.Resources = append(d.Resources, arn)
		}
	}
}

// vocabulary returns the aws: rules of one file, whichever: what they know of operations and hosts is the same in all.
func (p *Policy) vocabulary() *awsRules {
	switch {
	case p.aws != nil:
		return p.aws
	case len(p.joined) > 0:
		return p.joined[0].aws
	}
	return &awsRules{own: awscall.Where{Partition: "aws"}}
}

// appendURL appends where a request goes: scheme, host, port unless it is the scheme's own, path.
func appendURL(b []byte, req *canon.Request) []byte {
	b = appendOrigin(b, &req.Dests[0])
	if req.Tunnel {
		return b
	}
	path, _ := req.Path.Reading(0, nil)
	return appendPath(b, string(path))
}
