package roles

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// isTemplate recognizes a SAM or CloudFormation template: its resources have types.
func isTemplate(t *tree) bool {
	for _, r := range t.get("Resources").entries {
		if strings.Contains(r.get("Type").str(), "::") {
			return true
		}
	}
	return false
}

// readTemplate reads the functions of a template.
func (r *Reader) readTemplate(t *tree) error {
	found := false
	s := &scope{r: r, root: t}
	for logical, res := range t.get("Resources").entries {
		for id := range res.get("Connectors").entries {
			r.leave("", logical+"'s connector "+id, "what a connector grants is not read; write its rules by hand")
		}
		switch res.get("Type").str() {
		case "AWS::Serverless::Function", "AWS::Lambda::Function":
			found = true
			r.templateFunction(s, logical, res)
		case "AWS::Serverless::Connector":
			r.leave("", logical, "what a connector grants is not read; write its rules by hand")
		case "":
			r.leave("", logical, "what it adds to the template is not read; read the processed one: aws cloudformation get-template --template-stage Processed")
		case "AWS::CloudFormation::Stack", "AWS::Serverless::Application":
			r.note(logical + " is a template of its own; give it to -from, too")
		}
	}
	if !found {
		return errors.New("it has no function")
	}
	return nil
}

// templateFunction adds a function with the statements of its role.
func (r *Reader) templateFunction(s *scope, logical string, res *tree) {
	props := res.get("Properties")
	runtime := props.get("Runtime")
	if runtime == nil {
		runtime = s.root.get("Globals", "Function", "Runtime")
	}
	if other := otherRuntime(runtime.str()); other != "" {
		r.uncalled(logical, "the function", other)
		return
	}
	f := r.another(r.functionName(s, logical, props))
	if when := res.get("Condition"); when != nil {
		r.note(fmt.Sprintf("%s is in the stack on the condition %s only; its section is in the policy anyway", logical, shorten(when.str())))
	}
	r.boundary(f, props.get("PermissionsBoundary"))
	r.boundary(f, s.root.get("Globals", "Function", "PermissionsBoundary"))
	if role := props.get("Role"); role != nil {
		r.role(f, s, role)
		return
	}
	if res.get("Type").str() == "AWS::Lambda::Function" {
		r.leave(f.name, "its role", "the template names none")
		return
	}
	r.samPolicies(f, s, props.get("Policies"))
	r.attached(f, s, logical+"Role") // as SAM names the role that it makes
}

// when adds statements of a resource, or of an entry of a list, and notes if they are there on a
// condition of the template only.
func (r *Reader) when(f *function, t *tree, name string, add func()) {
	before := len(f.statements)
	add()
	c := t.get("Condition")
	if c == nil || len(f.statements) == before {
		return
	}
	text := shorten(c.str())
	for i := range f.statements[before:] {
		st := &f.statements[before+i]
		st.when = strings.TrimPrefix(st.when+" and "+text, " and ")
	}
	r.wider(f.name, label("the template's condition "+text, name), "the role has this on that condition only, and the policy always")
}

// boundary reports a permissions boundary of a function's role.
func (r *Reader) boundary(f *function, t *tree) {
	if t.str() != "" || t != nil && t.kind != 's' {
		r.wider(f.name, "its permissions boundary", "it is not read, and the role may allow less")
	}
}

// otherRuntime says why a function of another language has no section; "" for one that may be Go.
func otherRuntime(runtime string) string {
	for _, name := range []string{"nodejs", "python", "java", "dotnet", "ruby"} {
		if strings.HasPrefix(runtime, name) {
			return "it runs on " + runtime + ", and Outguard guards functions in Go"
		}
	}
	return ""
}

// functionName returns the section for a function: its name, with * for what is not known.
func (r *Reader) functionName(s *scope, logical string, props *tree) string {
	naming := *s
	naming.naming = true
	given := props.get("FunctionName")
	if given == nil {
		return sectionName(s.generated(logical, "stack"))
	}
	names, _ := naming.texts(given)
	if len(names) == 1 {
		if name := sectionName(names[0]); name != "" {
			if name != names[0] || strings.Contains(name, "*") {
				r.note(fmt.Sprintf("the name of %s depends on parameters: its section is %q", logical, name))
			}
			return name
		}
	}
	r.leave("*"+logical+"*", "the function's name", "it cannot be evaluated here; write it in the place of the section's")
	return sectionName("*" + logical + "*")
}

// role adds the statements of a role.
func (r *Reader) role(f *function, s *scope, role *tree) {
	logical := ""
	switch name, arg := role.call(); name {
	case "Fn::GetAtt":
		logical, _, _ = strings.Cut(arg.str(), ".")
		if arg.kind == 'l' && len(arg.items) > 0 {
			logical = arg.items[0].str()
		}
	case "Ref":
		logical = arg.str()
	case "Fn::Sub":
		logical, _, _ = strings.Cut(strings.Trim(arg.str(), "${}"), ".")
	case "Fn::If":
		for _, branch := range arg.list()[min(1, len(arg.list())):] {
			if !isNoValue(branch) {
				r.role(f, s, branch)
			}
		}
		return
	}
	res := s.root.get("Resources", logical)
	if res.get("Type").str() != "AWS::IAM::Role" {
		r.leave(f.name, "its role", "it is not in the template; give what aws iam get-role-policy and get-policy-version print to -from, with -function")
		return
	}
	r.when(f, res, logical, func() { r.roleStatements(f, s, logical, res.get("Properties")) })
}

// roleStatements adds the statements of a role of the template.
func (r *Reader) roleStatements(f *function, s *scope, logical string, props *tree) {
	r.boundary(f, props.get("PermissionsBoundary"))
	for _, p := range r.branches(props.get("Policies")) {
		name := p.get("PolicyName").str()
		if name == "" {
			name = logical
		}
		r.statements(f, p.get("PolicyDocument"), s, name)
	}
	r.samPolicies(f, s, props.get("ManagedPolicyArns"))
	r.attached(f, s, logical)
}

// attached adds the policies of the template that are attached to a role.
func (r *Reader) attached(f *function, s *scope, logical string) {
	for id, p := range s.root.get("Resources").entries {
		switch p.get("Type").str() {
		case "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy":
		default:
			continue
		}
		attached := slices.Concat(r.branches(p.get("Properties", "Roles")), r.branches(p.get("Properties", "RoleName")))
		if slices.ContainsFunc(attached, func(t *tree) bool { return r.isRole(s, t, logical) }) {
			r.when(f, p, id, func() { r.statements(f, p.get("Properties", "PolicyDocument"), s, id) })
		}
	}
}

// isRole reports whether a value names a role of the template.
func (r *Reader) isRole(s *scope, t *tree, logical string) bool {
	switch name, arg := t.call(); {
	case name == "Ref":
		return arg.str() == logical
	case name == "Fn::Sub" && arg.str() == "${"+logical+"}":
		return true
	}
	given := s.root.get("Resources", logical, "Properties", "RoleName")
	if given == nil {
		return false
	}
	names, why := s.texts(t)
	of, whyOf := s.texts(given)
	return why == "" && whyOf == "" && slices.ContainsFunc(names, func(n string) bool { return slices.Contains(of, n) })
}
