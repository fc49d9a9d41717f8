package policy

import (
	"unsafe"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/foldids"
)

// Identity calls exact and folded with the pieces of what a call was read to be, each text ended by
// "\x00": method and destination, or operation and resources, or host and port. Folded gets paths
// and resources with ids as *, as in the identity of an alert. Two calls are the same if the pieces
// are. Identity does not allocate for calls that Decide judges without allocating, and neither
// function may keep a piece.
func (p *Policy) Identity(c Call, exact, folded func(piece string)) {
	parts := p.parts()
	if len(parts) == 0 {
		return
	}
	p = parts[0] // what a file knows of operations and hosts is the same in all
	i := identity{exact, folded}
	switch {
	case c.HTTP != nil:
		p.identifyHTTP(&c, &i)
	case c.Net != "":
		i.text("net")
		i.text(c.Net)
	case c.AWS.named():
		call := c.AWS.call()
		p.identifyAWS(&call, &i)
	}
}

// identity is where the pieces of a call go.
type identity struct{ exact, folded func(string) }

// text adds a text in which no id is folded. Both identities get it. The zero byte ends it, so that
// "a" and "bc" differ from "ab" and "c".
func (i *identity) text(s string) {
	i.exact(s)
	i.exact("\x00")
	i.folded(s)
	i.folded("\x00")
}

// number adds a number without allocating: the last digit is first.
func (i *identity) number(n uint16) {
	for ; n > 0; n /= 10 {
		digit := "0123456789"[n%10:][:1]
		i.exact(digit)
		i.folded(digit)
	}
	i.text("")
}

// identifyHTTP adds a request, and the operation that it is at AWS.
func (p *Policy) identifyHTTP(c *Call, i *identity) {
	var req canon.Request
	if !req.Usual(c.HTTP) {
		var buf canon.Buf
		var err error
		// A request that cannot be read has no identity.
		if req, err = canon.Parse(c.HTTP, &buf); err != nil {
			return
		}
	}
	// As in Decide: an operation's identity, and where it is sent.
	if req.Signed || mayBeAWS(&req) {
		var call awsrules.Call
		if sight := p.aws.Classify(&call, c.HTTP, &req, mayBeAWS(&req)); sight > awsrules.Doubtful {
			p.identifyAWS(&call, i)
		}
	}
	i.text("http")
	i.text(req.Method)
	to := &req.Dests[0]
	i.text(to.Scheme)
	i.text(to.Host)
	// An address as text would have to be made. The URL has it, in the caller's spelling.
	if to.Addr.IsValid() {
		i.text(c.HTTP.URL.Host) // however it is written
	}
	i.number(to.Port)
	// In a tunnel, nobody sees the path.
	if !req.Tunnel {
		path := req.Path.String()
		i.exact(path)
		foldids.URL(path, i.folded)
	}
}

// identifyAWS adds an operation and the resources that are known.
func (p *Policy) identifyAWS(call *awsrules.Call, i *identity) {
	w := p.aws.Read(call)
	defer p.aws.Release(w)
	i.text("aws")
	i.text(w.Op.Service)
	i.text(w.Op.Name)
	i.text(w.At.Region)
	// The sum of the resource before, 0 at first.
	previous := uint64(0)
	for n := range w.Touches() {
		t := w.Touch(n)
		// What is not known cannot distinguish calls.
		if t.State != awscall.Known {
			continue
		}
		i.exact(t.Account)
		i.exact(t.Region)
		resource := textOf(t.Resource)
		i.exact(resource)
		i.exact("\x00")
		// A batch of many keys in one table is one identity.
		if w.Touches() > 1 {
			sum := foldedSum(resource)
			if sum == previous {
				continue // of resources in a row that fold into the same text, one counts
			}
			previous = sum
		}
		i.folded(t.Account)
		i.folded(t.Region)
		foldids.Resource(resource, i.folded)
		i.folded("\x00")
	}
}

// textOf returns b as a string, which holds as long as b.
func textOf(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// foldedSum returns the FNV-1a hash of the folded form of a resource. A hash, because a list of
// folded texts would allocate. A collision only leaves one resource out.
func foldedSum(resource string) uint64 {
	sum := uint64(14695981039346656037)
	// 14695981039346656037 and 1099511628211 are FNV's offset and prime for 64 bits.
	foldids.Resource(resource, func(piece string) {
		for i := range len(piece) {
			sum = (sum ^ uint64(piece[i])) * 1099511628211
		}
	})
	return sum
}
