package awscall

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// versions adds the actions that IAM asks for instead, where an object's version is named: GetObjectVersion for GetObject, DeleteObjectVersion
// for DeleteObject and so on, of each service whose object it may be.
func (op *Op) versions() {
	op.version = nil
	for i := range op.Actions {
		a := op.Actions[i]
		name := strings.Replace(a.Name, "Object", "ObjectVersion", 1)
		if name == a.Name || strings.HasPrefix(a.Name, "DeleteObjects") {
			continue
		}
		if _, ok := awsops.Find(a.Service, name); !ok {
			continue
		}
		j := op.action(a.Service + ":" + name)
		op.Actions[j].Same = a.Same
		if op.own&(1<<i) != 0 {
			op.own |= 1 << j
		}
		op.version = append(op.version, [2]uint64{1 << i, 1 << j})
	}
}

// plain returns the action on an object for one on a version of it; "" for any other.
func plain(service, action string) string {
	name := strings.Replace(action, "ObjectVersion", "Object", 1)
	if name == action || !isS3(service) {
		return ""
	}
	if _, ok := awsops.Find(service, name); !ok {
		return ""
	}
	return name
}

// OfVersion makes op, which has no input, that of an object's version.
func (op *Op) OfVersion() *Op {
	op.versions()
	op.Primary, op.ofVersion = op.versioned(op.Primary), true
	return op
}

// onVersion reports whether an action is done to a version of an object.
func (op *Op) onVersion(action uint64) bool {
	return slices.ContainsFunc(op.version, func(v [2]uint64) bool { return v[1] == action })
}

// versioned puts the actions on a version in the place of those on an object.
func (op *Op) versioned(actions uint64) uint64 {
	for _, v := range op.version {
		if actions&v[0] != 0 {
			actions = actions&^v[0] | v[1]
		}
	}
	return actions
}

// parseVersion notes that what follows is done to a version of an object.
func parseVersion(ts *Touches, s *step, values []string) { ts.version = true }

// parseVersions notes which of a list of objects are versions: it is given each, with a - for none.
func parseVersions(ts *Touches, s *step, values []string) {
	ts.versions = append(ts.versions, values[0] != "-")
}

// parseObjects reads the objects of the same list.
func parseObjects(ts *Touches, s *step, values []string) {
	ts.version = ts.objects < len(ts.versions) && ts.versions[ts.objects]
	ts.objects++
	parseBucket(ts, s, values)
	ts.version = false
}
