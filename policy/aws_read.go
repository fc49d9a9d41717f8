package policy

import (
	"reflect"

	"github.com/outguard/outguard/internal/awscall"
)

// An awsReading is a call as it was read: which operation, made where and by whom, and what it touches. It is used again for later calls.
type awsReading struct {
	op      *awsOp
	at, own *awscall.Where // where the call goes and by whom it is made, and what counts as own
	touches awscall.Touches
	vouches *awsRule // the whitelist rule that has matched last

	elsewhere, home awscall.Where // at and own where they are not the function's
}

// read reads a call. The reading goes back to a.readings. problem is what makes the call unreadable; "" is nothing.
func (a *awsRules) read(c *AWSCall) (w *awsReading, problem string) {
	w, ok := a.readings.Get().(*awsReading)
	if !ok {
		w = new(awsReading)
	}
	w.op, w.vouches = a.op(c), nil
	valid := a.place(c, w)
	w.touches.Of(w.op.Op, c.Input, c.Resources, w.at)
	switch {
	case !valid:
		return w, quoted(w.at.Region) + " is no region"
	case w.op.Service == "":
		return w, "the call names no service"
	}
	return w, ""
}

// place says where a call goes and by whom it is made, and what counts as own: what is not known of the function is taken to be the call's.
// valid: the region can be one.
func (a *awsRules) place(c *AWSCall, w *awsReading) (valid bool) {
	if (c.Region == "" || c.Region == a.own.Region) && (c.Account == "" || c.Account == a.own.Account) && c.owner == "" {
		w.at, w.own = &a.own, &a.own // as most calls are
		return a.validRegion
	}
	w.elsewhere, w.home = a.own, a.own
	at, own := &w.elsewhere, &w.home
	w.at, w.own = at, own
	at.Owner, valid = c.owner, a.validRegion
	if c.Region != "" && c.Region != own.Region {
		at.Region = awscall.Region(c.Region)
		at.Partition = awscall.PartitionOf(at.Region)
		valid = awscall.IsRegion(at.Region)
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

// An awsName is an operation of a service, as an AWSCall names them.
type awsName struct{ service, name string }

// op finds the operation of a call, and the rules that concern it.
func (a *awsRules) op(c *AWSCall) *awsOp {
	if c.Input == nil {
		key := awsName{c.Service, c.Operation}
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
	t := reflect.TypeOf(c.Input)
	key := reflect.ValueOf(t).UnsafePointer()
	op, ok := a.byInput.load(key)
	if !ok {
		op = a.newOp(c, t)
		a.byInput.store(key, op)
	}
	if op.service != c.Service || op.Name != c.Operation {
		return a.newOp(c, t)
	}
	return op
}
