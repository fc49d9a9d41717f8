package awscall

import (
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A State says how much is known of what a call touches.
type State uint8

const (
	Unknown State = iota // something that cannot be known from the input, or a name that is none
	Known                // the resource whose ARN is given
	Nothing              // the operation takes no resource
)

// A Touch is one resource that a call touches, and what it does to it.
type Touch struct {
	Actions uint64 // bit set over Op.Actions: every one of them is taken; 0: a whitelist need not allow it
	Also    uint64 // and those that come to the same, for a blacklist
	State   State
	// The parts of the canonical ARN. Region and Account are "" where the ARN has none.
	Partition, Service, Region, Account string
	// Owner is the account that the input says owns the resource, whatever the ARN says; "" if it does not say.
	Owner string
	// Resource is what follows the fifth colon. A byte Any stands for one character that is not known (a secret's random
	// suffix): only a wildcard matches it.
	Resource []byte
	// Alias is another name of the same resource, "" if there is none: the domain of an e-mail address. It is the
	// end of Resource's type, as in "identity/" + Alias.
	Alias []byte
	// Named reports that Resource is a secret's name, without the random end that Alias has.
	Named bool
	// Open reports that what begins with Resource is touched (a path of parameters).
	Open bool
}

// Any stands for an unknown character of a Touch's Resource.
const Any = 0xFF

// ARN returns the touch's ARN; "" when it is not known.
func (t *Touch) ARN() string {
	if t.State != Known {
		return ""
	}
	var b strings.Builder
	b.Grow(len("arn:::::") + len(t.Partition) + len(t.Service) + len(t.Region) + len(t.Account) + len(t.Resource))
	for _, part := range [...]string{"arn:", t.Partition, ":", t.Service, ":", t.Region, ":", t.Account, ":"} {
		b.WriteString(part)
	}
	if utf8.Valid(t.Resource) {
		b.Write(t.Resource)
	} else {
		b.WriteString(strings.ToValidUTF8(string(t.Resource), "?"))
	}
	return b.String()
}

// Where is where a call goes, and by whom it is made.
type Where struct {
	Partition string // "aws", "aws-cn", …
	Region    string
	Account   string // of the caller
	Owner     string // of S3's bucket, of a call without an input that says so
}

// Touches collects what a call touches. It can be used again; its touches are valid until then.
type Touches struct {
	List []Touch
	op   *Op
	at   Where
	buf  []byte

	root   unsafe.Pointer // the input
	step   *step          // the step that is being run
	values [3]string      // what it has read

	said

	lastTemplate *template // what the last of List was made of, if it was one name
	lastName     string
}

// Of collects what a call of op touches, from its input or, without one, from the ARNs that are said to be touched. There is always at
// least one touch.
func (ts *Touches) Of(op *Op, input any, arns []string, at *Where) {
	ts.List, ts.buf, ts.lastTemplate = ts.List[:0], ts.buf[:0], nil
	ts.op, ts.at = op, *at
	ts.account, ts.owner, ts.version, ts.versions, ts.objects = "", at.Owner, op.ofVersion, ts.versions[:0], 0
	if op.input == nil {
		ts.arns(arns)
	} else {
		ts.walk(input)
	}
	ts.complete()
}

// saidStep stands for the step that has read an ARN, where it is said.
var saidStep = &step{action: -1}

// arns collects resources of which the ARNs are given, or what follows their fifth colon. An ARN that ends in "/*" is anything below.
func (ts *Touches) arns(list []string) {
	ts.step = saidStep
	for _, arn := range list {
		switch {
		case arn == "*": // IAM's way to write that there is no particular resource
		case strings.HasPrefix(arn, "arn:") && strings.HasSuffix(arn, "/*"):
			t := ts.arn(strings.TrimSuffix(arn, "*"))
			t.Open = t.State == Known
		case strings.HasPrefix(arn, "arn:"):
			ts.arn(arn)
		default:
			ts.relative(arn)
		}
	}
}

// complete sees to it that what the operation itself does is there, whatever it does elsewhere.
func (ts *Touches) complete() {
	if ts.op.takesNone {
		ts.List = slices.DeleteFunc(ts.List, func(t Touch) bool { return t.State == Unknown && t.Actions&^ts.op.own == 0 })
	}
	own := false
	for i := range ts.List {
		if t := &ts.List[i]; t.Actions&ts.op.own != 0 {
			own = true
			t.Also |= ts.op.also
		}
	}
	if own {
		return
	}
	t := Touch{Actions: ts.op.Primary, Also: ts.op.also, Owner: ts.account}
	if ts.op.takesNone {
		t.State = Nothing
	}
	ts.List = append(ts.List, t)
}

// add adds a known resource, unless it is the same as the last one.
func (ts *Touches) add(t Touch) *Touch {
	next := ts.next()
	*next = t
	return ts.settle(next)
}

// next adds an empty touch, to be filled in and settled.
func (ts *Touches) next() *Touch {
	ts.List = append(ts.List, Touch{})
	return &ts.List[len(ts.List)-1]
}

// settle completes the last touch, a known resource, and takes it back if it is the same as the one before it.
func (ts *Touches) settle(t *Touch) *Touch {
	t.State = Known
	t.Actions = ts.actions(t.Service)
	if ts.version {
		t.Actions = ts.op.versioned(t.Actions)
	}
	t.Owner = ts.ownerOf(t.Service)
	if ts.step.aside {
		t.Actions, t.Also = 0, t.Actions
	}
	if n := len(ts.List) - 1; n > 0 {
		if l := &ts.List[n-1]; l.same(t) {
			l.Actions |= t.Actions
			l.Also |= t.Also
			ts.List = ts.List[:n]
			return l
		}
	}
	return t
}

// unknown adds a resource that cannot be known.
func (ts *Touches) unknown() {
	t := Touch{Actions: ts.actions(ts.op.Service), Owner: ts.ownerOf(ts.op.Service)}
	if ts.version {
		t.Actions = ts.op.versioned(t.Actions)
	}
	if ts.step.aside {
		t.Actions, t.Also = 0, t.Actions
	}
	ts.List = append(ts.List, t)
}

// actions returns what the step does to something of a service.
func (ts *Touches) actions(service string) uint64 {
	if ts.step.action < 0 {
		return ts.op.of(service)
	}
	return 1 << ts.step.action
}

func (t *Touch) same(u *Touch) bool {
	return t.State == u.State && string(t.Resource) == string(u.Resource) && t.Account == u.Account && t.Owner == u.Owner &&
		t.Region == u.Region && t.Service == u.Service && t.Partition == u.Partition && t.Named == u.Named && !t.Open
}
