package policy

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// parseTree reads the text of a policy file. It reports everything that is wrong; the result is nil when the text
// cannot be read at all.
func parseTree(r *reporter, data []byte) *tree {
	root := parseYAML(r, data)
	if root == nil {
		return nil
	}
	f := &tree{name: r.file}
	d := &decoder{reporter: r}
	d.checkNodes(root, 0)
	d.file(root, f)
	f.top.warnings, r.warnings = r.warnings, nil
	f.drafts = d.drafts
	return f
}

func (d *decoder) file(n *yaml.Node, f *tree) {
	d.mapping(n, "the file", fileKeys, func(key string, k, v *yaml.Node) {
		switch key {
		case "version":
			if t, ok := d.scalar(v, "version:"); ok && t.value != "1" {
				d.fail(at(v), fmt.Sprintf("version %q is unknown", short(t.value)), "write version: 1, or use a newer Outguard")
			}
		case "owner":
			f.owner, _ = d.scalar(v, "owner:")
		case "stage":
			d.stage(v, f)
		case "notify":
			f.targets = d.targets(v)
		case "functions":
			f.functionsAt = at(k)
			d.functions(v, f)
		default:
			d.sectionKey(key, v, &f.top)
		}
	})
}

func (d *decoder) stage(n *yaml.Node, f *tree) {
	f.stageAt = at(n)
	if n.Kind == yaml.ScalarNode {
		f.stage, _ = d.scalar(n, "stage:")
		return
	}
	d.mapping(n, "stage:", stageKeys, func(_ string, _, v *yaml.Node) {
		f.accounts = d.words(v, "stage: accounts:")
		for _, a := range f.accounts {
			if a.key.value != "*" && !isAccount(a.key.value) {
				d.fail(a.key.place, fmt.Sprintf("%q is not an AWS account", short(a.key.value)), `write its 12 digits in quotes, or "*" for any other`)
			}
		}
	})
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		d.fail(at(n), "stage: is empty", `write stage: ${STAGE} or stage: {accounts: {"111122223333": prod}}`)
	}
}

// words decodes a mapping from text to text.
func (d *decoder) words(n *yaml.Node, what string) (out []stageWord) {
	if !d.isMapping(n, what) {
		return nil
	}
	if len(n.Content) == 0 {
		d.fail(at(n), what+" is empty", "write its entries, or delete it")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			continue // reported by checkNodes
		}
		if word, ok := d.scalar(v, fmt.Sprintf("%s %s:", what, short(k.Value))); ok {
			out = append(out, stageWord{text{k.Value, at(k)}, word})
		}
	}
	return out
}

func (d *decoder) stageName(t text) bool { return checkStage(d.reporter, t) }

// checkStage reports a text that cannot be the name of a stage, and returns whether it can.
func checkStage(r *reporter, t text) bool {
	if strings.Trim(t.value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" && t.value != "" {
		return true
	}
	fix := "use letters, digits, - _ ."
	if strings.HasPrefix(t.value, "$") {
		fix = "write ${" + strings.Trim(t.value, "$(){}") + "} for a variable"
	}
	r.fail(t.place, fmt.Sprintf("%q is not a stage", short(t.value)), fix)
	return false
}

func (d *decoder) functions(n *yaml.Node, f *tree) {
	if !d.isMapping(n, "functions:") {
		return
	}
	if len(n.Content) == 0 {
		d.fail(at(n), "functions: is empty", `name a function, write "*": {} for all, or delete it`)
	}
	f.functions = make([]section, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			continue // reported by checkNodes
		}
		s := section{name: text{k.Value, at(k)}}
		d.functionGlob(s.name)
		if slices.Contains(fileKeys, k.Value) || slices.Contains(ruleKeys, k.Value) {
			d.warn(at(k), fmt.Sprintf("a function named %q", k.Value), "if that is the key, indent it less or deeper")
		}
		if v.Kind != yaml.MappingNode && slices.Contains(sectionKeys, k.Value) {
			d.fail(at(k), fmt.Sprintf("%s: stands where a function's name belongs", k.Value), "indent it deeper, under its function")
			continue
		}
		before := len(d.warnings)
		d.mapping(v, fmt.Sprintf("function %q", short(k.Value)), sectionKeys, func(key string, _, v *yaml.Node) {
			d.sectionKey(key, v, &s)
		})
		s.warnings = slices.Clone(d.warnings[before:])
		d.warnings = d.warnings[:before]
		f.functions = append(f.functions, s)
	}
}

// functionGlob checks the name of a section. Lambda's function names hold letters, digits, - and _.
func (d *decoder) functionGlob(t text) {
	if strings.Trim(t.value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*") == "" && t.value != "" {
		return
	}
	fix := `function names hold letters, digits, - and _; "*" stands for any of them`
	switch {
	case strings.Contains(t.value, "${"):
		fix = "variables are expanded in values only; use a glob, such as checkout-*"
	case strings.HasPrefix(t.value, "arn:"):
		fix = fmt.Sprintf("write the function's name alone: %q", short(t.value[strings.LastIndexByte(t.value, ':')+1:]))
	}
	d.fail(t.place, fmt.Sprintf("%q is not a function's name", short(t.value)), fix)
}

func (d *decoder) sectionKey(key string, v *yaml.Node, s *section) {
	switch key {
	case "on_violation":
		s.onViolation = d.action(v)
	case "block_fails":
		s.blockFails, _ = d.word(v, "block_fails:", []string{"call", "invocation"})
	case "strict_operations":
		s.strict = d.flag(v, "strict_operations:")
	case "whitelist":
		s.hasWhite = true
		s.white = d.rules(v, narrow)
	case "blacklist":
		s.black = d.rules(v, wide)
	}
}

func (d *decoder) action(n *yaml.Node) *action {
	a := &action{place: at(n)}
	if n.Kind == yaml.ScalarNode {
		a.word, _ = d.scalar(n, "on_violation:")
		return a
	}
	if n.Kind == yaml.SequenceNode {
		d.fail(at(n), "on_violation: is a list", "write one word, or a word for each stage: {dev: block, prod: alert}")
		return a
	}
	a.byStage = d.words(n, "on_violation:")
	for _, w := range a.byStage {
		if w.key.value != "*" {
			d.stageName(w.key)
		}
	}
	return a
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
