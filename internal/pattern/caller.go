package pattern

import (
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
	if p := wrongCaller(text); p != nil {
		return Caller{}, p
	}
	c := Caller{text: text, parts: strings.Split(text, "...")}
	// For "x/...", as go list takes it, x itself matches, too.
	if x, ok := strings.CutSuffix(text, "/..."); ok && !strings.Contains(x, "...") {
		c.self = x
	}
	return c, nil
}

// wrongCaller returns what makes a text no pattern of callers, or nil.
func wrongCaller(text string) *report.Problem {
	// The first element: a domain, or a package of the standard library.
	first, _, _ := strings.Cut(text, "/")
	// What can be no import path, in the order in which the fix is clear.
	switch {
	case text == "":
		return neverCalls(text, "it is empty", "write an import path, such as example.com/shop/pay")
	case strings.HasPrefix(text, "./"), strings.HasPrefix(text, "../"), text == ".", text == "..", strings.HasPrefix(text, "/"):
		return neverCalls(text, "it is a folder", "write the import path, as go list prints it")
	case strings.ContainsAny(text, "?[]{}"):
		return neverCalls(text, "only ... is a wildcard", "write ... in its place")
	case strings.Contains(text, "*") && !strings.Contains(text, "(*"):
		return neverCalls(text, "only ... is a wildcard", "write "+report.Quoted(strings.NewReplacer("**", "...", "*", "...").Replace(text)))
	// a@v1.2.3, a.go:17 or a.Func(): as traces and logs have it.
	case strings.ContainsFunc(text, notInImport), strings.HasSuffix(text, ".git"):
		fix := "write the path alone, without a version, a file or a function"
		if list := importsIn(text); list != nil {
			fix = writeList(list)
		}
		return neverCalls(text, "it is not an import path", fix)
	case strings.HasSuffix(text, "/"):
		return neverCalls(text, "it ends in a slash", "write "+report.Quoted(text+"..."))
	// Callers are the first frames outside of the standard library.
	case text == "std", text == "cmd", text == "all", strings.Contains(standard, " "+first+" "):
		return neverCalls(text, "packages of the standard library are not callers", "name the package that uses them")
	case text == "any":
		return neverCalls(text, "it is not an import path", "leave callers: out for any")
	// Names that people try for package main.
	case text == "self", text == "Main", text == "main.main", text == "main/...":
		return neverCalls(text, "the function's own package has another name", "write "+report.Quoted(MainPackage))
	}
	if meant, why := meantCaller(text); why != "" {
		return neverCalls(text, why, "write "+report.Quoted(meant))
	}
	if why := passed(text); why != "" {
		return neverCalls(text, why, "name the package that uses it")
	}
	return nil
}

// neverCalls is the problem of a pattern that matches no caller.
func neverCalls(text, why, fix string) *report.Problem {
	return report.OfKey("callers", text, " can never match: "+why, fix)
}

// notInImport reports whether no import path holds a character.
func notInImport(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~+/", r))
}

// importsIn returns the import paths that a text holds beside other things: quotes, a scheme, a
// version, a method, the end of a repository's URL. It is nil if that is not clear.
func importsIn(text string) (list []string) {
	if len(text) > maxProposed {
		return nil
	}
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\n|", r) }) {
		s = strings.TrimFunc(s, func(r rune) bool { return isQuote(r) || isOdd(r) })
		// From the outside to the inside: quotes, scheme or user, then a version, a method or a
		// fragment.
		_, s, _ = strings.Cut("://"+strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "git@"), "://")
		for _, end := range [...]string{"@", ".(", "#"} {
			s, _, _ = strings.Cut(s, end)
		}
		s = strings.TrimSuffix(s, ".git")
		if strings.ContainsFunc(s, notInImport) || strings.HasSuffix(s, ".git") {
			return nil // which ParseCaller would ask about again
		}
		// Each must be a pattern by itself, or the proposal would be refused again.
		if _, wrong := ParseCaller(s); wrong != nil {
			return nil
		}
		list = append(list, s)
	}
	return list
}

// Match reports whether the pattern matches an import path. main reports that the package is main.
func (c *Caller) Match(path string, main bool) bool {
	// First what is compared as a whole.
	if main && c.text == MainPackage || c.self != "" && path == c.self {
		return true
	}
	last := len(c.parts) - 1
	if last == 0 {
		return path == c.text
	}
	// Then the pieces between the dots, one after another. The first is at the start, the last at
	// the end.
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
	// A path without dots is in the module, or is its root.
	if len(c.parts) == 1 {
		return c.text == module || strings.HasPrefix(c.text, module+"/")
	}
	// With dots, what stands in front of the first must not contradict the module.
	begin := c.parts[0]
	return c.self == module || strings.HasPrefix(begin, module+"/") || strings.HasPrefix(module+"/", begin)
}

func (c *Caller) String() string { return c.text }

// standard has the first elements of the import paths of the standard library.
const standard = " archive bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar flag " +
	"fmt go hash html http image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort " +
	"strconv strings structs sync syscall testing text time unicode unique unsafe weak "

// meantCaller returns the import path that was meant by a text which no package has; why is "" for
// any other text.
func meantCaller(text string) (meant, why string) {
	// Forms that look like an import path, but are not as go list prints it.
	elements := strings.Split(text, "/")
	host, last := elements[0], elements[len(elements)-1]
	switch {
	case host == "vendor":
		return strings.TrimPrefix(text, "vendor/"), "vendored packages keep their import path"
	case strings.Contains(host, ".") && host != strings.ToLower(host):
		return strings.ToLower(host) + strings.TrimPrefix(text, host), "import paths are compared exactly, and begin with small letters"
	case last == "..":
		return text + ".", "only ... is a wildcard"
	// github.com/OWNER holds repositories, and a package is at least one level below.
	case (host == "github.com" || host == "gitlab.com" || host == "bitbucket.org") && len(elements) == 2 && !strings.Contains(last, "..."):
		return text + "/...", "it is an owner of repositories, and not a package"
	case strings.HasSuffix(last, ".go") && len(elements) > 3:
		return strings.Join(elements[:len(elements)-1], "/"), "it is a file"
	}
	// github.com/a/b.Func: a trace has the function behind the package.
	if i := strings.LastIndexByte(last, '.'); i > 0 && i+1 < len(last) && last[i+1] >= 'A' && last[i+1] <= 'Z' {
		return strings.TrimSuffix(text, last[i:]), "it is a function, and not a package"
	}
	return "", ""
}

// passed says that calls pass through the packages of a pattern, which are never their callers.
func passed(text string) string {
	for _, module := range [...]string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-sdk-go", "github.com/aws/smithy-go", "github.com/aws/aws-lambda-go"} {
		if text == module || strings.HasPrefix(text, module+"/") {
			return "packages of AWS's SDK are not callers"
		}
	}
	// The command and examples of Outguard are callers, its guards are not.
	if rest, ok := strings.CutPrefix(text, "github.com/outguard/outguard/"); ok {
		switch first, _, _ := strings.Cut(rest, "/"); first {
		case "policy", "guard", "httpguard", "netguard", "awsmiddleware", "notify":
			return "packages of Outguard are not callers"
		}
	}
	return ""
}
