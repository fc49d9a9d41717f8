package syntax

import (
	"path"
	"slices"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// File is a policy file as written: every text with its place, no variable expanded. It never
// changes.
type File struct {
	Name        string      // of the file, in messages
	Stage       Text        // stage: as one word; "" for none and for accounts
	Accounts    []StageWord // stage: accounts:
	StageAt     report.Place
	Next        Text // the file of the next policy; "" for none
	Targets     []Target
	top         Section // what holds for every function
	Functions   []Section
	FunctionsAt report.Place // the zero place without a functions: key
	Drafts      int          // how many rules there are
}

// Text is a scalar as written, with its place. Variables in it are not expanded yet. Value is never
// empty, except in the zero Text, which stands for a key that is not written.
type Text struct {
	Value string
	report.Place
}

// Section is what holds for every function (the top of the file) or for some (an entry of
// functions:).
type Section struct {
	Name        Text // the function's name, or a glob; "" for the top of the file
	OnViolation *Action
	OnUnguarded *Action
	BlockFails  Text // "call", "invocation", "at_once" or ""
	Owner       Text
	HasWhite    bool // there is a whitelist key
	HasBlack    bool // there is a blacklist key
	White       []Draft
	Black       []Draft
	Warnings    []report.Fault // about the section's own text
}

// Action is an on_violation: a word, or a word for each stage.
type Action struct {
	report.Place
	Word    Text // "" for a mapping
	ByStage []StageWord
}

// StageWord is one entry of a mapping from stages to actions, or from accounts to stages.
type StageWord struct{ Key, Word Text }

// EachStage calls f for every stage that a section names: those of on_violation: and on_unguarded:
// in the section, of on_violation: in its rules, and of stages: of rules.
func (s *Section) EachStage(f func(Text)) {
	words := func(a *Action) {
		if a == nil {
			return
		}
		for _, w := range a.ByStage {
			f(w.Key)
		}
	}
	words(s.OnViolation)
	words(s.OnUnguarded)
	for e := range s.Rules {
		for _, t := range e.Stages {
			f(t)
		}
		words(e.OnViolation)
	}
}

// Rules yields the rules of a section, the whitelist first. It is an iterator for range.
func (s *Section) Rules(yield func(*Draft) bool) {
	for _, list := range [][]Draft{s.White, s.Black} {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

// Sections returns the top of the file and the section of each function, in the order of the file.
func (f *File) Sections() []*Section {
	all := make([]*Section, 0, 1+len(f.Functions))
	all = append(all, &f.top)
	for i := range f.Functions {
		all = append(all, &f.Functions[i])
	}
	return all
}

// Matching returns the sections that apply to a function: the top of the file, and those whose
// glob matches.
func (f *File) Matching(function string) []*Section {
	all := f.Sections()
	return slices.DeleteFunc(all, func(s *Section) bool {
		return s != &f.top && !MatchesName(s.Name.Value, function)
	})
}

// MatchesName reports whether a function's name matches a glob. Neither holds "/" nor any of
// path.Match's other special characters, so that "*" stands for any text.
func MatchesName(glob, name string) bool {
	ok, _ := path.Match(glob, name)
	return ok
}

// Includes reports whether s applies to every function that t applies to.
func (s *Section) Includes(t *Section) bool {
	return s == t || s.Name.Value == "" || t.Name.Value != "" && pattern.GlobCovers(s.Name.Value, t.Name.Value)
}

// Same reports whether two on_violation say the same.
func (a *Action) Same(b *Action) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Word.Value == b.Word.Value &&
		slices.EqualFunc(a.ByStage, b.ByStage, func(x, y StageWord) bool { return x.Key.Value == y.Key.Value && x.Word.Value == y.Word.Value })
}
