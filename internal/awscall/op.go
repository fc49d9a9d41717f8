package awscall

import (
	"reflect"
	"strings"
	"unsafe"

	"github.com/outguard/outguard/internal/awsops"
)

// An Op is an operation of a service, with the plan by which its input is read. It never changes
// after NewOp, and may be used concurrently.
type Op struct {
	Service string // IAM prefix
	Name    string // the SDK's name of the operation
	Level   awsops.Level
	Guessed bool      // Level was guessed from the verb
	Actions []Action  // the IAM actions that the operation can take; the first is the default
	Primary ActionSet // the actions that it takes if its input is not at hand
	Known   bool      // the tables have Service
	// Aliases are the operations that Name may stand for, where it is an IAM action and no
	// operation has that name.
	Aliases []Alias

	added     ActionSet      // that members of the input add; a rule that names the operation does not mean them
	own       ActionSet      // Primary, and the actions of other services that stand for it
	also      ActionSet      // actions with the same effect, for a blacklist
	version   [][2]ActionSet // an action on an object, and the one on a version of it
	ofVersion bool           // the object is a version
	takesNone bool           // IAM has no resource for the operation, or its input names none
	noARN     bool           // IAM has no resource for the operation
	body      bool           // the input is a Body
	spellings []string       // of a Body: its members that differ from another in capitals alone
	input     reflect.Type
	typ       unsafe.Pointer // that identifies input
	pointer   bool           // input is a pointer
	steps     []step
}

// An Alias is another name of an operation.
type Alias struct{ Service, Name string }

// NewOp looks an operation up. input is the type of its input (*s3.GetObjectInput), or nil if calls
// come without one.
func NewOp(service, operation string, input reflect.Type) *Op {
	op := &Op{Service: service, Name: operation, input: input}
	// Names of one service differ from table to table; the prefix is the same in IAM's policies.
	if prefix, ok := awsops.Service(service); ok {
		op.Service, op.Known = prefix, true
	} else if name := awsops.Plain(service); name != "" {
		op.Service = name // an id, a package and a signature's scope are often the same but for this
	}
	op.Level, op.Guessed = awsops.LevelOf(op.Service, operation)
	// An operation whose actions have other names, such as lambda:Invoke. The first one is the
	// default.
	if names := awsops.Actions(service, operation); names != "" {
		for name := range strings.SplitSeq(names, ",") {
			op.action(name)
		}
	} else {
		op.Actions = []Action{{
			Service: op.Service, Name: operation, Level: op.Level, Guessed: op.Guessed,
			Plain: unversioned(op.Service, operation),
		}}
	}
	// A rule or a call may have the action's name in the place of the operation's.
	awsops.Operations(op.Service, operation, func(service, name string) {
		op.Aliases = append(op.Aliases, Alias{service, name})
	})
	op.Primary = op.AllActions()
	op.own = op.Primary
	// The API of S3 also serves access points, outposts and directory buckets.
	if op.Service == "s3" {
		op.s3Relatives()
	}
	e, ok := awsops.Find(op.Service, operation)
	// IAM has no resource for some operations: sts:GetCallerIdentity, s3:ListBuckets.
	op.noARN = ok && !e.Takes
	op.takesNone = op.noARN
	// The input of a BatchWriteItem says what is done to each table.
	if also := op.batch(); input == nil || op.Name != "BatchWriteItem" {
		op.also = also
	}
	if op.Service == "s3" && operation == "DeleteObjects" && input == nil {
		op.versions() // any of the objects may be a version
		op.Primary = op.Primary.Union(op.versioned(op.Primary))
	}
	// owners come first, so that the account is known when names become ARNs.
	if input != nil {
		op.typ, op.pointer = reflect.ValueOf(input).UnsafePointer(), input.Kind() == reflect.Pointer
		op.steps = op.plan(input, owners(op.Service)+awsops.Resources(service))
	} else {
		op.elsewhere(awsops.Resources(service))
	}
	return op
}

// elsewhere adds the actions that operations of the service take in other services, for a call
// whose input is not at hand. An ARN of such a service then stands for that action.
func (op *Op) elsewhere(spec string) {
	for entry := range strings.FieldsSeq(spec) {
		entry, ops, limited := strings.Cut(entry, "@")
		if limited && !names(ops, op.Name) {
			continue
		}
		_, action, _ := strings.Cut(entry, "!")
		// An action with a prefix is one of another service.
		if action, _, adds := strings.Cut(action, "&"); !adds && strings.Contains(action, ":") {
			op.action(action)
		}
		// "=-" in the table means that IAM knows no resource for these operations.
		op.takesNone = op.takesNone || entry == "=-"
	}
}
