package main

import (
	"regexp"
	"strings"
)

// assign returns the path of a member for each variable of a type's ARN, "" where there is none.
// Members that are named like a variable come before those that are named like it but for what says
// that it is a name, and those before the ones that go by the type alone.
func (m members) assign(vars [][]string, typ, operation string) []string {
	found := make([]string, len(vars))
	used := map[string]bool{}
	// The surest comparison comes first, and takes its member away from the others.
	for _, like := range []func(members, string, string, string) string{members.plainly, members.exactly, members.nearly, members.byType} {
		// The last variable names the resource, and those before it what it is in.
		for i := len(vars) - 1; i >= 0; i-- {
			if found[i] != "" {
				continue
			}
			last := ""
			if i == len(vars)-1 {
				last = normal(typ)
			}
			if path := like(m, normal(vars[i][1]), last, operation); path != "" && !used[path] {
				found[i], used[path] = path, true
			}
		}
	}
	return found
}

// short writes an ARN with an unknown part as a type of resources.txt.
func short(arn, resource string) string {
	parts := strings.SplitN(arn, ":", 6)
	parts[5] = resource
	text, _, err := template(parts[2], strings.Join(parts, ":"))
	if err != nil {
		return ""
	}
	// One * at the end is enough for several unknown parts.
	for strings.HasSuffix(text, "/*/*") {
		text = strings.TrimSuffix(text, "/*")
	}
	return text
}

// isGeneric reports whether a variable's name does not say of what it is.
func isGeneric(variable string) bool {
	switch variable {
	case "id", "name", "resourceid", "resourcename", "identifier", "resource", "uuid", "arn":
		return true
	}
	return false
}

// plainly returns the path of the member that is named like a variable which says of what it is.
func (m members) plainly(variable, _, _ string) string {
	if isGeneric(variable) {
		return ""
	}
	return m.one(func(name string) bool { return name == variable })
}

// exactly returns the path of the member that a variable like "Name" stands for. typ is the type
// for the variable that names the resource, and "" for those that name what it is in.
func (m members) exactly(variable, typ, operation string) string {
	if !isGeneric(variable) {
		return ""
	}
	if path := m.one(func(name string) bool {
		return typ != "" && (name == typ+"id" || name == typ+"name" || name == typ+"identifier")
	}); path != "" {
		return path
	}
	if typ == "" || isAbout(operation, typ, typ) {
		return m.one(func(name string) bool { return name == variable })
	}
	return ""
}

// nearly returns the path of the member whose name has the variable's stem, or the type's.
func (m members) nearly(variable, typ, _ string) string {
	of := stem(variable)
	return m.one(func(name string) bool {
		s := stem(name)
		return s != "" && !isNameOf(name, variable) && (s == of || typ != "" && s == typ && len(typ) > 2)
	})
}

// isNameOf reports whether a member has a name where the variable is an id.
func isNameOf(member, variable string) bool {
	return strings.HasSuffix(variable, "id") && (strings.HasSuffix(member, "name") || strings.HasSuffix(member, "names"))
}

// byType returns the path of a member that names the resource by the type: "Name" of an operation
// that is named after the type, or a name that ends like the type's.
func (m members) byType(variable, typ, operation string) string {
	if typ == "" {
		return ""
	}
	of := stem(variable)
	// "Id" alone says nothing, and the type says more.
	if of == "" || isGeneric(variable) {
		of = typ
	}
	if isAbout(operation, typ, of) {
		isID := strings.HasSuffix(variable, "id") && !isGeneric(variable) // the name is another than the id
		if path := m.one(func(name string) bool { return name == "id" || name == "identifier" || name == "name" && !isID }); path != "" {
			return path
		}
	}
	return m.one(func(name string) bool {
		s := stem(name)
		if s == name || isNameOf(name, variable) {
			return false
		}
		return len(of) > 4 && strings.HasSuffix(s, of) && !another(s, of) || len(s) > 2 && strings.HasSuffix(of, s) || len(typ) > 3 && strings.HasSuffix(s, typ) && !another(s, typ)
	})
}

// isAbout reports whether an operation is named after a type, or after a variable of it:
// "StartPipelineExecution" is about a pipeline.
func isAbout(operation, typ, of string) bool {
	noun := strings.ToLower(strings.TrimLeft(operation[1:], "abcdefghijklmnopqrstuvwxyz"))
	return noun == typ || noun == of || strings.HasSuffix(noun, typ) || strings.HasPrefix(noun, typ) && len(typ) > 3 || strings.HasSuffix(noun, of) && len(of) > 3
}

// another reports whether a name is about another resource than the operation's own: the source of
// a copy, a parent, a default.
func another(name, ends string) bool {
	switch strings.TrimSuffix(name, ends) {
	case "source", "target", "destination", "parent", "default", "new", "old", "kms", "master", "original", "next", "previous", "additional", "excluded", "included":
		return true
	}
	return false
}

// stem returns a name without what says that it is one: "dbinstance" for "dbinstanceidentifier".
func stem(name string) string {
	for _, end := range []string{"identifiers", "identifier", "ids", "id", "names", "name", "arns", "arn"} {
		if s, ok := strings.CutSuffix(name, end); ok {
			return s
		}
	}
	return name
}

// one returns the path of the only member whose name in lower case is as wanted. Lists count too,
// and members of structs where the input itself has none.
func (m members) one(wanted func(name string) bool) (path string) {
	for _, nested := range []bool{false, true} {
		for member, p := range m {
			if strings.Contains(member, ".") != nested {
				continue
			}
			name := nameOf(member)
			if !wanted(name) && !(strings.HasSuffix(p, "[]") && wanted(strings.TrimSuffix(name, "s"))) {
				continue
			}
			if path != "" {
				return ""
			}
			path = p
		}
		if path != "" {
			return path
		}
	}
	return ""
}

// foreign are parts of the names of ARNs that are of other services.
var foreign = regexp.MustCompile(`(?i)actor|user|author|role|kms|topic|sns|lambda|function|bucket|loggroup|stream|certificate|secret|subnet|securitygroup|boundary|encryption|notification|sqs|queue|vpc|iam|principal|s3`)

// onlyARN returns the path of the only member that holds an ARN which may be of the service's own
// resources; "" if there is none, or more than one.
func (m members) onlyARN() string {
	only := members{}
	for member, path := range m {
		if name := strings.TrimSuffix(strings.ToLower(member), "s"); !strings.Contains(member, ".") && strings.HasSuffix(name, "arn") && !foreign.MatchString(member) {
			only[member] = path
		}
	}
	return only.one(func(string) bool { return true })
}
