package awscall

import (
	"math/bits"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// An Action is one IAM action that an operation can take.
type Action struct {
	Service string // IAM prefix
	Name    string
	Level   awsops.Level
	Guessed bool   // Level was guessed from the verb
	Same    bool   // the action of another service that stands for the operation itself there
	Plain   string // of an action on an object's version: the action on the object, which also names it
}

// An ActionSet is a set of an operation's actions, by their places in Op.Actions. The zero set is
// empty. It holds 64 actions; a test proves that no operation has more.
type ActionSet uint64

const maxActions = 64

// oneAction returns the set of the action at a place; it is empty for the place -1 of an action
// that is not there.
// The bound is for safety only: without it, a shift by 64 would make the empty set.
func oneAction(i int) ActionSet {
	if i < 0 {
		return 0
	}
	return 1 << min(i, maxActions-1)
}

// firstActions returns the set of the actions at the places 0 to n-1.
func firstActions(n int) ActionSet { return 1<<n - 1 }

// Has reports whether the action at a place of Op.Actions is in the set.
func (s ActionSet) Has(i int) bool { return s&oneAction(i) != 0 }

// Add adds the action at a place of Op.Actions.
func (s *ActionSet) Add(i int) { *s |= oneAction(i) }

// Empty reports whether the set has no action.
func (s ActionSet) Empty() bool { return s == 0 }

// Len returns the number of actions in the set.
func (s ActionSet) Len() int { return bits.OnesCount64(uint64(s)) }

// Overlaps reports whether the two sets have an action in common.
func (s ActionSet) Overlaps(t ActionSet) bool { return s&t != 0 }

// Union returns the actions that are in either set.
func (s ActionSet) Union(t ActionSet) ActionSet { return s | t }

// Minus returns the actions of s that are not in t.
func (s ActionSet) Minus(t ActionSet) ActionSet { return s &^ t }

// AllActions returns the set of all of the operation's actions.
func (op *Op) AllActions() ActionSet { return firstActions(len(op.Actions)) }

// Own reports whether the action at a place stands for the operation itself, so that a rule that
// names the operation also means this action.
// An action that a member adds, such as s3:PutObjectAcl of an upload with an ACL, is not the
// upload's own: a rule must name it.
func (op *Op) Own(i int) bool {
	if op.added.Has(i) {
		return false
	}
	return op.Actions[i].Service == op.Service || op.Actions[i].Same || op.Primary.Has(i)
}

// action returns the place in op.Actions of an action, written "Name" or "service:Name". It adds
// the action if it is not there.
func (op *Op) action(name string) int {
	// "Name" is an action of the operation's own service.
	service, short, found := strings.Cut(name, ":")
	if !found {
		service, short = op.Service, name
	}
	if i := op.index(service, short); i >= 0 {
		return i
	}
	level, guessed := awsops.LevelOf(service, short)
	op.Actions = append(op.Actions, Action{
		Service: service, Name: short, Level: level, Guessed: guessed, Plain: unversioned(service, short),
	})
	return len(op.Actions) - 1
}

// index returns the place of an action in op.Actions, or -1 if it is not there.
func (op *Op) index(service, name string) int {
	for i := range op.Actions {
		if op.Actions[i].Service == service && op.Actions[i].Name == name {
			return i
		}
	}
	return -1
}

// actionsOn returns the actions that the operation takes on a resource of a service, given by its
// ARN.
// An ARN of another service means that service's actions: s3-object-lambda:GetObject of
// s3:GetObject.
func (op *Op) actionsOn(service string) (actions ActionSet) {
	if service == op.Service {
		return op.Primary
	}
	for i, a := range op.Actions {
		if a.Service == service && !op.onVersion(oneAction(i)) {
			actions.Add(i)
		}
	}
	// The operation has no action there, so that its own have to be allowed.
	if actions.Empty() {
		return op.Primary
	}
	return actions
}
