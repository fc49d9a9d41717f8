package policy

import (
	"reflect"

	"github.com/outguard/outguard/internal/awscall"
)

// awsCall is one operation of an AWS service, as the layer that saw it describes it.
type awsCall struct {
	service   string   // SDK service id ("DynamoDB"), SDK package name ("sfn") or IAM prefix ("states")
	operation string   // the SDK's operation name ("GetObject")
	region    string   // the region the call goes to; "": the function's own
	account   string   // the account whose key signs the call; "": not known, taken as the function's own
	input     any      // the SDK's typed input, read by reflection; nil: see resources
	resources []string // without input: the ARNs that the call touches; nil: not known
	presigned bool     // the call makes a presigned URL and sends nothing
	version   bool     // a plain HTTP request to S3 names a version of the object
	owner     string   // and the owner of the bucket
}

// An awsReading is a call as it was read: which operation, made where and by whom, and what it touches. It is used again for later calls.
type awsReading struct {
	op      *awsOp
	at, own *awscall.Where // where the call goes and by whom it is made, and what counts as own
	touches awscall.Touches
	vouches *awsRule // the whitelist rule that has matched last
	problem string   // why the call cannot be judged; "" when it can

	elsewhere, home awscall.Where // at and own where they are not the function's
}

// read reads a call. The reading is to be released.
func (a *awsRules) read(c *awsCall) *awsReading {
	w, ok := a.readings.Get().(*awsReading)
	if !ok {
		w = new(awsReading)
	}
	a.readInto(w, c)
	return w
}

// release gives a reading back, for use by later calls.
func (a *awsRules) release(w *awsReading) { a.readings.Put(w) }

func (a *awsRules) readInto(w *awsReading, c *awsCall) {
	w.op, w.vouches, w.problem = a.op(c), nil, ""
	valid := a.place(c, w)
	w.touches.Of(w.op.Op, c.input, c.resources, w.at)
	switch {
	case !valid:
		w.problem = quoted(w.at.Region) + " is not a region"
	case w.op.Service == "":
		w.problem = "the call names no service"
	}
}

// place says where a call goes and by whom it is made, and what counts as own: what is not known of the function is taken to be the call's.
// valid: the region can be one.
func (a *awsRules) place(c *awsCall, w *awsReading) (valid bool) {
	if (c.region == "" || c.region == a.own.Region) && (c.account == "" || c.account == a.own.Account) && c.owner == "" {
		w.at, w.own = &a.own, &a.own // as most calls are
		return a.validRegion
	}
	w.elsewhere, w.home = a.own, a.own
	at, own := &w.elsewhere, &w.home
	w.at, w.own = at, own
	at.Owner, valid = c.owner, a.validRegion
	if c.region != "" && c.region != own.Region {
		at.Region = awscall.Region(c.region)
		at.Partition = awscall.PartitionOf(at.Region)
		valid = awscall.IsRegion(at.Region)
		if own.Region == "" {
			own.Region, own.Partition = at.Region, at.Partition
		}
	}
	if c.account != "" && c.account != own.Account {
		at.Account = c.account
		if own.Account == "" {
			own.Account = c.account
		}
	}
	return valid
}

// An awsName is an operation of a service, as a call names them.
type awsName struct{ service, name string }

// op finds the operation of a call, and the rules that concern it.
func (a *awsRules) op(c *awsCall) *awsOp {
	if c.input == nil {
		key := awsName{c.service, c.operation}
		if c.version {
			key.name += "?versionId"
		}
		op, ok := a.byName.load(key)
		if !ok {
			op, ok = a.unknown.load(key)
		}
		if ok {
			return op
		}
		op = a.newOp(c, nil)
		if op.Guessed && op.Name != "" {
			a.unknown.store(key, op)
		} else {
			a.byName.store(key, op)
		}
		return op
	}
	t := reflect.TypeOf(c.input)
	key := reflect.ValueOf(t).UnsafePointer()
	op, ok := a.byInput.load(key)
	if !ok {
		op = a.newOp(c, t)
		a.byInput.store(key, op)
	}
	if op.service != c.service || op.Name != c.operation {
		return a.newOp(c, t)
	}
	return op
}

// arns returns the ARNs of the resources that are known.
func (w *awsReading) arns() (arns []string) {
	for i := range w.touches.List {
		if arn := w.touches.List[i].ARN(); arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}
