package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file compiles central files, which options of the function do not affect.

// ParseCentral reads a central policy file: one that a security team puts beside the policies of
// functions, and that the settings of a function must not loosen. It is ParseFile, except that
//
//   - ${VAR} stands for the built-in variables and for the AWS_* variables that Lambda reserves.
//     Any other variable counts as unset, outside notify:, whatever the environment contains;
//   - the stage is the one that the file itself determines, and Env.Stage has no effect. If it
//     determines none, the strictest entry of each map by stage counts;
//   - a function that no section matches is governed by the top level of the file alone;
//   - rules that need the account apply in a blacklist and do not vouch, if it is not known;
//   - whitelist entries that this release refuses, and the last one accepted, are left out.
//
// Each of these that the file depends on is a Warning. [File.For] takes the reserved variables from
// Env.Process, and what notify: names from Env.Getenv.
func ParseCentral(name string, data []byte) (*File, error) {
	return parseFile(name, data, true, nil)
}

// reserved lists the AWS_* variables that Lambda sets and that the settings of a function cannot
// change, without those that hold secrets.
var reserved = []string{
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_ACCESS_KEY_ID",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
	"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
	runtimeAPI,
}

// isCentralVariable reports whether a central file may name a variable.
func isCentralVariable(name string) bool {
	return slices.Contains(builtins, name) || slices.Contains(reserved, name)
}

// centralLookup returns how the variables of a central file are found for e, outside notify:.
func (e *Env) centralLookup() lookup {
	// Only what Lambda itself has set, and not what the function's configuration adds.
	trusted := *e
	trusted.Getenv = nil
	known := trusted.lookup()
	return func(name string) (string, bool) {
		if slices.Contains(builtins, name) {
			return known(name)
		}
		// The environment of the process start: code that runs later can write the present one.
		if get := e.process(); get != nil && slices.Contains(reserved, name) {
			value := get(name)
			return value, value != ""
		}
		return "", false
	}
}

// lookup returns how the variables of the file are found, outside notify:.
func (c *compiler) lookup() lookup {
	if c.file.central {
		return c.env.centralLookup()
	}
	return c.env.lookup()
}

// foreignVariables warns of variables that a central file does not expand.
func (c *compiler) foreignVariables(t syntax.Text) {
	if !c.file.central || !strings.Contains(t.Value, "${") {
		return
	}
	var names []string
	// expand asks for each variable. The result does not matter.
	note := func(name string) (string, bool) {
		if !isCentralVariable(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return "", false
	}
	_, _ = expand(t.Value, note) // what is wrong with the text is reported where it is used
	for _, name := range names {
		c.Warn(t.Place, fmt.Sprintf("${%s} counts as unset in a central file, whatever the environment contains", report.Short(name)),
			"write the value itself; only ${region}, ${account}, ${stage}, ${function} and Lambda's own AWS_* variables are expanded")
	}
}

// unsetCentral says that a variable that a central file does not expand has no default.
func unsetCentral(name string) *report.Problem {
	return &report.Problem{What: fmt.Sprintf("${%s} counts as unset in a central file", report.Short(name)),
		Fix: fmt.Sprintf("write the value itself, or give it a default: ${%s:-…}", name)}
}

// accountVariable is how a policy names the own account.
const accountVariable = "${account}"

// withoutAccount returns a rule as it counts when the account is not known. A rule of a whitelist
// that needs the account does not vouch: ok is false. A rule of a blacklist holds for every
// account.
func (c *compiler) withoutAccount(e *syntax.Draft) (without *syntax.Draft, ok bool) {
	// What needs the account: ${account}, self, and aws: rules of a whitelist, which are for it
	// alone.
	needs := func(t syntax.Text) bool { return namesAccount(t.Value) }
	lists := [...]*[]syntax.Text{&e.Subject, &e.Except, &e.Resources}
	some := slices.ContainsFunc(e.Accounts, func(t syntax.Text) bool { return needs(t) || t.Value == "self" }) ||
		e.Mode == pattern.Narrow && e.Key == "aws" && e.Accounts == nil // it is for the own account
	for _, list := range lists {
		some = some || slices.ContainsFunc(*list, needs)
	}
	// While a file is checked, the account is made up.
	switch {
	case !some || c.checking:
		return e, true
	// A whitelist rule for every account would be too wide.
	case e.Mode == pattern.Narrow:
		c.Warn(e.Place, "the rule needs the account, which is not known: it allows nothing", "name the 12 digits of the account, under accounts: in an aws: rule")
		return nil, false
	}
	// A blacklist rule holds for every account instead. What excludes something by account goes.
	copied, details := *e, *e.Details
	copied.Details = &details
	copied.Accounts, copied.Except = nil, nil
	for _, t := range e.Except {
		if !needs(t) {
			copied.Except = append(copied.Except, t)
		}
	}
	// ${account} is a * there.
	copied.Subject, copied.Resources = anyAccount(e.Subject), anyAccount(e.Resources)
	return &copied, true
}

// namesAccount reports whether a text names ${account} without a default.
func namesAccount(text string) bool {
	for {
		before, after, found := strings.Cut(text, accountVariable)
		if !found {
			return false
		}
		// $${account} is a literal text.
		if !strings.HasSuffix(before, "$") {
			return true
		}
		text = after
	}
}

// anyAccount returns texts of a blacklist with a * in the place of ${account}.
func anyAccount(list []syntax.Text) []syntax.Text {
	out := slices.Clone(list)
	for i := range out {
		if namesAccount(out[i].Value) {
			out[i].Value = strings.ReplaceAll(out[i].Value, accountVariable, "*")
		}
	}
	return out
}

// strictest returns the strictest verdict of a map by stage.
func (c *compiler) strictest(words []syntax.StageWord, key string) Verdict {
	// The lowest Verdict is the strictest.
	v := Allow
	for _, w := range words {
		one, _ := verdictOf(c.word(w.Word, key, syntax.ActionWords()))
		v = min(v, one)
	}
	return v
}

// unknownStage warns that a central file depends on the stage and determines none.
func (c *compiler) unknownStage(at report.Place, what, effect string) {
	fix := "add stage: to the file"
	if c.file.tree.Accounts != nil {
		fix = `add the account, or a "*" entry, to stage: accounts:`
	}
	c.Warn(at, what+" depends on the stage, which this file does not determine: "+effect, fix)
}
