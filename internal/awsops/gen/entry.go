package main

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// An entry is one entry of resources.txt, cut into its parts:
// path[+path…][=type][~parser][!action[&member]][@operation|operation…].
type entry struct {
	paths      []string // none for a resource that the operation always touches
	typed      bool
	typ        string
	parser     string // "" for the usual one
	action     string // "" for what the operation's name says
	when       string // the member that adds the action; "" for none
	operations []string
	dangling   bool // a ~, !, & or @ has nothing behind it

	blacklistOnly bool
}

// cutEntry cuts an entry at its marks. It does not check the parts: see check.
func cutEntry(text string) (e entry) {
	// Marks are cut from the end, so that a type may hold none of the later ones.
	text, operations, limited := strings.Cut(text, "@")
	if limited {
		e.operations = strings.Split(operations, "|")
	}
	text, action, acts := strings.Cut(text, "!")
	action, when, adds := strings.Cut(action, "&")
	e.when = when
	e.action, e.blacklistOnly = strings.CutPrefix(action, "-")
	text, parser, parsed := strings.Cut(text, "~")
	e.parser = parser
	// "path~" would otherwise be read like "path".
	e.dangling = limited && operations == "" || acts && action == "" || adds && when == "" || parsed && parser == ""
	text, e.typ, e.typed = strings.Cut(text, "=")
	if text != "" {
		e.paths = strings.Split(text, "+")
	}
	return e
}

// A parserRow is a line of parsers.txt.
type parserRow struct {
	min, max int // of paths
	typed    bool
}

// parserLine reads "name paths [type] description".
func (in *inputs) parserLine(line string) error {
	words := strings.Fields(line)
	if len(words) < 3 {
		return fmt.Errorf("want \"name paths [type] description\"")
	}
	// "2" or "1-3".
	low, high, several := strings.Cut(words[1], "-")
	if !several {
		high = low
	}
	// The description is for people, and is not read.
	row := parserRow{typed: words[2] == "type"}
	var errs [2]error
	row.min, errs[0] = strconv.Atoi(low)
	row.max, errs[1] = strconv.Atoi(high)
	if errs[0] != nil || errs[1] != nil || row.min < 1 || row.max < row.min || row.max > maxPaths {
		return fmt.Errorf("%q is not a number of paths", words[1])
	}
	if _, twice := in.parsers[words[0]]; twice {
		return fmt.Errorf("%s is there twice", words[0])
	}
	in.parsers[words[0]] = row
	return nil
}

// maxPaths is how many paths an entry may have: awscall keeps that many values.
const maxPaths = 4

var (
	// onePath is a path as awscall reads it; oneMember is one without lists and maps.
	onePath   = regexp.MustCompile(`^[A-Za-z]\w*(\[\]|\{\})*(\.[A-Za-z]\w*(\[\]|\{\})*)*(\?[^?]+)?$`)
	oneMember = regexp.MustCompile(`^[A-Za-z]\w*(\.[A-Za-z]\w*)*$`)
	oneAction = regexp.MustCompile(`^([a-z0-9-]+:)?[A-Z]\w+$`)
)

// check reports what awscall could not read of an entry. It would take the resource for unknown, so
// that a rule about it never matches.
func (in *inputs) check(prefix string, e entry) error {
	// Paths are those of package awscall: Name, List[].Member, Map{}, with a default behind ?.
	for _, p := range e.paths {
		if !onePath.MatchString(p) {
			return fmt.Errorf("%q is not a path", p)
		}
	}
	// n is how many names the type's ARN has.
	switch n := strings.Count(e.typ, "$"); {
	case e.dangling:
		return fmt.Errorf("nothing behind a ~, !, & or @")
	case e.when != "" && !oneMember.MatchString(e.when):
		return fmt.Errorf("%q is not a member", e.when)
	case len(e.paths) > maxPaths:
		return fmt.Errorf("%d paths; at most %d", len(e.paths), maxPaths)
	case len(e.paths) == 0 && (!e.typed || e.typ == ""):
		return fmt.Errorf("neither a path nor a type")
	case len(e.paths) == 0 && e.parser != "":
		return fmt.Errorf("a parser without a path")
	case len(e.paths) == 0 && n > 0:
		return fmt.Errorf("a name in the type, and no path for it")
	case len(e.paths) > 1 && !e.typed && e.parser == "":
		return fmt.Errorf("%d paths for one ARN", len(e.paths))
	// pathed has a path in front of the name, and makes one text of both.
	case n > 0 && e.parser != "pathed" && n != len(e.paths):
		return fmt.Errorf("%d paths for %d names", len(e.paths), n)
	}
	if err := in.checkParser(e); err != nil {
		return err
	}
	if e.action != "" && !in.knowsAction(prefix, e.action) {
		return fmt.Errorf("IAM has no action %q", e.action)
	}
	// A pattern that matches nothing is a typing error, or the operation is gone.
	for _, pattern := range e.operations {
		if !in.knowsOperation(prefix, pattern) {
			return fmt.Errorf("%s has no operation %q", prefix, pattern)
		}
	}
	return nil
}

// checkParser reports a parser that does not exist, or not for the entry's number of paths.
func (in *inputs) checkParser(e entry) error {
	if e.parser == "" {
		return nil
	}
	row, ok := in.parsers[e.parser]
	switch {
	// A typing error in a parser must not become a parser that does nothing.
	case !ok:
		return fmt.Errorf("unknown parser %q; parsers.txt has them all", e.parser)
	case len(e.paths) < row.min || len(e.paths) > row.max:
		return fmt.Errorf("%d paths for parser %s", len(e.paths), e.parser)
	// What such a parser makes goes into the ARN of the type.
	case row.typed && !e.typed:
		return fmt.Errorf("parser %s needs a type", e.parser)
	}
	return nil
}

// knowsAction reports whether an action, "Name" or "service:Name", is in IAM's data or the name of
// an operation.
func (in *inputs) knowsAction(prefix, name string) bool {
	if !oneAction.MatchString(name) {
		return false
	}
	// An action without a service is one of the entry's own.
	if !strings.Contains(name, ":") {
		name = prefix + ":" + name
	}
	if _, ok := in.actions[name]; ok {
		return true
	}
	service, short, _ := strings.Cut(name, ":")
	// An action may be newer than the data, and then an operation has its name.
	return in.knowsOperation(service, short)
}

// knowsOperation reports whether a pattern matches an operation of the services with a prefix.
func (in *inputs) knowsOperation(prefix, pattern string) bool {
	for _, s := range in.services {
		if s.prefix != prefix {
			continue
		}
		for _, op := range s.operations {
			// A bad pattern matches nothing, and is reported like one without an operation.
			if ok, _ := path.Match(pattern, op.name); ok {
				return true
			}
		}
	}
	return false
}
