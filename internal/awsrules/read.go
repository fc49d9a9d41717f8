package awsrules

import (
	"reflect"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file reads a call: its operation, its place, and what it touches.

// Call is one operation of an AWS service, as the layer that saw it describes it.
type Call struct {
	Service   string        // SDK service id ("DynamoDB"), SDK package name ("sfn") or IAM prefix ("states")
	Operation string        // the SDK's operation name ("GetObject")
	Region    string        // the region the call goes to; "": the function's own
	Account   string        // the account whose key signs the call; "": not known, taken as the function's own
	Input     any           // the SDK's typed input, read by reflection; nil: see resources
	Resources []string      // without input: the ARNs that the call touches; nil: not known
	Presigned bool          // the call makes a presigned URL and sends nothing
	Version   bool          // a plain HTTP request to S3 names a version of the object
	Owner     string        // and the owner of the bucket
	Adds      awscall.Adds  // and what its headers ask for beside the upload
	Body      *awscall.Body // in the place of the input; nil: see resources
	// Caller finds who makes the call, for rules with callers:; nil: not known.
	Caller func() (path string, main bool)
}

// An awsReading is a call as it was read: which operation, made where and by whom, and what it
// touches. It is used again for later calls.
type Reading struct {
	Op      *operation
	At, own *awscall.Where // where the call goes and by whom it is made, and what counts as own
	// touches keeps its memory from call to call, so that reading allocates nothing.
	touches awscall.Touches
	vouches *compiled // the whitelist rule that has matched last
	problem string    // why the call cannot be judged; "" when it can
	input   any       // of the call, for people
	who     rule.Caller

	elsewhere, home awscall.Where // at and own where they are not the function's
}

// Read reads a call. The reading is to be released.
func (a *Rules) Read(c *Call) *Reading {
	w, ok := a.readings.Get().(*Reading)
	if !ok {
		w = new(Reading)
	}
	a.readInto(w, c)
	return w
}

// Release gives a reading back, for use by later calls.
func (a *Rules) Release(w *Reading) {
	w.input = nil // it may be large
	a.readings.Put(w)
}

// readInto fills a reading for a call, whatever it held before.
func (a *Rules) readInto(w *Reading, c *Call) {
	// The operation comes first: it has the plan by which the input is read.
	w.Op, w.vouches, w.problem, w.input = a.op(c), nil, "", c.Input
	w.who.Reset(c.Caller)
	valid := a.place(c, w)
	input := c.Input
	if c.Body != nil {
		input = c.Body
	}
	w.touches.Of(w.Op.Op, input, c.Resources, w.At)
	// A region such as "eu-west-1.evil" would lead the SDK to another host.
	switch {
	case !valid:
		w.problem = report.Quoted(w.At.Region) + " is not a region"
	case w.Op.Service == "":
		w.problem = "the call names no service"
	case c.Body != nil && c.Body.Unclear():
		w.problem = "the members of the request's body or path can be read in more than one way"
	}
}

// place says where a call goes and by whom it is made, and what counts as own: what is not known of
// the function is taken to be the call's. valid: the region can be one.
func (a *Rules) place(c *Call, w *Reading) (valid bool) {
	if (c.Region == "" || c.Region == a.Own.Region) && (c.Account == "" || c.Account == a.Own.Account) && c.Owner == "" {
		w.At, w.own = &a.Own, &a.Own // as most calls are
		return a.validRegion
	}
	// What differs from the function is filled in below.
	w.elsewhere, w.home = a.Own, a.Own
	at, own := &w.elsewhere, &w.home
	w.At, w.own = at, own
	at.Owner, valid = c.Owner, a.validRegion
	// Clients take "fips-us-east-1" and "aws-global" as regions; rules have the region itself.
	if c.Region != "" && c.Region != own.Region {
		at.Region = awsname.Region(c.Region)
		at.Partition = awsname.PartitionOf(at.Region)
		valid = awsname.ValidRegion(at.Region)
		// A function without a region takes the first call's for its own.
		if own.Region == "" {
			own.Region, own.Partition = at.Region, at.Partition
		}
	}
	if c.Account != "" && c.Account != own.Account {
		at.Account = c.Account
		if own.Account == "" {
			own.Account = c.Account
		}
	}
	return valid
}

// An awsName is an operation of a service, as a call names them.
type opName struct {
	service, name string
	body          bool // the call has a Body
}

// op finds the operation of a call, and the rules that concern it.
// See decision 19.
func (a *Rules) op(c *Call) *operation {
	// A plain HTTP request has no input, and its texts may be of any kind.
	if c.Input == nil {
		key := opName{c.Service, c.Operation, c.Body != nil}
		if c.Version {
			// The version and the additions change which actions are taken, so that they are parts
			// of the key.
			key.name += "?versionId"
		}
		if c.Adds != 0 {
			key.name += "?" + string(rune('a'+c.Adds))
		}
		op, ok := a.byName.load(key)
		if !ok {
			op, ok = a.unknown.load(key)
		}
		if ok {
			return op
		}
		kept := *c // a request's texts may be parts of its header or its body
		kept.Service, kept.Operation = strings.Clone(c.Service), strings.Clone(c.Operation)
		key.service, key.name = kept.Service, strings.Clone(key.name)
		op = a.newOp(&kept, nil)
		// Names that a request made up must not fill the table of real ones.
		if !op.Known || op.Guessed && op.Name != "" {
			a.unknown.store(key, op)
		} else {
			a.byName.store(key, op)
		}
		return op
	}
	key := awscall.TypeOf(c.Input)
	op, ok := a.byInput.load(key)
	if !ok {
		op = a.newOp(c, reflect.TypeOf(c.Input))
		a.byInput.store(key, op)
	}
	// Two operations may share an input type in hand-written clients. Then nothing is kept.
	if op.service != c.Service || op.Name != c.Operation {
		return a.newOp(c, reflect.TypeOf(c.Input))
	}
	return op
}

// Touches returns how many resources the call touches, and Touch one of them, for reading.
func (w *Reading) Touches() int { return len(w.touches.List) }

func (w *Reading) Touch(i int) *awscall.Touch { return &w.touches.List[i] }

// ARNs returns the ARNs of the resources that are known.
// Touches without a resource have no ARN.
func (w *Reading) ARNs() (arns []string) {
	for i := range w.touches.List {
		if arn := w.touches.List[i].ARN(); arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}
