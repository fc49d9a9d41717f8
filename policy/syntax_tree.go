package policy

import (
	"path"
	"slices"
)

// tree is a policy file as written: every text with its place, no variable expanded. It never changes.
type tree struct {
	name        string // of the file, in messages
	owner       text
	stage       text        // stage: as one word; "" for none and for accounts
	accounts    []stageWord // stage: accounts:
	stageAt     place
	targets     []target
	top         section // what holds for every function
	functions   []section
	functionsAt place // the zero place without a functions: key
	drafts      int   // how many rules there are
}

// text is a scalar as written, with its place. Variables in it are not expanded yet.
type text struct {
	value string
	place
}

// section is what can be said for every function (the top of the file) or for some (an entry of functions:).
type section struct {
	name        text // the function's name, or a glob; "" for the top of the file
	onViolation *action
	blockFails  text  // "call", "invocation" or ""
	strict      *bool // strict_operations
	hasWhite    bool  // there is a whitelist key
	white       []draft
	black       []draft
	warnings    []fault // about the section's own text
}

// action is an on_violation: a word, or a word for each stage.
type action struct {
	place
	word    text // "" for a mapping
	byStage []stageWord
}

// stageWord is one entry of a mapping from stages to actions, or from accounts to stages.
type stageWord struct{ key, word text }

// draft is a rule as written: positions kept, variables not expanded.
type draft struct {
	place
	mode    mode
	key     string // the subject's key: "http", "aws", "ip", "net" or "feed"
	subject []text

	id, reason  text
	except      []text
	stages      []text
	until       text
	onViolation *action

	methods   []text
	access    text
	resources []text
	regions   []text
	accounts  []text

	variables bool // some text holds a variable
	number    int  // among the rules of the file, from 0
}

// target is an entry of notify: as written.
type target struct {
	place
	kind      string // "sns", "slack", "eventbridge" or "webhook"
	dest      text
	channel   text
	secret    text
	verdicts  []text
	functions []text
}

// eachStage calls f for every stage that a section names.
func (s *section) eachStage(f func(text)) {
	words := func(a *action) {
		if a == nil {
			return
		}
		for _, w := range a.byStage {
			f(w.key)
		}
	}
	words(s.onViolation)
	for e := range s.drafts {
		for _, t := range e.stages {
			f(t)
		}
		words(e.onViolation)
	}
}

// drafts yields the rules of a section.
func (s *section) drafts(yield func(*draft) bool) {
	for _, list := range [][]draft{s.white, s.black} {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

// sections returns the top of the file and the section of each function.
func (f *tree) sections() []*section {
	all := make([]*section, 0, 1+len(f.functions))
	all = append(all, &f.top)
	for i := range f.functions {
		all = append(all, &f.functions[i])
	}
	return all
}

// matching returns the sections that apply to a function: the top of the file, and those whose glob matches.
func (f *tree) matching(function string) []*section {
	all := f.sections()
	return slices.DeleteFunc(all, func(s *section) bool {
		return s != &f.top && !matchesName(s.name.value, function)
	})
}

// matchesName reports whether a function's name matches a glob. Neither holds "/" nor any of path.Match's other
// special characters, so that "*" stands for any text.
func matchesName(glob, name string) bool {
	ok, _ := path.Match(glob, name)
	return ok
}
