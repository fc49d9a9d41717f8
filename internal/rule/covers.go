package rule

import (
	"slices"

	"github.com/outguard/outguard/internal/pattern"
)

// ConditionsCover reports whether every call that meets s's conditions beside its subject meets
// r's.
func (r *Rule) ConditionsCover(s *Rule) bool {
	if r.Methods != nil && (s.Methods == nil || !Subset(s.Methods, r.Methods)) {
		return false
	}
	for _, p := range r.Except {
		if !pattern.AnyCovers(s.Except, p) {
			return false
		}
	}
	if r.Kind != AWS {
		return true
	}
	mine, _ := pattern.AccessLevels(r.Access, r.Mode)
	theirs, _ := pattern.AccessLevels(s.Access, s.Mode)
	atLeast := func(mine, theirs []string) bool {
		return r.Mode == pattern.Wide && mine == nil || mine != nil && theirs != nil && Subset(theirs, mine) || mine == nil && theirs == nil
	}
	return theirs&^mine == 0 && (r.Resources == nil || s.Resources != nil && Subset(s.Resources, r.Resources)) &&
		atLeast(r.Regions, s.Regions) && atLeast(r.Accounts, s.Accounts)
}

// Subset reports whether all has every text of some.
func Subset(some, all []string) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}
