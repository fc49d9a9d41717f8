package pattern

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// A Caller is a pattern of import paths, as go list takes them: "..." stands for any text, and
// x/... also matches x.
type Caller struct {
	text  string
	parts []string // what stands between the dots
	self  string   // of x/...: x; "" for other patterns
}

// MainPackage is the pattern of package main, whatever its import path is.
const MainPackage = "main"

// ParseCaller parses a pattern of callers.
func ParseCaller(text string) (Caller, *report.Problem) {
	wrong := func(why, fix string) (Caller, *report.Problem) {
		return Caller{}, &report.Problem{What: fmt.Sprintf("callers: %q can never match: %s", report.Short(text), why), Fix: fix}
	}
	first, _, _ := strings.Cut(text, "/")
	switch {
	case text == "":
		return wrong("it is empty", "write an import path, such as example.com/shop/pay")
	case strings.HasPrefix(text, "./"), strings.HasPrefix(text, "../"), text == ".", text == "..", strings.HasPrefix(text, "/"):
		return wrong("it is a folder", "write the import path, as go list prints it")
	case strings.ContainsAny(text, "?[]{}"):
		return wrong("only ... is a wildcard", "write ... in its place")
	case strings.Contains(text, "*"):
		return wrong("only ... is a wildcard", "write "+report.Quoted(strings.NewReplacer("**", "...", "*", "...").Replace(text)))
	case strings.ContainsAny(text, " \t\n\\\"'`:@#(),;"):
		return wrong("it is not an import path", "write the path alone, without a version, a file or a function")
	case strings.HasSuffix(text, "/"):
		return wrong("it ends in a slash", "write "+report.Quoted(text+"..."))
	case text == "std", text == "cmd", text == "all", first == "net", first == "crypto", first == "runtime":
		return wrong("packages of the standard library are not callers", "name the package that uses them")
	}
	c := Caller{text: text, parts: strings.Split(text, "...")}
	if x, ok := strings.CutSuffix(text, "/..."); ok && !strings.Contains(x, "...") {
		c.self = x
	}
	return c, nil
}

// Match reports whether the pattern matches an import path. main reports that the package is main.
func (c *Caller) Match(path string, main bool) bool {
	if main && c.text == MainPackage || c.self != "" && path == c.self {
		return true
	}
	last := len(c.parts) - 1
	if last == 0 {
		return path == c.text
	}
	rest, ok := strings.CutPrefix(path, c.parts[0])
	if !ok {
		return false
	}
	for _, part := range c.parts[1:last] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, c.parts[last])
}

// MayMatchIn reports whether the pattern may match a package of a module.
func (c *Caller) MayMatchIn(module string) bool {
	if c.text == MainPackage {
		return true
	}
	if len(c.parts) == 1 {
		return c.text == module || strings.HasPrefix(c.text, module+"/")
	}
	begin := c.parts[0]
	return c.self == module || strings.HasPrefix(begin, module+"/") || strings.HasPrefix(module+"/", begin)
}

func (c *Caller) String() string { return c.text }
