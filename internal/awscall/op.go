// Package awscall says what a call of an AWS operation does, and what it touches: the action and the canonical ARN of
// every resource that its input names.
//
// It reads the SDK's typed inputs by what reflection says of their types, so that no service module is imported. What is found out about an
// operation and its input type is an immutable [Op], made once; [Touches.Of] then costs no allocation.
package awscall

import (
	"math/bits"
	"reflect"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// An Op is an operation of a service, with the plan by which its input is read.
type Op struct {
	Service string // IAM prefix
	Name    string // the SDK's operation name
	Level   awsops.Level
	Guessed bool     // Level was guessed from the verb
	Actions []Action // the IAM actions the operation can take; the first is the default
	Primary uint64   // those that an operation takes whose input is not at hand, as a bit set over Actions
	Known   bool     // Service is known to the tables
	Aliases []Alias  // what the operation may be, where Name is an action of IAM's that no operation is called by

	own       uint64      // Primary, and the same actions of other services
	also      uint64      // what comes to the same, for a blacklist
	version   [][2]uint64 // the actions on an object, and on a version of it
	ofVersion bool        // the object is a version
	takesNone bool        // IAM knows no resource for it
	input     reflect.Type
	steps     []step
}

// An Action is one IAM action.
type Action struct {
	Service string // IAM prefix
	Name    string
	Level   awsops.Level
	Guessed bool
	Same    bool   // of another service, but what the operation itself is called there
	Plain   string // of one on an object's version: the action on the object, whose name it goes by as well
}

// An Alias is another name of an operation.
type Alias struct{ Service, Name string }

// NewOp looks an operation up. input is the type of its input (*s3.GetObjectInput); nil when there is none.
func NewOp(service, operation string, input reflect.Type) *Op {
	op := &Op{Service: service, Name: operation, input: input}
	if prefix, ok := awsops.Service(service); ok {
		op.Service, op.Known = prefix, true
	}
	op.Level, op.Guessed = awsops.LevelOf(op.Service, operation)
	if names := awsops.Actions(service, operation); names != "" {
		for name := range strings.SplitSeq(names, ",") {
			op.action(name)
		}
	} else {
		op.Actions = []Action{{Service: op.Service, Name: operation, Level: op.Level, Guessed: op.Guessed, Plain: plain(op.Service, operation)}}
	}
	awsops.Operations(op.Service, operation, func(service, name string) { op.Aliases = append(op.Aliases, Alias{service, name}) })
	op.Primary = 1<<len(op.Actions) - 1
	op.own = op.Primary
	if op.Service == "s3" {
		// Behind the ARN of an Object Lambda access point or of Outposts, and in a directory bucket, it is those services' action.
		for _, service := range [...]string{"s3-object-lambda", "s3-outposts", "s3express"} {
			for _, a := range op.Actions[:bits.OnesCount64(op.Primary)] {
				if a.Service != "s3" {
					continue
				}
				if a.Service, a.Same = service, true; service == "s3express" {
					a.Name = express(a.Name)
				}
				if op.index(a.Service, a.Name) < 0 {
					op.own |= 1 << len(op.Actions)
					op.Actions = append(op.Actions, a)
				}
			}
		}
	}
	e, ok := awsops.Find(op.Service, operation)
	op.takesNone = ok && !e.Takes
	if also := op.batch(); input == nil || op.Name != "BatchWriteItem" { // which says what it does to each table
		op.also = also
	}
	if op.Service == "s3" && operation == "DeleteObjects" && input == nil {
		op.versions() // any of them may be one of a version
		op.Primary |= op.versioned(op.Primary)
	}
	if input != nil {
		op.steps = op.plan(input, owners(op.Service)+awsops.Resources(service))
	} else {
		op.elsewhere(awsops.Resources(service))
	}
	return op
}

// elsewhere adds what operations of the service do in other services, for a call whose input is not at hand: an ARN of one of those is taken
// for what it is done to.
func (op *Op) elsewhere(spec string) {
	for entry := range strings.FieldsSeq(spec) {
		entry, ops, limited := strings.Cut(entry, "@")
		if limited && !names(ops, op.Name) {
			continue
		}
		if _, action, _ := strings.Cut(entry, "!"); strings.Contains(action, ":") {
			op.action(action)
		}
		op.takesNone = op.takesNone || entry == "=-"
	}
}

// of returns the actions that an ARN of a service is taken for.
func (op *Op) of(service string) (actions uint64) {
	if service == op.Service {
		return op.Primary
	}
	for i, a := range op.Actions {
		if a.Service == service && !op.onVersion(1<<i) {
			actions |= 1 << i
		}
	}
	if actions == 0 {
		return op.Primary
	}
	return actions
}

// Own reports whether an action is what the operation itself does, so that who names the operation means it.
func (op *Op) Own(i int) bool {
	return op.Actions[i].Service == op.Service || op.Actions[i].Same || op.Primary&(1<<i) != 0
}

// action returns the place of an action, "Name" or "service:Name", in op.Actions, where it is put if it is not there.
func (op *Op) action(name string) int {
	service, short, found := strings.Cut(name, ":")
	if !found {
		service, short = op.Service, name
	}
	if i := op.index(service, short); i >= 0 {
		return i
	}
	level, guessed := awsops.LevelOf(service, short)
	op.Actions = append(op.Actions, Action{Service: service, Name: short, Level: level, Guessed: guessed, Plain: plain(service, short)})
	return len(op.Actions) - 1
}

// index returns the place of an action in op.Actions; -1 if it is not there.
func (op *Op) index(service, name string) int {
	for i := range op.Actions {
		if op.Actions[i].Service == service && op.Actions[i].Name == name {
			return i
		}
	}
	return -1
}

// express returns the action that IAM asks for in a directory bucket where it is that of S3 elsewhere: for objects, the session alone.
func express(action string) string {
	if strings.HasSuffix(action, "Configuration") || strings.Contains(action, "Bucket") && !strings.HasPrefix(action, "List") {
		if _, ok := awsops.Find("s3express", action); ok {
			return action
		}
	}
	return "CreateSession"
}
