package policy

import (
	"net/http"

	"github.com/outguard/outguard/internal/awsrules"
)

// A Call is one outbound call, as raw as the layer that saw it had it. Decide brings it to
// canonical form.
//
// Exactly one of HTTP, AWS and Net is set, except that an AWS SDK call on the wire has both AWS and
// HTTP: then only what the wire adds is judged (the real host, the signing key, http: and ip:
// blacklist rules), because the call itself has been judged before.
type Call struct {
	HTTP *http.Request // a request that is about to be sent; never changed
	AWS  AWSCall       // an AWS operation
	Net  string        // "host:port" or "address:port" of a call that is neither HTTP nor AWS, or of the dial below any call
	Addr string        // with Net: the resolved "address:port" about to be connected to; see ViaDial and ViaAddr
	Via  Via           // which layer saw the call
	// Caller finds the package that makes the call, for rules with callers:. It is called only if
	// the call reaches such a rule. nil: not known; Guard.Check fills it.
	Caller func() (path string, main bool)
	// Names are other destinations that the call may have been made to, in the form of Net: a
	// layer below knows an address by several names, and a look-up by the name with and without
	// its search suffix. The call is a violation only if each of them would be one.
	Names []string
}

// An AWSCall is one operation of an AWS service. The zero value means that the call is not an AWS
// call.
type AWSCall struct {
	Service   string   // SDK service id ("DynamoDB"), SDK package name ("sfn") or IAM prefix ("states")
	Operation string   // the SDK's operation name ("GetObject")
	Region    string   // the region the call goes to; "": the function's own
	Account   string   // the account whose key signs the call; "": not known (yet), taken as the function's own
	Input     any      // the SDK's typed input (*s3.GetObjectInput), read by reflection; nil: see Resources
	Resources []string // without Input: the ARNs the call touches; nil: not known
	Presigned bool     // the call makes a presigned URL and sends nothing
	// Given is the request that the call will send to an endpoint that the client was given in
	// place of AWS's own; nil: none, or not known. It is not judged. An entry that is proposed for
	// the call also allows that endpoint.
	Given *http.Request
}

// fillAWS fills to with the AWS call and who makes it. Field by field: a copy of what has just been
// written takes as long as a look-up.
func (c *Call) fillAWS(to *awsrules.Call) {
	a := &c.AWS
	to.Service, to.Operation, to.Region, to.Account = a.Service, a.Operation, a.Region, a.Account
	to.Input, to.Resources, to.Presigned, to.Caller = a.Input, a.Resources, a.Presigned, c.Caller
}

// named reports whether the call is an AWS call.
func (c *AWSCall) named() bool { return c.Service != "" || c.Operation != "" || c.Input != nil }

// call is the call as the engine takes it.
func (c *AWSCall) call() awsrules.Call {
	return awsrules.Call{
		Service: c.Service, Operation: c.Operation, Region: c.Region, Account: c.Account,
		Input: c.Input, Resources: c.Resources, Presigned: c.Presigned,
	}
}

// Via names the layer that saw a call. Layers below Transport and SDK see only a name or an
// address.
type Via uint8

// The layers. Alerts have them as words; see String.
const (
	ViaUnknown   Via = iota // a direct Check; the call is complete
	ViaTransport            // httpguard: the whole request
	ViaSDK                  // awsmiddleware, before signing: the operation and its input
	ViaWire                 // awsmiddleware, on each attempt: the real host and the signing key
	ViaName                 // a name is looked up: Net is "host:port", or "host" when the port is not known
	// ViaDial: a connection is made. Net is what was asked for, and is judged. With Addr, both
	// are judged, and on_unguarded: does not apply: its notice belongs to the question without
	// Addr.
	ViaDial
	ViaProxy   // a request is about to go through a proxy: Net is the proxy's "host:port"
	ViaContext // a connection is made or reused for a call that carries the handler's context; Net is "host:port", as asked for
	// ViaConnect: as ViaContext, but the connection cannot be refused any more: a violation can
	// only be reported.
	ViaConnect
	// ViaAddr: as ViaDial, but Net has been judged above, as a request or a name. Only Addr is
	// judged now: by ip: rules and local-address, for which Net is the name. An Addr that does not
	// parse is a violation.
	ViaAddr
)

// partial reports whether the layer sees only a name or a host and port of a call that may be more.
func (v Via) partial() bool {
	switch v {
	case ViaName, ViaDial, ViaContext, ViaConnect, ViaAddr:
		return true
	}
	return false
}

// String returns a layer as alerts have it: a word in lower case, "check" for a direct Check.
func (v Via) String() string {
	switch v {
	case ViaTransport:
		return "transport"
	case ViaSDK:
		return "sdk"
	case ViaWire:
		return "wire"
	case ViaName:
		return "name"
	case ViaDial, ViaAddr:
		return "dial"
	case ViaProxy:
		return "proxy"
	case ViaContext:
		return "context"
	case ViaConnect:
		return "connect"
	}
	return "check"
}
