package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// This file replaces variables such as ${stage}, and says what is wrong with them.

// builtins are the variables that the policy itself knows; they win over the environment's.
var builtins = []string{"region", "region_nodash", "account", "stage", "function", runtimeAPI}

// runtimeAPI is host:port of the Lambda Runtime API. Outside Lambda, a rule that names it matches
// no call.
const runtimeAPI = "AWS_LAMBDA_RUNTIME_API"

// A lookup returns the value of a variable; ok is false when it is not set.
type lookup func(name string) (value string, ok bool)

// An expansion is a text with its variables replaced.
type expansion struct {
	text    string
	missing []string // variables without a value and without a default; "" stands in their place
	glob    string   // what was inserted and holds a * or a ?, as "${NAME}"; "" for nothing
}

// expand replaces ${NAME} and ${NAME:-default} in s, and $${ by a literal ${. Variables are not
// looked for in what was inserted.
func expand(s string, get lookup) (expansion, *report.Problem) {
	var e expansion
	var b strings.Builder
	for {
		// From left to right. What is inserted is never looked at again.
		before, rest, found := strings.Cut(s, "${")
		if !found {
			b.WriteString(s)
			e.text = b.String()
			return e, nil
		}
		// $${ is a literal ${.
		if literal, ok := strings.CutSuffix(before, "$"); ok {
			b.WriteString(literal + "${")
			s = rest
			continue
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return e, &report.Problem{What: fmt.Sprintf("%q has no closing }", "${"+report.Short(rest)), Fix: "close it, or write $${ for a literal ${"}
		}
		// As in shells: the default also counts for an empty value.
		name, fallback, hasDefault := strings.Cut(inside, ":-")
		switch {
		case !isVariable(name):
			return e, &report.Problem{What: fmt.Sprintf("%q is not a variable", "${"+report.Short(inside)+"}"),
				Fix: "write ${NAME} or ${NAME:-default}, or $${ for a literal ${"}
		// The } would end the outer one.
		case strings.Contains(fallback, "${"):
			return e, &report.Problem{What: fmt.Sprintf("the default of ${%s} holds a variable", name), Fix: "write plain text as its default"}
		}
		value, ok := get(name)
		switch {
		case !ok && hasDefault:
			value = fallback
		case !ok:
			// Not an error yet: in notify:, such a text counts as empty.
			e.missing = append(e.missing, name)
		}
		// The caller decides whether a wildcard may be inserted.
		if strings.ContainsAny(value, "*?") && e.glob == "" {
			e.glob = name
		}
		b.WriteString(before + value)
		s = after
	}
}

// unset says that a variable has no value.
func unset(name string) *report.Problem {
	// From the name that it is, to what was probably meant, to what to do.
	if slices.Contains(builtins, name) {
		return &report.Problem{What: fmt.Sprintf("${%s} is not known here", name), Fix: fmt.Sprintf("give it a default: ${%s:-…}", name)}
	}
	// ${Region} and ${stge}: built-in names are in lower case.
	if near := report.Nearest(name, builtins); near != "" && strings.ToLower(name) == name {
		return &report.Problem{What: fmt.Sprintf("${%s} is not set", name), Fix: fmt.Sprintf("did you mean ${%s}?", near)}
	}
	return &report.Problem{What: fmt.Sprintf("${%s} is not set", name),
		Fix: fmt.Sprintf("set %s in the function's environment, or give it a default: ${%s:-…}", name, name)}
}

// isVariable reports what a shell takes for the name of a variable.
func isVariable(name string) bool {
	for i, c := range []byte(name) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// lookup returns how the variables of the policy are found for e.
func (e *Env) lookup() lookup {
	// An empty value counts as unset.
	known := func(s string) (string, bool) { return s, s != "" }
	return func(name string) (string, bool) {
		switch name {
		case "region":
			return known(e.Region)
		case "region_nodash":
			return known(strings.ReplaceAll(e.Region, "-", ""))
		case "account":
			return known(e.Account)
		case "stage":
			return known(e.Stage)
		case "function":
			return known(e.Function)
		// The process's first environment: code that runs later could name another endpoint.
		case runtimeAPI:
			if get := e.process(); get != nil {
				return known(get(name))
			}
			return "", false
		}
		if e.Getenv == nil {
			return "", false
		}
		return known(e.Getenv(name))
	}
}
