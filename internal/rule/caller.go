package rule

import (
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// A Caller finds out who makes a call, once a rule asks for it: a walk over the stack costs more
// than the rest of the judgment. The zero Caller is not known, and neither is a nil one. A Caller
// serves one call and one goroutine.
type Caller struct {
	Find func() (path string, main bool) // nil, or a path of "": not known
	path string
	main bool
	done bool
}

// Reset makes c the caller that find finds.
func (c *Caller) Reset(find func() (path string, main bool)) {
	if c.done { // as few are
		*c = Caller{}
	}
	c.Find = find
}

// Path returns the import path of the package that makes the call, "" if it is not known.
func (c *Caller) Path() string {
	if c == nil {
		return ""
	}
	// Found once, though many rules may ask.
	if !c.done {
		c.done = true
		if c.Find != nil {
			c.path, c.main = c.Find()
		}
	}
	return c.path
}

// Is reports whether the caller meets the callers: of a rule; nil stands for any. A caller that is
// not known meets those of a blacklist, and not those of a whitelist.
func (c *Caller) Is(callers []pattern.Caller, m pattern.Mode) bool {
	// nil is any, an empty list nobody.
	if callers == nil {
		return true
	}
	path := c.Path()
	// Unknown is read the safe way for each list.
	if path == "" {
		return m != pattern.Narrow
	}
	for i := range callers {
		if callers[i].Match(path, c.main) {
			return true
		}
	}
	return false
}

// Miss says that the caller is not one of a rule's callers:, after "policy.yaml:7 matches ".
func (c *Caller) Miss(callers []pattern.Caller) string {
	var b strings.Builder
	b.WriteString("all but the caller, ")
	if path := c.Path(); path != "" {
		b.WriteString(path)
	} else {
		b.WriteString("which cannot be known")
	}
	b.WriteString(": the rule is for callers ")
	for i := range callers {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(callers[i].String())
	}
	return b.String()
}

// Line is the line of an entry that is for this caller alone. ok is false if it is not known.
func (c *Caller) Line() (line string, ok bool) {
	path := c.Path()
	return "\n  callers: " + report.YAML(path), path != ""
}
