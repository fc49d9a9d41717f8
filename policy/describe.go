package policy

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

// Describe says what c is.
func Describe(c Call) Description { return Description{} }
