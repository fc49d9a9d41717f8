package syntax

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// Parse reads the text of a policy file. It reports everything that is wrong; the result is nil
// when the text cannot be read at all.
func Parse(r *report.Reporter, data []byte) *File {
	// Everything below works on YAML nodes, which have their places.
	root := parseYAML(r, data)
	if root == nil {
		return nil
	}
	f := &File{Name: r.File}
	// Rule keys are looked up for each rule of the file.
	d := &decoder{Reporter: r, ruleKeys: RuleKeys()}
	for _, c := range pasted {
		d.pasted = d.pasted || bytes.ContainsRune(data, c)
	}
	// What YAML allows and a policy does not is reported first. Decoders then pass over it.
	d.checkNodes(root, 0)
	d.file(root, f)
	// The warnings so far are about the top of the file. A function shows those of its sections.
	f.top.Warnings, r.Warnings = r.Warnings, nil
	// The number is how many places ParseFile needs for compiled rules.
	f.Drafts = d.drafts
	return f
}

// file decodes the top of the file. Keys that functions have, too, are left to sectionKey.
func (d *decoder) file(n *yaml.Node, f *File) {
	d.mapping(n, theFile, FileKeys(), func(key string, k, v *yaml.Node) {
		switch key {
		case "version":
			// It is the version of the language. A later one may mean something else, so that it is
			// refused.
			if t, ok := d.scalar(v, "version:"); ok && t.Value != "1" {
				d.Fail(at(v), fmt.Sprintf("version %q is unknown", report.Short(t.Value)), "write version: 1, or use a newer Outguard")
			}
		case "stage":
			// A word, or a mapping by account.
			d.stage(v, f)
		case "next":
			f.Next, _ = d.scalar(v, "next:")
		case "notify":
			f.Targets = d.targets(v)
		// Its place is needed for the error that no section matches.
		case "functions":
			f.FunctionsAt = at(k)
			d.functions(v, f)
		default:
			d.sectionKey(k, v, &f.top)
		}
	})
}

// stage decodes stage: as one word, or as a mapping from accounts to stages.
func (d *decoder) stage(n *yaml.Node, f *File) {
	f.StageAt = at(n)
	if n.Kind == yaml.ScalarNode {
		// stage: ${STAGE} and stage: prod are both one word.
		f.Stage, _ = d.scalar(n, "stage:")
		return
	}
	d.mapping(n, "stage:", StageKeys(), func(key string, k, v *yaml.Node) {
		if key != "accounts" {
			d.undecoded(k)
			return
		}
		f.Accounts = d.words(v, "stage: accounts:")
		// Only the keys are checked here. Their words may hold variables.
		for _, a := range f.Accounts {
			// YAML reads 012345678901 as a number, and the text keeps its leading 0.
			if a.Key.Value != "*" && !awsname.IsAccount(a.Key.Value) {
				d.Fail(a.Key.Place, fmt.Sprintf("%q is not an AWS account", report.Short(a.Key.Value)), `write its 12 digits in quotes, or "*" for any other`)
			}
		}
	})
	// {} is a mapping without keys: isMapping has nothing to report.
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		d.Fail(at(n), "stage: is empty", `write stage: ${STAGE} or stage: {accounts: {"111122223333": prod}}`)
	}
}

// words decodes a mapping from text to text, such as {dev: block, prod: alert}.
func (d *decoder) words(n *yaml.Node, what string) (out []StageWord) {
	if !d.isMapping(n, what) {
		return nil
	}
	if len(n.Content) == 0 {
		d.Fail(at(n), what+" is empty", "write its entries, or delete it")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		// A key that is a list or a mapping.
		if k.Kind != yaml.ScalarNode {
			continue // reported by checkNodes
		}
		if word, ok := d.scalar(v, fmt.Sprintf("%s %s:", what, report.Short(k.Value))); ok {
			out = append(out, StageWord{Text{k.Value, at(k)}, word})
		}
	}
	return out
}

// stageName is CheckStage for the decoder's file.
func (d *decoder) stageName(t Text) bool { return CheckStage(d.Reporter, t) }

// CheckStage reports a text that cannot be the name of a stage, and returns whether it can.
func CheckStage(r *report.Reporter, t Text) bool {
	if strings.Trim(t.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" && t.Value != "" {
		return true
	}
	// "$STAGE", "$(STAGE)" and "{STAGE}" are variables in other tools.
	fix := "use letters, digits, - _ ."
	if strings.HasPrefix(t.Value, "$") {
		fix = "write ${" + strings.Trim(t.Value, "$(){}") + "} for a variable"
	}
	r.Fail(t.Place, fmt.Sprintf("%q is not a stage", report.Short(t.Value)), fix)
	return false
}

// functions decodes the sections, in the order of the file: later ones override earlier ones.
func (d *decoder) functions(n *yaml.Node, f *File) {
	if !d.isMapping(n, "functions:") {
		return
	}
	if len(n.Content) == 0 {
		d.Fail(at(n), "functions: is empty", `name a function, write "*": {} for all, or delete it`)
	}
	// The number of sections is known, so that this is one allocation.
	f.Functions = make([]Section, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			continue // reported by checkNodes
		}
		s := Section{Name: Text{k.Value, at(k)}}
		// First the name: errors, then what is valid but probably not meant.
		d.functionGlob(s.Name)
		// A key of the file at the wrong depth looks like a function's name.
		if slices.Contains(FileKeys(), k.Value) || slices.Contains(d.ruleKeys, k.Value) {
			d.Warn(at(k), fmt.Sprintf("a function named %q", k.Value), "if that is the key, indent it less or deeper")
		}
		// Words for all functions in other tools.
		if slices.Contains([]string{"all", "any", "default", "every", "everything", "global", "others"}, strings.ToLower(k.Value)) {
			d.Warn(at(k), fmt.Sprintf("a function named %q", k.Value), `if every function is meant, write "*"`)
		}
		// Without its stars, the name must still be in length for Lambda.
		if plain := strings.ReplaceAll(k.Value, "*", ""); len(plain) > maxFunctionName {
			d.Warn(at(k), fmt.Sprintf("%q matches no function: names have up to %d characters", report.Short(k.Value), maxFunctionName), "write the function's name")
		}
		// whitelist: in the place of a name, because the line is not indented enough.
		if v.Kind != yaml.MappingNode && slices.Contains(SectionKeys(), k.Value) {
			d.Fail(at(k), fmt.Sprintf("%s: stands where a function's name belongs", k.Value), "indent it deeper, under its function")
			continue
		}
		// Warnings belong to the section, so that other functions do not log them.
		before := len(d.Warnings)
		d.mapping(v, fmt.Sprintf("function %q", report.Short(k.Value)), SectionKeys(), func(_ string, k, v *yaml.Node) {
			d.sectionKey(k, v, &s)
		})
		s.Warnings = slices.Clone(d.Warnings[before:])
		d.Warnings = d.Warnings[:before]
		// Sections with errors are kept: their rules are checked, too.
		f.Functions = append(f.Functions, s)
	}
}

// maxFunctionName is the length of the longest name that Lambda has for a function.
const maxFunctionName = 64

// functionGlob checks the name of a section. Lambda's function names hold letters, digits, - and _.
func (d *decoder) functionGlob(t Text) {
	// MatchesName relies on this: the name has no character that is special in path.Match.
	if strings.Trim(t.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*") == "" && t.Value != "" {
		return
	}
	fix := `function names hold letters, digits, - and _; "*" stands for any of them`
	// What people put in the place of a name: a variable, or the function's ARN.
	switch {
	case strings.Contains(t.Value, "${"):
		fix = "variables are expanded in values only; use a glob, such as checkout-*"
	case strings.HasPrefix(t.Value, "arn:"):
		fix = fmt.Sprintf("write the function's name alone: %q", report.Short(t.Value[strings.LastIndexByte(t.Value, ':')+1:]))
	}
	d.Fail(t.Place, fmt.Sprintf("%q is not a function's name", report.Short(t.Value)), fix)
}

// sectionKey decodes a key that the top of the file and sections have alike.
func (d *decoder) sectionKey(k, v *yaml.Node, s *Section) {
	// The words of on_violation: are checked later, because they may be variables.
	switch k.Value {
	case "owner":
		s.Owner, _ = d.scalar(v, "owner:")
	case "on_violation":
		s.OnViolation = d.action(v, "on_violation:")
	case "on_unguarded":
		s.OnUnguarded = d.action(v, "on_unguarded:")
	case "block_fails":
		// "invocation" is the default, written out.
		s.BlockFails, _ = d.word(v, "block_fails:", []string{"call", "invocation", "at_once"})
	// The last release had this key. It is still accepted, so that an upgrade breaks no file.
	case "strict_operations":
		if d.flag(v, "strict_operations:") != nil {
			d.Warn(at(v), "strict_operations: has no effect any more: operations that the tables do not know never match a whitelist rule with access:", "delete it")
		}
	// Whether the key is there counts by itself: whitelist: [] denies everything.
	case "whitelist":
		s.HasWhite = true
		s.White = d.rules(v, pattern.Narrow)
	case "blacklist":
		s.HasBlack = true
		s.Black = d.rules(v, pattern.Wide)
	default:
		d.undecoded(k)
	}
}

// action decodes on_violation: or on_unguarded:. It never returns nil, because the key is there.
func (d *decoder) action(n *yaml.Node, key string) *Action {
	a := &Action{Place: at(n)}
	// One word for all stages.
	if n.Kind == yaml.ScalarNode {
		a.Word, _ = d.scalar(n, key)
		return a
	}
	if n.Kind == yaml.SequenceNode {
		d.Fail(at(n), key+" is a list", "write one word, or a word for each stage: {dev: block, prod: alert}")
		return a
	}
	a.ByStage = d.words(n, key)
	// "*" stands for any other stage.
	for _, w := range a.ByStage {
		if w.Key.Value != "*" {
			d.stageName(w.Key)
		}
	}
	return a
}
