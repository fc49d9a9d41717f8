package awscall

import (
	"strings"
	"unsafe"
)

// This file collects the touches of one call.

// Where is the place that a call goes to, and the account that makes it.
type Where struct {
	Partition string // "aws", "aws-cn", …
	Region    string
	Account   string // of the caller
	Owner     string // of what the call acts on, for a call without an input that names it
}

// Touches collects what a call touches. It can be used again for another call; the touches in List
// are valid until then. It is not for concurrent use.
type Touches struct {
	List []Touch
	op   *Op
	at   *Where // where the call goes
	buf  []byte // the texts of List

	root   unsafe.Pointer // the input
	body   *Body          // in its place
	read   int            // how many values of it have been taken
	step   *step          // the step that is being run
	values [4]string      // what the step has read

	facts

	lastTemplate *template // what the last touch was made of, if it was made of one name
	lastName     string

	elsewhere Where // what at points to if the input names another account
}

// facts is what the input has shown, beside names, for the steps that follow.
type facts struct {
	account  string // the owner of the operation's resources, or ""
	owner    string // the owner of the bucket, or ""
	version  bool   // a version of the object is meant
	versions []bool // the same of each object of a list
	objects  int    // how many of that list have been read
}

// Of collects what a call of op touches, from its input or, without one, from the ARNs that are
// known to be touched. The input is a *Body if op was made for one. List then has at least one
// touch. ts keeps at until the next call.
func (ts *Touches) Of(op *Op, input any, arns []string, at *Where) {
	// The memory of the last call is used again.
	ts.List, ts.buf, ts.lastTemplate = ts.List[:0], ts.buf[:0], nil
	ts.op, ts.at = op, at
	ts.account, ts.owner, ts.version, ts.versions, ts.objects = "", at.Owner, op.ofVersion, ts.versions[:0], 0
	if op.Service != "s3" { // where it is the bucket's owner alone, as another service's key has its own
		ts.account = at.Owner
	}
	switch b, isBody := input.(*Body); {
	case op.body:
		if isBody {
			ts.walkBody(b)
		}
	case op.input == nil:
		ts.arns(arns)
	default:
		ts.walk(input)
	}
	ts.complete(at.Account)
}

// explicitARNStep stands for the step that has read a touch where its ARN was given.
var explicitARNStep = &step{action: primaryActions}

// arns collects resources from a list of ARNs. An element may also be what follows the fifth colon
// of an ARN. One that ends in "/*" stands for everything below it.
func (ts *Touches) arns(list []string) {
	ts.step = explicitARNStep
	for _, arn := range list {
		// A relative name is possible, since plain calls may be described by hand.
		switch {
		case arn == "*": // IAM writes this where there is no particular resource
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

// complete adds a touch for the operation itself if no step produced one. caller is the account
// that makes the call.
func (ts *Touches) complete(caller string) {
	// An unknown resource does not matter where IAM has none.
	if ts.op.takesNone {
		kept := ts.List[:0] // slices.DeleteFunc would copy each touch, and is 4 KB more
		for i := range ts.List {
			if t := &ts.List[i]; t.State != Unknown || !t.Actions.Minus(ts.op.own).Empty() {
				kept = append(kept, *t)
			}
		}
		clear(ts.List[len(kept):])
		ts.List = kept
	}
	if ts.op.noARN {
		// IAM judges the operation under "*", whatever it names. Blacklists also go by what it
		// names, and whitelists by another account that it names.
		for i := range ts.List {
			t := &ts.List[i]
			if own := t.Actions.Minus(t.Actions.Minus(ts.op.own)); !own.Empty() && t.State == Known && in(t.Account, caller) && in(t.Owner, caller) {
				t.Actions, t.Also = t.Actions.Minus(own), t.Also.Union(own).Union(ts.op.also)
			}
		}
	}
	// The operation itself must be among what is done, whatever else the steps found.
	own := false
	for i := range ts.List {
		if t := &ts.List[i]; t.Actions.Overlaps(ts.op.own) {
			own = true
			t.Also = t.Also.Union(ts.op.also)
		}
	}
	if own {
		return
	}
	// No step has found a resource: it is unknown which one it is.
	t := Touch{Actions: ts.op.Primary, Also: ts.op.also, Owner: ts.ownerOf(ts.op.Service)}
	if ts.op.takesNone {
		t.State = Nothing
	}
	ts.List = append(ts.List, t)
}

// in reports whether an account is the caller's, or is left out.
func in(account, caller string) bool { return account == "" || account == caller }

// add adds a known resource, unless it is the same as the last one.
func (ts *Touches) add(t Touch) *Touch {
	// It is filled in place, since a Touch is large.
	next := ts.next()
	*next = t
	return ts.settle(next)
}

// next adds an empty touch, to be filled in and settled.
func (ts *Touches) next() *Touch {
	ts.List = append(ts.List, Touch{})
	return &ts.List[len(ts.List)-1]
}

// settle completes the last touch, a known resource. If it is the same as the touch before it, the
// two become one.
func (ts *Touches) settle(t *Touch) *Touch {
	t.State = Known
	ts.act(t, t.Service)
	// Inputs often name one resource twice in a row.
	if n := len(ts.List) - 1; n > 0 {
		if l := &ts.List[n-1]; l.same(t) {
			l.Actions = l.Actions.Union(t.Actions)
			l.Also = l.Also.Union(t.Also)
			ts.List = ts.List[:n]
			return l
		}
	}
	return t
}

// unknown adds a resource that the input does not show.
func (ts *Touches) unknown() {
	t := ts.next()
	t.step = ts.step
	ts.act(t, ts.op.Service)
}

// act sets what the step does to a touch of a service, and who owns it.
func (ts *Touches) act(t *Touch, service string) {
	// act is where the version and the owner, which were read before, take effect.
	t.Actions = ts.actions(service)
	if ts.version {
		t.Actions = ts.op.versioned(t.Actions)
	}
	t.Owner = ts.ownerOf(service)
	// Nothing has to be allowed, and blacklists still see it.
	if ts.step.blacklistOnly {
		t.Actions, t.Also = 0, t.Actions
	}
}

// actions returns what the step does to a resource of a service.
func (ts *Touches) actions(service string) ActionSet {
	if ts.step.action == primaryActions {
		return ts.op.actionsOn(service)
	}
	return oneAction(ts.step.action)
}
