package awscall

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// versions adds the actions that IAM asks for where an object's version is named, such as
// GetObjectVersion in place of GetObject, of each service that may have the object.
// See decision 21.
func (op *Op) versions() {
	// It may be called twice, by an entry and by OfVersion.
	op.version = nil
	for i := range op.Actions {
		a := op.Actions[i]
		name := strings.Replace(a.Name, "Object", "ObjectVersion", 1)
		// Only names with Object have such a twin, and only some of these.
		if name == a.Name || strings.HasPrefix(a.Name, "DeleteObjects") {
			continue
		}
		if _, ok := awsops.Find(a.Service, name); !ok {
			continue
		}
		j := op.action(a.Service + ":" + name)
		op.Actions[j].Same = a.Same
		// The twin stands for the operation itself if the action does.
		if op.own.Has(i) {
			op.own.Add(j)
		}
		op.version = append(op.version, [2]ActionSet{oneAction(i), oneAction(j)})
	}
}

// unversioned returns the action on an object for an action on a version of it, or "" for any other
// action.
func unversioned(service, action string) string {
	// Other services have no versions in their actions' names.
	name := strings.Replace(action, "ObjectVersion", "Object", 1)
	if name == action || !isS3(service) {
		return ""
	}
	if _, ok := awsops.Find(service, name); !ok {
		return ""
	}
	return name
}

// OfVersion turns op, which has no input, into the operation on an object's version. It changes op,
// and is to be called before op is shared.
func (op *Op) OfVersion() *Op {
	op.versions()
	op.Primary, op.ofVersion = op.versioned(op.Primary), true
	return op
}

// onVersion reports whether an action is taken on a version of an object.
func (op *Op) onVersion(action ActionSet) bool {
	return slices.ContainsFunc(op.version, func(v [2]ActionSet) bool { return v[1] == action })
}

// versioned replaces the actions on an object with those on a version of it.
// Actions without a twin stay.
func (op *Op) versioned(actions ActionSet) ActionSet {
	for _, v := range op.version {
		if actions.Overlaps(v[0]) {
			actions = actions.Minus(v[0]).Union(v[1])
		}
	}
	return actions
}

// parseVersion notes that the steps that follow read a version of an object.
func parseVersion(ts *Touches, s *step, values []string) { ts.version = true }

// parseVersions notes which objects of a list are versions. It is given the version of each, and
// "-" for an object without one.
func parseVersions(ts *Touches, s *step, values []string) {
	ts.versions = append(ts.versions, values[0] != "-")
}

// parseObjects reads the objects of the list that parseVersions has read.
func parseObjects(ts *Touches, s *step, values []string) {
	// The two lists are read in the same order.
	ts.version = ts.objects < len(ts.versions) && ts.versions[ts.objects]
	ts.objects++
	parseBucket(ts, s, values)
	ts.version = false
}
