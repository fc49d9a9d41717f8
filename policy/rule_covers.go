package policy

import "slices"

// conditionsCover reports whether every call that meets s's conditions beside its subject meets r's.
func (r *rule) conditionsCover(s *rule) bool {
	if r.methods != nil && (s.methods == nil || !subset(s.methods, r.methods)) {
		return false
	}
	for _, p := range r.except {
		if !anyCovers(s.except, p) {
			return false
		}
	}
	if r.kind != kindAWS {
		return true
	}
	mine, _ := accessOf(r.access, r.mode)
	theirs, _ := accessOf(s.access, s.mode)
	atLeast := func(mine, theirs []string) bool {
		return r.mode == wide && mine == nil || mine != nil && theirs != nil && subset(theirs, mine) || mine == nil && theirs == nil
	}
	return theirs&^mine == 0 && (r.resources == nil || s.resources != nil && subset(s.resources, r.resources)) &&
		atLeast(r.regions, s.regions) && atLeast(r.accounts, s.accounts)
}

func subset(some, all []string) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}
