package policy

import "github.com/outguard/outguard/internal/canon"

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
func Describe(c Call) Description {
	d := Description{Via: c.Via.String()}
	isAWS := c.AWS.Service != "" || c.AWS.Operation != "" || c.AWS.Input != nil
	if isAWS {
		d.Kind = "aws"
		describeAWS(c.AWS, &d)
	}
	if c.HTTP != nil {
		var buf canon.Buf
		req, err := canon.Parse(c.HTTP, &buf)
		if err == nil {
			d.URL = string(appendURL(nil, &req))
			d.Method = req.Method
		}
		if !isAWS {
			d.Kind = "http"
		}
		if !isAWS && err == nil {
			if call, doubtful, ok := new(awsRules).classify(c.HTTP, &req); ok && !doubtful {
				d.Kind = "aws"
				describeAWS(call, &d)
			}
		}
	}
	if c.Net != "" {
		d.Net = c.Net
		if d.Kind == "" {
			d.Kind = "net"
		}
	}
	return d
}

// appendURL appends where a request goes: scheme, host, port unless it is the scheme's own, path.
func appendURL(b []byte, req *canon.Request) []byte {
	b = appendOrigin(b, &req.Dests[0])
	if req.Tunnel {
		return b
	}
	return appendPath(b, string(req.Path.Reading(0, nil)))
}
