package roles

import (
	"errors"
	"fmt"
	"strings"
)

// isServerless recognizes a configuration of the Serverless Framework.
func isServerless(t *tree) bool { return t.get("provider") != nil && t.get("functions") != nil }

// readServerless reads the functions of a serverless.yml. They share the role of the provider,
// unless they have statements of their own, which a plugin makes a role of.
func (r *Reader) readServerless(t *tree) error {
	// The parts of CloudFormation below resources: are evaluated as in a template.
	s := &scope{r: r, root: t.get("resources")}
	v := &serverless{r: r, root: t, scope: s}
	s.expand = v.expand
	provider := t.get("provider")
	// Both spellings occur: version 2 moved the keys below provider.iam.role, and plugins keep the
	// old.
	shared := append(provider.get("iam", "role", "statements").list(), provider.get("iamRoleStatements").list()...)
	managed := append(provider.get("iam", "role", "managedPolicies").list(), provider.get("iamManagedPolicies").list()...)
	functions := t.get("functions")
	if functions.kind == 'l' { // several maps, from other files
		merged := &tree{kind: 'm'}
		for _, m := range functions.items {
			if m.kind == 's' {
				r.leave("", shorten(m.text), elsewhere)
			}
			for k, f := range m.entries {
				merged.keys, merged.items = append(merged.keys, k), append(merged.items, f)
			}
		}
		functions = merged
	}
	found := false
	for key, f := range functions.entries {
		found = true
		if f.kind != 'm' {
			why := elsewhere
			if !strings.Contains(f.text, "${") {
				why = "it has no settings"
			}
			r.leave(key, shorten(f.text), why)
			continue
		}
		runtime := f.get("runtime")
		// The provider's runtime is the default of each function's.
		if runtime == nil {
			runtime = provider.get("runtime")
		}
		// A service often has functions in several languages; only those in Go are guarded.
		if other := otherRuntime(runtime.str()); other != "" {
			r.uncalled(key, "the function", other)
			continue
		}
		v.function(key, f, shared, managed)
	}
	switch {
	case !found && strings.Contains(functions.text, "${"):
		return fmt.Errorf("functions: %s: %s", shorten(functions.text), elsewhere)
	case !found && len(r.left) == 0:
		return errors.New("it has no function")
	}
	return nil
}

// elsewhere is why a function is left out that the file only refers to.
const elsewhere = `it is in another file; write it in its place, or give what "serverless print" prints to -from`

// A serverless is a serverless.yml.
// Its methods evaluate variables, ${…}, over the whole file. depth bounds variables that refer to
// each other: ${self:custom.a} in custom.a.
type serverless struct {
	r      *Reader
	root   *tree
	scope  *scope
	naming bool // parts that are not known stand for *
	depth  int
}

// function adds one function with its statements. shared and managed are the provider's.
func (v *serverless) function(key string, t *tree, shared, managed []*tree) {
	name := v.name(key, t)
	f := v.r.another(name)
	provider := v.root.get("provider")
	// Each of these is a name that the framework, or the plugin for roles per function, has had.
	for _, b := range []*tree{provider.get("iam", "role", "permissionsBoundary"), provider.get("rolePermissionsBoundary"), t.get("iam", "role", "permissionsBoundary"), t.get("iamPermissionsBoundary")} {
		v.r.boundary(f, b)
	}
	own := append(t.get("iamRoleStatements").list(), t.get("iam", "role", "statements").list()...)
	role := t.get("role")
	// A function's role wins over the provider's. provider.iam.role is both a role and the map with
	// statements: below it, only an ARN or a call such as {Fn::GetAtt: …} is a role.
	if role == nil {
		role = v.root.get("provider", "iam", "role")
		if role != nil && role.get("statements") != nil || role != nil && role.kind == 'm' && !strings.Contains(strings.Join(role.keys, " "), "Fn::") {
			role = nil
		}
		if old := v.root.get("provider", "role"); old != nil {
			role = old
		}
	}
	switch {
	case role != nil:
		// role: OrdersRole is a logical id below resources, as the framework also reads it.
		if role.kind == 's' && v.scope.root.get("Resources", role.text) != nil {
			role = &tree{kind: 'm', keys: []string{"Ref"}, items: []*tree{role}}
		}
		v.r.role(f, v.scope, role)
		return
	case len(own) > 0 || t.get("iamRoleStatements") != nil:
		// serverless-iam-roles-per-function replaces the shared role, unless the function or the
		// plugin's default says to inherit.
		byDefault := v.root.get("custom", "serverless-iam-roles-per-function", "defaultInherit")
		if inherit := t.get("iamRoleStatementsInherit"); inherit.str() == "true" || inherit == nil && byDefault.str() == "true" {
			own = append(own, shared...)
		}
	default:
		own = shared
	}
	for _, list := range own {
		for _, st := range v.r.branches(list) {
			v.r.statement(f, st, v.scope, "")
		}
	}
	for _, p := range managed {
		// Managed policies of the provider stay in either case: the plugin adds to them.
		v.r.samPolicies(f, v.scope, p)
	}
}

// name returns the section of a function: SERVICE-STAGE-KEY, unless it has a name.
// The framework calls a function orders-dev-worker in stage dev.
func (v *serverless) name(key string, t *tree) string {
	naming := *v
	naming.naming = true
	given := t.get("name").str()
	if given == "" {
		service := v.root.get("service").str()
		if service == "" {
			service = v.root.get("service", "name").str()
		}
		given = service + "-${sls:stage}-" + key
	}
	// In names, unknown variables are *, so that the section is a glob over all stages.
	texts, _ := naming.expand(given)
	if len(texts) == 1 {
		if name := sectionName(texts[0]); name != "" {
			return name
		}
	}
	v.r.leave("*"+key+"*", "the function's name", "it cannot be evaluated here; write it in the place of the section's")
	return sectionName("*" + key + "*")
}

// expand replaces the variables of a text: ${self:custom.table}, ${opt:stage, 'dev'}.
func (v *serverless) expand(text string) ([]string, string) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${")
		// ${AWS::Region} is CloudFormation's and is handled below; in literal text, only IAM's own
		// variables could remain.
		if _, why := (&scope{}).plain(before); why != "" {
			return nil, why
		}
		b.WriteString(before)
		if !ok {
			return []string{b.String()}, ""
		}
		end := closing(rest)
		if end < 0 {
			return nil, fmt.Sprintf("%q has a variable that does not end", shorten(text))
		}
		value, why := v.variable(strings.TrimSpace(rest[:end]))
		switch {
		case why != "" && v.naming:
			value = "*"
		case why != "":
			return nil, why
		}
		b.WriteString(value)
		// A variable may hold a text with further variables, so that the result grows fast.
		if b.Len() > 4096 {
			return nil, "it is too long"
		}
		text = rest[end+1:]
	}
}

// closing returns where the brace closes that stands before s; -1: nowhere.
func closing(s string) int {
	// Variables nest: ${self:custom.${opt:stage}.table}. The first closing brace is not the end.
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// variable returns the value of a variable, or of what follows a comma if it has none.
func (v *serverless) variable(text string) (value, why string) {
	// It is a copy, so that depth counts nesting and not all variables of the file.
	inner := *v
	if inner.depth++; inner.depth > 10 {
		return "", "it is defined by itself"
	}
	source, fallback, more := strings.Cut(text, ",")
	value, why = inner.one(strings.TrimSpace(source))
	if why == "" || !more {
		return value, why
	}
	fallback = strings.TrimSpace(fallback)
	// ${opt:stage, 'dev'}: a text in quotes is the value itself.
	if unquoted := strings.Trim(fallback, `'"`); unquoted != fallback {
		if v.naming {
			return "*", ""
		}
		// The author may deploy with another value, so that the default is noted.
		v.r.note(fmt.Sprintf("${%s} has its default value %q", shorten(source), shorten(unquoted)))
		return unquoted, ""
	}
	// ${opt:stage, ${self:custom.stage}}: a variable again, and also in the short form without
	// braces, ${opt:stage, self:custom.stage}.
	if strings.HasPrefix(fallback, "${") && strings.HasSuffix(fallback, "}") {
		fallback = fallback[2 : len(fallback)-1]
	}
	return inner.variable(fallback)
}

// one returns the value of a variable.
func (v *serverless) one(source string) (value, why string) {
	kind, name, _ := strings.Cut(source, ":")
	// -param stage=prod sets ${opt:stage} and ${env:stage}. ${self:…} is in the file and not set.
	if given, ok := v.r.Params[name]; ok && kind != "self" {
		return given, ""
	}
	switch kind {
	// ${aws:region}
	case "aws":
		switch name {
		case "region":
			return ownRegion, ""
		case "accountId":
			return ownAccount, ""
		case "partition":
			return ownPartition, ""
		}
	case "AWS": // ${AWS::Region} in a text that Fn::Sub does not surround
		switch strings.TrimPrefix(name, ":") {
		case "Region":
			return ownRegion, ""
		case "AccountId":
			return ownAccount, ""
		case "Partition":
			return ownPartition, ""
		}
	case "self":
		// ${self:custom.tables.orders} is a path of keys.
		t := v.root.get(strings.Split(name, ".")...)
		// The defaults of the framework for what the file does not have.
		if t == nil && (name == "provider.stage" || name == "provider.region") {
			return v.one("sls:" + strings.TrimPrefix(name, "provider."))
		}
		if t != nil && t.kind == 's' {
			inner := *v
			if inner.depth++; inner.depth > 10 {
				return "", "it is defined by itself"
			}
			texts, why := inner.expand(t.text)
			if why != "" {
				return "", why
			}
			return texts[0], ""
		}
	case "sls", "opt":
		// ${sls:stage} is the stage of the deployment, ${opt:stage} the option of the command
		// alone.
		switch name {
		case "region":
			return ownRegion, ""
		case "stage":
			if given, ok := v.r.Params["stage"]; ok {
				return given, ""
			}
			// A name has * for the stage, since all stages have the function. A value needs one of
			// them.
			if kind == "sls" && !v.naming {
				if stage := v.root.get("provider", "stage").str(); stage != "" && !strings.Contains(stage, "${") {
					v.r.note(fmt.Sprintf("the stage is %q; -param stage=VALUE sets another", shorten(stage)))
					return stage, ""
				}
				v.r.note(`the stage is "dev"; -param stage=VALUE sets another`)
				return "dev", ""
			}
		}
	}
	// ${ssm:…}, ${cf:…}, ${env:…} and ${file(…)}: they are outside the file.
	return "", fmt.Sprintf("the value of ${%s} is not known here; give one with -param %s=VALUE", shorten(source), shorten(name))
}
