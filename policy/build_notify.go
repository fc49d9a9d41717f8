package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file expands and checks the notify: entries.

// targets makes the notify: entries of this function. Trouble with one is a warning and never an
// error, because it must not take a function down. An entry without a destination is left out.
func (c *compiler) targets() (out []Target) {
	for _, t := range c.file.tree.Targets {
		made := Target{Line: t.Line, Entry: entryName(t.Kind, t.Dest.Value), Channel: c.optional(t.Channel), Secret: c.optional(t.Secret)}
		// functions: limits an entry. Elsewhere the entry is not there.
		for _, f := range t.Functions {
			made.Functions = append(made.Functions, c.optional(f))
		}
		c.checkFunctions(t.Functions)
		mine := func(glob string) bool { return syntax.MatchesName(glob, c.env.Function) }
		if made.Functions != nil && !slices.ContainsFunc(made.Functions, mine) && !c.checking {
			continue
		}
		// verdicts: of log alone, or of nothing valid: nothing would ever be sent.
		made.Verdicts = c.verdicts(t.Verdicts)
		if t.Verdicts != nil && !slices.ContainsFunc(made.Verdicts, func(v Verdict) bool { return v != Log }) {
			if len(made.Verdicts) > 0 {
				c.Warn(t.Verdicts[0].Place, "verdicts: names log alone, which is never sent, so nothing is sent there", "write verdicts: [alert, block], or delete the key")
			}
			continue
		}
		c.targetSlips(t)
		dest, ok := c.destination(t.Dest, t.Kind)
		if !ok {
			continue
		}
		// What is wrong with the text as such, by its kind.
		if p := made.set(t.Kind, dest); p != nil {
			c.Warn(t.Dest.Place, p.What+", so nothing is sent there", p.Fix)
			continue
		}
		// A webhook's URL belongs to one channel.
		if made.Slack != "" && made.Channel != "" && isURL(made.Slack) {
			c.Warn(t.Channel.Place, "channel: stands beside the URL of an incoming webhook, which has its own channel", "delete channel:")
			made.Channel = ""
		}
		// Its variable is not set. Without the key, none was meant.
		if t.Secret.Value != "" && made.Secret == "" && !c.checking {
			c.Warn(t.Secret.Place, "secret: is empty, so alerts go there without a signature", "set its variable, or delete the key")
		}
		out = append(out, made)
	}
	return out
}

// entryName returns a destination as written, for people: with its variables or the ARN of a
// topic, and without a URL or a token, which can be secrets.
func entryName(kind, written string) string {
	// ARNs and names of secrets may be shown, since nobody can post with them.
	if kind == "sns" || kind == "eventbridge" || strings.HasPrefix(written, "secretsmanager:") || strings.HasPrefix(written, "ssm:") {
		return kind + ": " + report.Short(written)
	}
	// Otherwise only the variables are shown.
	var names []string
	for rest := written; ; {
		_, after, ok := strings.Cut(rest, "${")
		if !ok {
			break
		}
		name, next, _ := strings.Cut(after, "}")
		// The default could be the secret itself.
		name, _, _ = strings.Cut(name, ":-")
		names, rest = append(names, "${"+name+"}"), next
	}
	if names == nil {
		return kind
	}
	return kind + ": " + strings.Join(names, " ")
}

// destination expands the destination of an entry. ok is false if it is empty: a variable is not
// set, which is reported, or not known yet.
func (c *compiler) destination(t syntax.Text, kind string) (dest string, ok bool) {
	// Here missing variables are warnings, unlike in text.
	e, p := expand(t.Value, c.env.lookup())
	if p != nil { // refused by ParseFile
		c.Fail(t.Place, p.What, p.Fix)
		return "", false
	}
	dest = strings.TrimSpace(e.text)
	if len(e.missing) == 0 {
		return dest, dest != ""
	}
	// Without a function, no variable has a value.
	if c.checking {
		c.nearBuiltin(t, e.missing)
		return "", false
	}
	// The first is reported. A text mostly has one.
	unset := unset(e.missing[0])
	c.Warn(t.Place, fmt.Sprintf("%s: %s, so nothing is sent there", kind, unset.What), unset.Fix)
	return "", false
}

// targetSlips warns of blanks and line feeds around what an entry has, which are not counted.
func (c *compiler) targetSlips(t syntax.Target) {
	for _, text := range [...]syntax.Text{t.Dest, t.Channel, t.Secret} {
		if strings.TrimSpace(text.Value) != text.Value {
			c.Warn(text.Place, "the text begins or ends with blanks or line feeds, which do not count", "delete them")
		}
	}
}

// verdicts expands verdicts:, and reports words that are not verdicts.
func (c *compiler) verdicts(words []syntax.Text) (verdicts []Verdict) {
	for _, w := range words {
		word := c.optional(w)
		v, ok := verdictOf(word)
		switch {
		case ok:
			verdicts = append(verdicts, v)
		// A variable may stand for one that is sent.
		case word == "" && c.checking: // a variable
			verdicts = append(verdicts, Alert)
		default:
			c.Warn(w.Place, fmt.Sprintf("verdicts: %q is unknown", report.Short(word)), report.DidYouMean(word, syntax.ActionWords()))
		}
	}
	return verdicts
}

// checkFunctions warns of functions of an entry that no section of the file is about.
func (c *compiler) checkFunctions(list []syntax.Text) {
	// Without sections, any name is possible.
	sections := c.file.tree.Functions
	if len(sections) == 0 {
		return
	}
	var names []string
	for i := range sections {
		names = append(names, sections[i].Name.Value)
	}
	for _, t := range list {
		alike := func(name string) bool { return pattern.GlobsOverlap(name, t.Value) }
		if strings.Contains(t.Value, "${") || slices.ContainsFunc(names, alike) {
			continue
		}
		fix := "name a function of this file"
		if near := report.Nearest(t.Value, names); near != "" {
			fix = fmt.Sprintf("did you mean %q?", near)
		}
		c.Warn(t.Place, fmt.Sprintf("functions: no section of this file is about %q, so nothing is sent there for it", report.Short(t.Value)), fix)
	}
}

// optional expands a text of notify:, where a variable without a value counts as empty and * is
// not a wildcard.
func (c *compiler) optional(t syntax.Text) string {
	e, p := expand(t.Value, c.env.lookup())
	if p != nil { // refused by ParseFile
		c.Fail(t.Place, p.What, p.Fix)
	}
	return strings.TrimSpace(e.text)
}
