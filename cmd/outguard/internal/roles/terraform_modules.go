package roles

import (
	"slices"
	"strings"
)

// This file follows references into and out of modules: a variable of a module is what its call
// gives, and an output of a module is an expression inside it.

// A meant is what a reference stands for: a reference to a resource, as it stands in the expression
// of another one, or a constant.
type meant struct {
	from       string // an address in the module that ref is relative to, with the index of each.key
	expression *tree  // that ref stands in
	ref        string
	constant   *tree // nil: it is a reference
}

// follow returns what a reference in the expression of a resource, or of a call of a module, at an
// address stands for. One that cannot be followed stands for itself.
func (tf *terraform) follow(from string, expression *tree, ref string) []meant {
	var all []meant
	// A plan has no cycles, but a forged one may.
	left := maxSteps
	tf.step(meant{from: from, expression: expression, ref: ref}, &left, func(m meant) { all = append(all, m) })
	return all
}

// maxSteps bounds how many references are followed for one.
const maxSteps = 256

// step follows a reference and calls found for each end.
func (tf *terraform) step(m meant, left *int, found func(meant)) {
	if *left--; *left < 0 {
		return
	}
	module, _, _ := splitAddress(m.from)
	parts := strings.Split(withoutIndexes(m.ref), ".")
	var at string  // where the expression stands
	var next *tree // the expression behind the reference
	switch {
	case parts[0] == "var" && len(parts) > 1 && module == "":
		m.constant = tf.variables.get(parts[1], "value")
	case parts[0] == "var" && len(parts) > 1:
		// The call of module.m["a"] stands outside, with the index of the call for each.key.
		at = strings.TrimSuffix(module, ".")
		call := tf.calls[withoutIndexes(at)]
		if next = call.get("expressions", parts[1]); next == nil {
			m.constant = call.get("module", "variables", parts[1], "default")
		}
	case parts[0] == "module" && len(parts) > 2:
		called := module + m.ref[:segmentEnd(m.ref, len("module."))]
		at = called + ".output"
		next = tf.calls[withoutIndexes(called)].get("module", "outputs", parts[2], "expression")
	}
	if constant := next.get("constant_value"); constant != nil {
		m.constant = constant
	}
	refs := references(next)
	if m.constant != nil || len(refs) == 0 {
		found(m)
		return
	}
	for _, ref := range refs {
		tf.step(meant{from: at, expression: next, ref: ref}, left, found)
	}
}

// references returns the references of an expression, each once. A plan lists a reference and its
// parts behind it: "module.m[0].arn" and "module.m[0]". Indexes by each.key and count.index belong
// to another reference.
func references(expression *tree) (all []string) {
	list := expression.get("references").list()
	for _, ref := range list {
		text := ref.str()
		part := slices.ContainsFunc(all, func(have string) bool {
			return strings.HasPrefix(have, text) && (len(have) == len(text) || strings.ContainsRune(".[", rune(have[len(text)])))
		})
		if !part && (!isOwnIndex(ref) || len(list) == 1) {
			all = append(all, text)
		}
	}
	return all
}
