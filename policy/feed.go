package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file makes rules of the files that feed: names.

// feed makes the rules of a feed: entry: one for the hosts in its files, one for the addresses.
func (c *compiler) feed(e *syntax.Draft, r rule.Rule, whole bool) []rule.Rule {
	// A feed may have hosts and addresses, which are of two kinds of rules.
	before := len(c.Errors)
	hosts, addresses := r, r
	hosts.Kind, addresses.Kind = rule.HTTP, rule.IP
	// An entry of except: goes to the rule of its form.
	for _, t := range e.Except {
		k, list := rule.KindOf("http"), &hosts.Except
		if _, err := pattern.ParseIP(t.Value); err == nil {
			k, list = rule.KindOf("ip"), &addresses.Except
		}
		found, known := c.pattern(k, t, e.Mode.Opposite(), leaveOut)
		whole = whole && known
		for _, f := range found {
			*list = append(*list, f.pattern)
		}
	}
	for _, t := range e.Subject {
		// While a file is checked, feeds are left to CheckFeeds.
		name, ok := c.text(t)
		if !ok || c.checking {
			whole = false
			continue
		}
		data, ok := c.readFeed(t, name)
		if ok {
			f := feedReader{compiler: c, name: name}
			f.read(data, &hosts, &addresses)
		}
	}
	// A part of a feed would forbid less than was meant.
	if !whole || len(c.Errors) > before {
		return nil
	}
	// A kind without entries makes no rule.
	var rules []rule.Rule
	if len(hosts.Hosts)+len(hosts.Subject) > 0 {
		rules = append(rules, hosts)
	}
	if len(addresses.Addrs) > 0 {
		rules = append(rules, addresses)
	}
	if rules == nil {
		c.Warn(e.Place, "the feed is empty and matches nothing", "fill it, or delete the rule")
	}
	return rules
}

// CheckFeeds reads every feed: that the file names, below the folder of the policy. It returns the
// lines that cannot be a destination and files without any line as warnings, and as an error what
// a function would refuse: a file that is missing, or one in which no line is an entry. A feed
// whose name holds a variable without a value is left for For. The error is of type [Errors].
func (f *File) CheckFeeds(files fs.FS) ([]Warning, error) {
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, env: Env{FS: files}, checking: true}
	// Two rules may name the same file. It is read once.
	read := make(map[string]bool)
	for _, s := range f.tree.Sections() {
		for e := range s.Rules {
			if e.Key != "feed" {
				continue
			}
			for _, t := range e.Subject {
				name, ok := c.text(t)
				if !ok || read[name] {
					continue
				}
				read[name] = true
				if data, ok := c.readFeed(t, name); ok {
					r := feedReader{compiler: c, name: name}
					// What the lines hold does not matter here, only what is wrong with them.
					r.read(data, new(rule.Rule), new(rule.Rule))
					if r.found == 0 && len(r.bad) == 0 {
						c.Warn(t.Place, "the feed is empty and matches nothing", "fill it, or delete the rule")
					}
				}
			}
		}
	}
	return warningsOf(c.Reporter), errorOf(c.Reporter)
}

// readFeed reads a file that feed: names. ok is false for an error, which is reported.
func (c *compiler) readFeed(t syntax.Text, name string) (string, bool) {
	return c.readBeside("feed", t, name, math.MaxInt64)
}

// readBeside reads a file beside the policy, which t names, and of it at most so many bytes. what
// says what the file is. ok is false for an error, which is reported.
func (c *compiler) readBeside(what string, t syntax.Text, name string, most int64) (string, bool) {
	file := fmt.Sprintf("%s %q", what, report.Short(name))
	if c.env.FS == nil {
		c.Fail(t.Place, file+" cannot be read: this policy came without a folder", "load the policy from a file, or set Env.FS")
		return "", false
	}
	// "./feeds/a.txt" is fine, "../a.txt" leaves the folder.
	clean := path.Clean(name)
	if !fs.ValidPath(clean) {
		c.Fail(t.Place, file+" is not a path beside the policy", "write it relative to the policy file, without ..")
		return "", false
	}
	data, err := readText(c.env.FS, clean, most)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Fail(t.Place, file+" does not exist", "put it beside the policy file, and into the deployment package")
	case err != nil:
		c.Fail(t.Place, fmt.Sprintf("%s cannot be read: %v", file, err), "make it a readable text file")
	default:
		return data, true
	}
	return "", false
}

// readText reads a file into a string, without the copy that a []byte would need: feeds have tens
// of megabytes.
func readText(files fs.FS, name string, most int64) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b strings.Builder
	// One allocation where the size is known, and never more than 1 GB for a size that is wrong.
	if info, err := f.Stat(); err == nil {
		b.Grow(int(min(info.Size(), most, 1<<30)))
	}
	if _, err := io.Copy(&b, io.LimitReader(f, most)); err != nil {
		return "", err
	}
	return b.String(), nil
}
