package policy

import (
	"slices"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/textclasses"
)

// A caller is one kind of package that may make a call. The zero value is one that is not known.
type caller struct {
	path string
	main bool // the package is main
}

// whoCalls returns one caller of each kind that the rules distinguish, first one that is not known.
func (s *space) whoCalls() (all []caller, whole bool) {
	all, whole = []caller{{}}, true
	if len(s.callers) == 0 {
		return all, whole
	}
	var patterns []textclasses.Pattern
	// callers: main is about a property of the package, not of its path.
	asksMain := false
	for i := range s.callers {
		patterns = append(patterns, textclasses.Caller(s.callers[i].String()))
		asksMain = asksMain || s.callers[i].String() == pattern.MainPackage
	}
	divided, whole := textclasses.Divide(textclasses.Packages(), patterns, divisionLimit)
	for _, class := range divided {
		// It is package main in some path, and not a path.
		if class.Text == pattern.MainPackage {
			continue
		}
		all = append(all, caller{path: class.Text})
		// Each path once more as a program, which rules for main distinguish.
		if asksMain {
			all = append(all, caller{path: class.Text, main: true})
		}
	}
	return slices.Clip(all), whole
}

// find is the caller as a Call has it.
func (c caller) find() func() (path string, main bool) {
	if c.path == "" {
		return nil
	}
	return func() (string, bool) { return c.path, c.main }
}

// where says who calls.
func (c caller) where() string {
	switch {
	case c.path == "":
		return ""
	case c.main:
		return "called by package main in " + c.path
	}
	return "called by " + c.path
}
