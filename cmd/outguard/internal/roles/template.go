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

// readTemplate reads the functions of a template, and of the templates that are nested in it.
func (r *Reader) readTemplate(t *tree) error {
	s := &scope{r: r, root: t}
	r.nest(s, r.file, 0)
	if !r.templateFunctions(s) {
		return errors.New("it has no function")
	}
	return nil
}

// templateFunctions adds the functions of a template. It reports whether there are any.
func (r *Reader) templateFunctions(s *scope) (found bool) {
	functions := map[string]*function{} // by logical id
	t := s.root
	for logical, res := range t.get("Resources").entries {
		switch res.get("Type").str() {
		case "AWS::Serverless::Function", "AWS::Lambda::Function":
			found = true
			if f := r.templateFunction(s, logical, res); f != nil {
				functions[logical] = f
			}
		// Fn::Transform includes resources from S3, which only CloudFormation sees.
		case "":
			r.leave("", logical, "what it adds to the template is not read; read the processed one: aws cloudformation get-template --template-stage Processed")
		case "AWS::CloudFormation::Stack", "AWS::Serverless::Application":
			// Of two stacks with one template, the second adds nothing but other parameters.
			if child := s.nested[logical]; child != nil {
				r.seen[child.file] = true
				found = r.templateFunctions(child) || found
			}
		}
	}
	r.connectors(s, functions)
	return found
}

// templateFunction adds a function with the statements of its role.
// It accepts both AWS::Serverless::Function and AWS::Lambda::Function. It returns nil for one of
// another language.
func (r *Reader) templateFunction(s *scope, logical string, res *tree) *function {
	props := res.get("Properties")
	runtime := props.get("Runtime")
	if runtime == nil {
		// Globals are SAM's defaults for all of its functions.
		runtime = s.root.get("Globals", "Function", "Runtime")
	}
	if other := otherRuntime(runtime.str()); other != "" {
		r.uncalled(logical, "the function", other)
		return nil
	}
	f := r.another(r.functionName(s, logical, props))
	if when := res.get("Condition"); when != nil {
		// A function on a condition may exist in some stages only; a section without a function
		// does no harm.
		r.note(fmt.Sprintf("%s is in the stack on the condition %s only; its section is in the policy anyway", logical, shorten(when.str())))
	}
	r.boundary(f, props.get("PermissionsBoundary"))
	r.boundary(f, s.root.get("Globals", "Function", "PermissionsBoundary"))
	if role := props.get("Role"); role != nil {
		// With a role of its own, SAM ignores Policies.
		r.role(f, s, role)
		return f
	}
	if res.get("Type").str() == "AWS::Lambda::Function" {
		// Lambda demands a role; only SAM makes one.
		r.leave(f.name, "its role", "the template names none")
		return f
	}
	r.samPolicies(f, s, props.get("Policies"))
	r.attached(f, s, logical+"Role") // as SAM names the role that it makes
	return f
}

// when adds statements of a resource, or of an entry of a list, and notes if they are there on a
// condition of the template only.
func (r *Reader) when(f *function, t *tree, name string, add func()) {
	before := len(f.statements)
	// add appends to f.statements, so that what is behind before is new.
	add()
	c := t.get("Condition")
	if c == nil || len(f.statements) == before {
		return
	}
	text := shorten(c.str())
	for i := range f.statements[before:] {
		st := &f.statements[before+i]
		// A policy on one condition, attached to a role on another: both must hold.
		st.when = strings.TrimPrefix(st.when+" and "+text, " and ")
	}
	r.wider(f.name, label("the template's condition "+text, name), "the role has this on that condition only, and the policy always")
}

// boundary reports a permissions boundary of a function's role.
// An Fn::GetAtt counts, too, since what the boundary says is never read.
func (r *Reader) boundary(f *function, t *tree) {
	if t.str() != "" || t != nil && t.kind != 's' {
		r.wider(f.name, "its permissions boundary", "it is not read, and the role may allow less")
	}
}

// otherRuntime says why a function of another language has no section; "" for one that may be Go.
func otherRuntime(runtime string) string {
	// provided.al2023, go1.x and container images, which have no runtime, may be in Go.
	for _, name := range []string{"nodejs", "python", "java", "dotnet", "ruby"} {
		if strings.HasPrefix(runtime, name) {
			return "it runs on " + runtime + ", and Outguard guards functions in Go"
		}
	}
	return ""
}

// functionName returns the section for a function: its name, with * for what is not known.
func (r *Reader) functionName(s *scope, logical string, props *tree) string {
	// naming makes * of parameters, so that one section holds for each stack of the template.
	naming := *s
	naming.naming = true
	given := props.get("FunctionName")
	// Without a name, CloudFormation makes STACK-LOGICALID-RANDOM.
	if given == nil {
		return sectionName(s.generated(logical, "stack"))
	}
	names, _ := naming.texts(given)
	if len(names) == 1 {
		// With several names, as of an Fn::If, no single section would be right.
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
// It follows the reference to a role of the same template. A role by ARN is elsewhere.
func (r *Reader) role(f *function, s *scope, role *tree) {
	logical := ""
	switch name, arg := role.call(); name {
	case "Fn::GetAtt":
		// Fn::GetAtt has two forms: "Role.Arn" and ["Role", "Arn"].
		var attr string
		logical, attr, _ = strings.Cut(arg.str(), ".")
		if arg.kind == 'l' && len(arg.items) > 0 {
			logical, attr = arg.items[0].str(), arg.items[len(arg.items)-1].str()
		}
		// A role that a nested stack makes. A forged template may give the same value again.
		if child, value := s.outputValue(logical, attr); child != nil && s.depth < maxLevels {
			inner := *child
			inner.depth = s.depth + 1
			r.role(f, &inner, value)
			return
		}
	case "Ref":
		logical = arg.str()
		// A role that a nested stack gets.
		if outer, value := s.parameterGiven(logical); value != nil && s.depth < maxLevels {
			inner := *outer
			inner.depth = s.depth + 1
			r.role(f, &inner, value)
			return
		}
	case "Fn::Sub":
		// !Sub "${Role.Arn}"
		logical, _, _ = strings.Cut(strings.Trim(arg.str(), "${}"), ".")
	case "Fn::If":
		// The function may have either role, and the policy has both.
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
	// A role has inline policies, managed ones by ARN, and those that name it from elsewhere.
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
	// AWS::IAM::Policy and ManagedPolicy have a list of Roles, RolePolicy one RoleName.
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
	// Names by Ref are compared by logical id: the role's real name may be generated, and thus
	// unknown.
	switch name, arg := t.call(); {
	case name == "Ref":
		return arg.str() == logical
	case name == "Fn::Sub" && arg.str() == "${"+logical+"}":
		return true
	}
	// Otherwise, the name may be the same text in both places: RoleName: orders-role.
	given := s.root.get("Resources", logical, "Properties", "RoleName")
	if given == nil {
		return false
	}
	names, why := s.texts(t)
	of, whyOf := s.texts(given)
	return why == "" && whyOf == "" && slices.ContainsFunc(names, func(n string) bool { return slices.Contains(of, n) })
}
