package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
)

// A whiteRule is a rule of a whitelist, and where it stands.
type whiteRule struct {
	section string // "" for the top of the file
	line    int
	text    string // its subject, for people
}

// whiteRules returns the rules of all whitelists of a file that loads.
func whiteRules(text []byte) (all []whiteRule) {
	// The tree of YAML is enough: the file has been parsed as a policy before.
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	// of adds the rules of one mapping that may have a whitelist.
	of := func(section string, m *yaml.Node) {
		list := valueOf(m, "whitelist")
		// A section may have a blacklist only.
		if list == nil {
			return
		}
		for _, item := range list.Content {
			all = append(all, whiteRule{section, item.Line, subject(item)})
		}
	}
	// The top of the file comes first, as in the file's own order of rules.
	root := doc.Content[0]
	of("", root)
	if functions := valueOf(root, "functions"); functions != nil {
		// In a mapping of package yaml, keys and values take turns.
		for i := 0; i+1 < len(functions.Content); i += 2 {
			of(functions.Content[i].Value, functions.Content[i+1])
		}
	}
	return all
}

// valueOf returns the value of a key in a mapping of YAML; nil if there is none.
func valueOf(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// subject returns a rule's id, else its subject.
func subject(item *yaml.Node) string {
	// The id is what people call a rule. A rule without an id has one of the other keys.
	for _, key := range []string{"id", "http", "aws", "net", "ip"} {
		v := valueOf(item, key)
		switch {
		case v == nil:
		case v.Kind == yaml.ScalarNode:
			return key + ": " + v.Value
		// The first of several subjects is enough to find the line.
		case len(v.Content) > 1:
			return key + ": " + v.Content[0].Value + ", …"
		case len(v.Content) == 1:
			return key + ": " + v.Content[0].Value
		}
	}
	return "a rule"
}

// unused prints the rules of the whitelists that no call of the log used.
func (c *learner) unused(std stdio) (exit int, err error) {
	name := cmp.Or(c.policy, c.into)
	if name == "" {
		return 0, errors.New("-unused needs the policy: -policy FILE")
	}
	t, err := readTarget(name)
	if err != nil {
		return 0, &inputError{err}
	}
	// Each call is judged where it was made, because sections and variables depend on that.
	uses, err := c.log.Uses(t.judge)
	if err != nil {
		return 0, &inputError{err}
	}
	// Without calls, every rule would be unused, which says nothing.
	if len(uses.Functions) == 0 {
		return 0, &inputError{noCall("to go by", c.counts, &c.others)}
	}
	exit = exitOK
	for _, r := range whiteRules(t.text) {
		if !inLog(r.section, uses) || !uses.At(r.line).IsZero() {
			continue
		}
		// A rule without use is what the command looks for: it may be left over from code that is
		// gone.
		exit = exitFound
		name := r.section
		// A rule of the top of the file is for all functions, so that those of the log are named.
		if name == "" {
			name = strings.Join(uses.Functions, ", ")
		}
		if c.json {
			e := json.NewEncoder(std.out)
			e.SetEscapeHTML(false)
			_ = e.Encode(struct {
				File    string `json:"file"`
				Line    int    `json:"line"`
				Rule    string `json:"rule"`
				Section string `json:"section"`
				// The days bound what the log covers: a rule may be used once a month.
				First string `json:"first"`
				Last  string `json:"last"`
			}{t.name, r.line, r.text, r.section, day(uses.First), day(uses.Last)})
			continue
		}
		fmt.Fprintf(std.out, "%s:%d: %s: no call of %s used it from %s to %s\n", t.name, r.line, printable(r.text), printable(name), day(uses.First), day(uses.Last))
	}
	if exit == exitOK {
		fmt.Fprintf(std.err, "outguard learn: every rule of %s that is for %s was used from %s to %s\n", t.name, printable(strings.Join(uses.Functions, ", ")), day(uses.First), day(uses.Last))
	}
	return exit, nil
}

// inLog reports whether the log has lines of a function that a section is for.
func inLog(section string, uses *learn.Uses) bool {
	return section == "" || slices.ContainsFunc(uses.Functions, func(f string) bool {
		// The pattern is good, because the file has been parsed.
		ok, _ := path.Match(section, f)
		return ok
	})
}

// day writes a date in UTC, as logs have it.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
