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
	shared := append(provider.get("iam", "role", "statements").list(), provider.get("iamRoleStatements").list()...)
	managed := append(provider.get("iam", "role", "managedPolicies").list(), provider.get("iamManagedPolicies").list()...)
	functions := t.get("functions")
	if functions.kind == 'l' { // several maps, from other files
		merged := &tree{kind: 'm'}
		for _, m := range functions.items {
			for k, f := range m.entries {
				merged.keys, merged.items = append(merged.keys, k), append(merged.items, f)
			}
		}
		functions = merged
	}
	found := false
	for key, f := range functions.entries {
		if f.kind != 'm' {
			continue
		}
		found = true
		runtime := f.get("runtime")
		if runtime == nil {
			runtime = provider.get("runtime")
		}
		if other := otherRuntime(runtime.str()); other != "" {
			r.uncalled(key, "the function", other)
			continue
		}
		v.function(key, f, shared, managed)
	}
	if !found {
		return errors.New("it has no function")
	}
	return nil
}

// A serverless is a serverless.yml.
type serverless struct {
	r      *Reader
	root   *tree
	scope  *scope
	naming bool // parts that are not known stand for *
	depth  int
}

func (v *serverless) function(key string, t *tree, shared, managed []*tree) {
	name := v.name(key, t)
	f := v.r.another(name)
	provider := v.root.get("provider")
	for _, b := range []*tree{provider.get("iam", "role", "permissionsBoundary"), provider.get("rolePermissionsBoundary"), t.get("iam", "role", "permissionsBoundary"), t.get("iamPermissionsBoundary")} {
		v.r.boundary(f, b)
	}
	own := append(t.get("iamRoleStatements").list(), t.get("iam", "role", "statements").list()...)
	role := t.get("role")
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
		if role.kind == 's' && v.scope.root.get("Resources", role.text) != nil {
			role = &tree{kind: 'm', keys: []string{"Ref"}, items: []*tree{role}}
		}
		v.r.role(f, v.scope, role)
		return
	case len(own) > 0 || t.get("iamRoleStatements") != nil:
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
		v.r.samPolicies(f, v.scope, p)
	}
}

// name returns the section of a function: SERVICE-STAGE-KEY, unless it has a name.
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
		if b.Len() > 4096 {
			return nil, "it is too long"
		}
		text = rest[end+1:]
	}
}

// closing returns where the brace closes that stands before s; -1: nowhere.
func closing(s string) int {
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
	if unquoted := strings.Trim(fallback, `'"`); unquoted != fallback {
		if v.naming {
			return "*", ""
		}
		v.r.note(fmt.Sprintf("${%s} has its default value %q", shorten(source), shorten(unquoted)))
		return unquoted, ""
	}
	if strings.HasPrefix(fallback, "${") && strings.HasSuffix(fallback, "}") {
		fallback = fallback[2 : len(fallback)-1]
	}
	return inner.variable(fallback)
}

// one returns the value of a variable.
func (v *serverless) one(source string) (value, why string) {
	kind, name, _ := strings.Cut(source, ":")
	if given, ok := v.r.Params[name]; ok && kind != "self" {
		return given, ""
	}
	switch kind {
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
		t := v.root.get(strings.Split(name, ".")...)
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
		switch name {
		case "region":
			return ownRegion, ""
		case "stage":
			if given, ok := v.r.Params["stage"]; ok {
				return given, ""
			}
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
	return "", fmt.Sprintf("the value of ${%s} is not known here; give one with -param %s=VALUE", shorten(source), shorten(name))
}
