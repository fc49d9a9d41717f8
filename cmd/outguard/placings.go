package main

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/textclasses"
	"github.com/outguard/outguard/policy"
)

// This file finds the functions and stages that policy files distinguish.

// functionsOf returns a name for each combination of sections that apply together. whole is false
// if there are too many. only selects one function; otherwise is for files without sections.
func functionsOf(files []*policy.File, only, otherwise string) (all []string, whole bool) {
	if only != "" {
		return []string{only}, true
	}
	// Sections are globs. One function may be in several, and which ones decides its rules.
	var globs []string
	for _, f := range files {
		globs = append(globs, f.Functions()...)
	}
	if len(globs) == 0 {
		return []string{otherwise}, true
	}
	slices.Sort(globs)
	var patterns []textclasses.Pattern
	for _, glob := range slices.Compact(globs) {
		patterns = append(patterns, textclasses.Glob(glob))
	}
	// Names are divided by which globs match them. 50,000 states bound the work for globs that
	// overlap in many ways.
	divided, whole := textclasses.Divide(textclasses.Names(), patterns, 50_000)
	for _, class := range divided {
		// A name that no section matches has no policy, so that there is nothing to look at.
		if len(class.Matches) > 0 {
			all = append(all, class.Text)
		}
	}
	return all, whole
}

// otherStage stands for the stages that no file names: OUTGUARD_STAGE may be any.
const otherStage = "another-stage"

// stagesOf returns the stages that some file names, and otherStage.
func stagesOf(files []*policy.File, only string) (all []string) {
	if only != "" {
		return []string{only}
	}
	for _, f := range files {
		all = append(all, f.Stages()...)
	}
	if len(all) == 0 {
		// No file distinguishes stages: the empty one stands for all.
		return []string{""}
	}
	slices.Sort(all)
	return append(slices.Compact(all), otherStage)
}

// hasSection reports whether a file has rules for a function.
func hasSection(f *policy.File, function string) bool {
	// Without sections, the file is for every function.
	globs := f.Functions()
	return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool {
		ok, _ := path.Match(glob, function)
		return ok
	})
}

// compile compiles a file. If that fails, it tries again with a text of its own for each variable
// that is not set, and unset is true.
func compile(f *policy.File, env policy.Env) (p *policy.Policy, unset bool, err error) {
	if p, err = f.For(env); err == nil {
		return p, false, nil
	}
	// A variable that is not set gets a text that no file has, the same in each file.
	set := env.Getenv
	env.Getenv = func(name string) string {
		return cmp.Or(set(name), "unset-"+strings.ReplaceAll(strings.ToLower(name), "_", "-"))
	}
	p, err = f.For(env)
	return p, err == nil, err
}

// placeName names a function and a stage for people.
func placeName(function, stage string) string {
	switch {
	case function == "" && stage == "":
		return "every function"
	case stage == "":
		return function
	}
	return function + "@" + stage
}
