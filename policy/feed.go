package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// feed makes the rules of a feed: entry: one for the hosts in its files, one for the addresses.
func (c *compiler) feed(e *syntax.Draft, r rule.Rule, whole bool) []rule.Rule {
	before := len(c.Errors)
	hosts, addresses := r, r
	hosts.Kind, addresses.Kind = rule.HTTP, rule.IP
	for _, t := range e.Except {
		k, list := rule.KindOf("http"), &hosts.Except
		if _, err := pattern.ParseIP(t.Value); err == nil {
			k, list = rule.KindOf("ip"), &addresses.Except
		}
		whole = c.subject(list, k, t, e.Mode.Opposite()) && whole
	}
	for _, t := range e.Subject {
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
	if !whole || len(c.Errors) > before {
		return nil
	}
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

// CheckFeeds reads every feed: that the file names, below the folder of the policy, and reports what is wrong with it: a file
// that is missing, a line that is none of a feed's. A feed whose name holds a variable is left for For. The error is of type
// [Errors].
func (f *File) CheckFeeds(files fs.FS) error {
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, env: Env{FS: files}, checking: true}
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
					(&feedReader{compiler: c, name: name}).read(data, new(rule.Rule), new(rule.Rule))
				}
			}
		}
	}
	return errorOf(c.Reporter)
}

func (c *compiler) readFeed(t syntax.Text, name string) (string, bool) {
	if c.env.FS == nil {
		c.Fail(t.Place, fmt.Sprintf("feed %q cannot be read: this policy came without a folder", report.Short(name)),
			"load the policy from a file, or set Env.FS")
		return "", false
	}
	clean := path.Clean(name)
	if !fs.ValidPath(clean) {
		c.Fail(t.Place, fmt.Sprintf("feed %q is not a path beside the policy", report.Short(name)), "write it relative to the policy file, without ..")
		return "", false
	}
	data, err := readText(c.env.FS, clean)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Fail(t.Place, fmt.Sprintf("feed %q does not exist", report.Short(name)), "put it beside the policy file, and into the deployment package")
	case err != nil:
		c.Fail(t.Place, fmt.Sprintf("feed %q cannot be read: %v", report.Short(name), err), "make it a readable text file")
	default:
		return data, true
	}
	return "", false
}

// readText reads a file into a string, without the copy that a []byte would need: feeds have tens of megabytes.
func readText(files fs.FS, name string) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b strings.Builder
	if info, err := f.Stat(); err == nil {
		b.Grow(int(min(info.Size(), 1<<30)))
	}
	if _, err := io.Copy(&b, f); err != nil {
		return "", err
	}
	return b.String(), nil
}

// feedReader reads the lines of a feed: a host, an address or a CIDR, or a line of a hosts file; # begins a comment.
type feedReader struct {
	*compiler
	name string
	bad  int
}

// maxFeedErrors is how many bad lines of a feed are reported one by one.
const maxFeedErrors = 20

// read adds a feed's lines to hosts and addresses. The hosts point into data: there is no object for each line.
func (f *feedReader) read(data string, hosts, addresses *rule.Rule) {
	data = strings.ToLower(strings.TrimPrefix(data, "\ufeff"))
	hosts.Hosts = slices.Grow(hosts.Hosts, strings.Count(data, "\n")+1)
	for line := 1; data != ""; line++ {
		var s string
		s, data, _ = strings.Cut(data, "\n")
		if i := strings.IndexByte(s, '#'); i >= 0 {
			s = s[:i]
		}
		if s = strings.TrimSpace(s); s != "" {
			f.line(s, line, hosts, addresses)
		}
	}
	if f.bad > maxFeedErrors {
		f.Errors = append(f.Errors, report.Fault{File: f.name, Line: 0, Column: 0, Problem: fmt.Sprintf("%d more lines are wrong", f.bad-maxFeedErrors), Fix: ""})
	}
}

func (f *feedReader) line(s string, line int, hosts, addresses *rule.Rule) {
	if blank := strings.IndexAny(s, " \t"); blank > 0 { // a hosts file: an address, and the names it is given
		address, _, _ := strings.Cut(s[:blank], "%")
		if _, err := netip.ParseAddr(address); err != nil {
			f.fault(line, fmt.Sprintf("%q holds a blank", report.Short(s)), "write one host or CIDR a line, or 0.0.0.0 HOST")
			return
		}
		for name := range strings.FieldsSeq(s[blank:]) {
			if !hostsFileOwn(name) {
				f.host(name, line, hosts)
			}
		}
		return
	}
	if c := s[0]; c >= '0' && c <= '9' || c == '[' || strings.Contains(s, ":") {
		if p, err := pattern.ParseIP(s); err == nil {
			addresses.Addrs = append(addresses.Addrs, p.Ranges...)
			return
		}
	}
	f.host(s, line, hosts)
}

// hostsFileOwn reports whether a name stands in every hosts file for the machine itself.
func hostsFileOwn(name string) bool {
	switch name {
	case "localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0":
		return true
	}
	return strings.HasPrefix(name, "ip6-")
}

func (f *feedReader) host(s string, line int, hosts *rule.Rule) {
	if strings.HasPrefix(s, "*.") {
		p, err := pattern.ParseHTTP(s, pattern.Wide)
		if err != nil {
			f.fault(line, err.Error(), "")
			return
		}
		hosts.Subject = append(hosts.Subject, &p)
		return
	}
	host, bad := feedHost(s)
	if bad != nil {
		f.fault(line, bad.What, bad.Fix)
		return
	}
	hosts.Hosts = append(hosts.Hosts, host)
}

func (f *feedReader) fault(line int, problem, fix string) {
	if f.bad++; f.bad <= maxFeedErrors {
		f.Errors = append(f.Errors, report.Fault{File: f.name, Line: line, Column: 1, Problem: problem, Fix: fix})
	}
}

// feedHost brings a host in lower case to canonical form. For an ASCII one it returns a part of s.
func feedHost(s string) (string, *report.Problem) {
	h := strings.TrimSuffix(s, ".")
	label, number := 0, true // where the label begins; it has digits only
	for i := range len(h) {
		switch c := h[i]; {
		case c >= 'a' && c <= 'z' || c == '-' || c == '_':
			number = false
		case c >= '0' && c <= '9':
		case c == '.' && i > label:
			label, number = i+1, true
		case c >= utf8.RuneSelf:
			name, addr, err := canon.Host(h)
			if err != nil || addr.IsValid() {
				return "", badHost(s)
			}
			return name, nil
		default:
			return "", badHost(s)
		}
		if i-label >= 63 {
			return "", badHost(s)
		}
	}
	// The last label of a name is never empty, and never a number: that is a broken address.
	if number || len(h) > 253 || strings.HasPrefix(h[label:], "0x") || strings.Trim(h[label:], "-") == "" {
		return "", badHost(s)
	}
	return h, nil
}

func badHost(s string) *report.Problem {
	p := &report.Problem{What: fmt.Sprintf("%q is not a host", report.Short(s)), Fix: "write one host, address or CIDR a line"}
	switch {
	case strings.Contains(s, "://"):
		p.Fix = "write the host alone, without scheme and path"
	case strings.HasPrefix(s, "||"):
		p.Fix = "this is a filter list for browsers; write hosts, one a line"
	case len(s) > 253:
		p.What = fmt.Sprintf("a host of %d characters", len(s))
		p.Fix = "a host has at most 253"
	}
	return p
}
