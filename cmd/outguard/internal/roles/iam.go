package roles

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// iamDocument returns the IAM document in a file: the file itself, or what aws iam
// get-policy-version, get-role-policy and get-user-policy print. nil: there is none.
// A file with Resources is a template, even with a Statement at the top.
func iamDocument(t *tree) *tree {
	for _, path := range [][]string{nil, {"PolicyVersion", "Document"}, {"PolicyDocument"}, {"Document"}} {
		if d := t.get(path...); d != nil && d.get("Statement") != nil && d.get("Resources") == nil {
			return d
		}
	}
	return nil
}

// readIAM reads an IAM document, which names no function.
func (r *Reader) readIAM(t *tree) error {
	if r.Function == "" {
		return errors.New("it names no function; name one with -function")
	}
	name := sectionName(r.Function)
	// Lambda's names have letters, digits, - and _ only; anything else would change in sectionName.
	if name != r.Function {
		return errors.New("-function is not the name of a function, or a glob over names")
	}
	f := r.function(name)
	d := iamDocument(t)
	// A statement with a Principal is attached to the other side: a bucket's policy, or a role's
	// trust. As a permission of the function, it would be wrong.
	for _, s := range d.get("Statement").list() {
		if s.get("Principal") != nil || s.get("NotPrincipal") != nil {
			return errors.New("it has a Principal, so that it is the policy of a resource or the trust policy of a role; give what is attached to the function's role")
		}
	}
	// Literal texts only: an IAM document has no parameters, mappings or resources.
	r.statements(f, d, new(scope), t.get("PolicyName").str())
	return nil
}

// statements adds the statements of an IAM document to a function. s evaluates its texts.
// It accepts what templates have in the place of one document: a list, or an Fn::If.
func (r *Reader) statements(f *function, document *tree, s *scope, from string) {
	if document == nil {
		r.leave(f.name, label("a policy", from), "it has no document that can be read")
	}
	for _, d := range r.branches(document) {
		if d.get("Statement") == nil {
			r.leave(f.name, label("a policy document", from), "it has no statement that can be read")
		}
		for _, st := range r.branches(d.get("Statement")) {
			r.statement(f, st, s, from)
		}
	}
}

// branches returns the items of a list, and anything else as a list of one, with both branches of
// each Fn::If and without AWS::NoValue.
// In a template, any element of a policy may be a condition's choice between two of them. The
// policy must allow what the function needs in either case, so that both branches are taken.
func (r *Reader) branches(t *tree) (all []*tree) {
	name, arg := t.call()
	switch {
	case t == nil || t.kind == 's' && t.empty || isNoValue(t):
	case name == "Fn::If":
		r.note("both branches of a condition (Fn::If) are in the policy")
		// The first argument is the condition's name.
		for _, branch := range arg.list()[min(1, len(arg.list())):] {
			all = append(all, r.branches(branch)...)
		}
	case t.kind == 'l':
		// A branch may be a list of its own, which is flattened: IAM has no nested lists.
		for _, item := range t.items {
			all = append(all, r.branches(item)...)
		}
	default:
		all = []*tree{t}
	}
	return all
}

// statementKeys are the elements of a statement. One that is not known may limit it.
var statementKeys = []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}

// statement adds a statement. What cannot be read of it is left.
func (r *Reader) statement(f *function, t *tree, s *scope, from string) {
	sid := t.get("Sid").str()
	st := statement{from: strings.TrimSpace(from + " " + sid)}
	what := label("a statement", st.from)
	if name, _ := t.call(); t != nil && (t.kind != 'm' || name != "") {
		// {"Fn::Transform": …} and "${file(iam.yml)}" are in the place of statements.
		if text := t.str(); text != "" {
			what = readableText(text)
		}
		r.leave(f.name, what, "it stands for statements that are not in the file; write them in its place, or give what \"serverless print\" or the like prints to -from")
		return
	}
	for key := range t.entries {
		// For example NotPrincipal. A rule without a limit that IAM applies would allow more than
		// the role.
		if !slices.Contains(statementKeys, key) {
			r.leave(f.name, what, fmt.Sprintf("its element %q is not known here", shorten(key)))
			return
		}
	}
	switch effect := t.get("Effect").str(); {
	// IAM wants the exact spelling; serverless.yml and people are less strict, and the meaning is
	// clear.
	case strings.EqualFold(effect, "Deny"):
		st.deny = true
	case !strings.EqualFold(effect, "Allow"):
		r.leave(f.name, what, "its Effect is not Allow or Deny")
		return
	}
	// whole becomes false when a text of the statement is unknown, so that its lists are
	// incomplete.
	whole := true
	// known returns the texts of a list that can be evaluated, and reports the others.
	known := func(key string, of *tree) (texts []string) {
		for _, item := range of.list() {
			if isNoValue(item) {
				continue
			}
			all, why := s.texts(item)
			if why != "" {
				whole = false
				leave := r.leave
				// A missing entry of an Allow leaves a rule out; one of a Deny makes the policy
				// wider.
				if st.deny {
					leave = r.wider
				}
				leave(f.name, key+" of "+what, why)
			}
			texts = append(texts, all...)
		}
		return texts
	}
	st.actions = known("an Action", t.get("Action"))
	if t.get("Action") == nil {
		// A statement has either Action or NotAction; IAM refuses both.
		st.not, st.actions = true, known("a NotAction", t.get("NotAction"))
		if st.deny && !whole {
			return // without one of its exceptions, it would deny more
		}
	}
	on := t.get("Resource")
	if on == nil {
		on, st.notOn = t.get("NotResource"), true
	}
	st.resources = known("a Resource", on)
	for op, keys := range t.get("Condition").entries {
		// A condition with an unknown value stays in the list, with "?", so that it is never taken
		// for a statement without conditions.
		for key, values := range keys.entries {
			c := condition{op: op, key: key}
			for _, v := range values.list() {
				all, why := s.texts(v)
				if why != "" {
					all = []string{"?"}
				}
				c.values = append(c.values, all...)
			}
			st.conditions = append(st.conditions, c)
		}
		if keys == nil || keys.kind != 'm' {
			// {"StringEquals": "x"}: not the map from keys to values that IAM wants.
			st.conditions = append(st.conditions, condition{op: op, key: "?"})
		}
	}
	if c := t.get("Condition"); c != nil && len(st.conditions) == 0 {
		// {"Condition": "${self:custom.limits}"}: its operator is unknown, and it must not get lost
		// either.
		st.conditions = []condition{{op: cmp.Or(shorten(c.str()), "?")}}
	}
	switch {
	// Empty lists are reported by known, with the reason for each of their entries.
	case len(st.actions) == 0 && t.get("Action") == nil && t.get("NotAction") == nil:
		r.leave(f.name, what, "it names no Action")
	case on == nil:
		r.leave(f.name, what, "it names no Resource")
	case len(st.actions) > 0 && len(st.resources) > 0:
		f.statements = append(f.statements, st)
	}
}

// label names a part of a file.
func label(what, from string) string {
	if from == "" {
		return what
	}
	return what + " of " + from
}

// isNoValue reports whether a value is {Ref: AWS::NoValue}.
func isNoValue(t *tree) bool {
	name, arg := t.call()
	return name == "Ref" && arg.str() == "AWS::NoValue"
}
