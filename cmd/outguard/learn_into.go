package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/addentries"
	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/internal/feedfiles"
	"github.com/outguard/outguard/policy"
)

// A target is the policy file that learn adds to.
type target struct {
	name string
	text []byte
	file *policy.File
}

// readTarget reads and parses the policy file that rules are added to.
func readTarget(name string) (*target, error) {
	data, err := readPolicy(name)
	if err != nil {
		return nil, err
	}
	t := &target{name: name, text: data}
	t.file, err = policy.ParseFile(name, data)
	return t, err
}

// judge compiles the file as one function has it. Variables come from this environment.
func (t *target) judge(function, stage, region, account string) (*policy.Policy, error) {
	// nil means that the file has no rules for the function, so that none of its calls is allowed
	// yet.
	if !hasSection(t.file, function) {
		return nil, nil
	}
	return t.file.For(policy.Env{
		Function: function, Stage: stage, Region: region, Account: account, Getenv: getenv, FS: feedfiles.Dir(filepath.Dir(t.name)),
	})
}

// add returns the target with the rules of each section added.
func (t *target) add(r *learn.Result) (*target, error) {
	text := t.text
	// A file with functions: gets the rules in sections. Others have one whitelist for all.
	functions := t.file.Functions()
	var with []learn.Section
	for _, s := range r.Sections {
		// A section may have only calls that are left out.
		if s.Entries() != "" {
			with = append(with, s)
		}
	}
	// One list for all would allow each function what only another one needs.
	if len(functions) == 0 && len(with) > 1 {
		var names []string
		for _, s := range with {
			names = append(names, s.Name)
		}
		return nil, fmt.Errorf("%s has no functions:, and its rules hold for every function: add a section for each, or choose one of %s with -function",
			t.name, strings.Join(names, ", "))
	}
	for _, s := range with {
		name := ""
		if len(functions) > 0 {
			name = s.Name
			// The learned name may be a glob, and the file may have the function's own name.
			if len(s.Functions) == 1 && slices.Contains(functions, s.Functions[0]) {
				name = s.Functions[0]
			}
		}
		var err error
		// Each edit is of the text that the last one made, because lines have moved.
		if text, err = addentries.Whitelist(text, name, s.Entries()); err != nil {
			return nil, fmt.Errorf("%s: %w:\n%s", t.name, err, s.Entries())
		}
	}
	// The edited text is parsed before anything is written.
	file, err := policy.ParseFile(t.name, text)
	if err != nil {
		return nil, fmt.Errorf("the edited file does not load, and nothing was written: %w", err)
	}
	return &target{t.name, text, file}, nil
}

// addTo adds what was learned to a policy file, and reports calls that the file does not allow
// then.
func (c *learner) addTo(t *target, r *learn.Result) error {
	edited, err := t.add(r)
	if err != nil {
		return err
	}
	// The whole file decides, and a blacklist or another rule may be stronger than what was added.
	wrong, err := c.log.Verify(edited.judge, r)
	if err != nil {
		return err
	}
	r.Left = append(r.Left, wrong...)
	// A file that stays as it is keeps its time, too, for make and for file watchers.
	if string(edited.text) == string(t.text) {
		return nil
	}
	// The new file gets the permissions of the old one.
	info, err := os.Stat(t.name)
	if err != nil {
		return err
	}
	output := c.output
	if output == "" { // the file is edited, and not a link to it
		if output, err = filepath.EvalSymlinks(t.name); err != nil {
			return err
		}
	}
	return writeFileMode(output, edited.text, info.Mode().Perm())
}
