package policy

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/textclasses"
)

// A space is what the rules of two policies distinguish. Most fields are sets: what two rules name
// is tried once.
type space struct {
	rules   []*rule.Rule // of both
	http    []*pattern.HTTP
	net     []*pattern.Net
	own     [2]string       // the region and the account of the function
	hosts   map[string]bool // names and patterns
	addrs   map[netip.Addr]bool
	methods map[string]bool
	ports   map[int]bool
	callers []pattern.Caller
	unknown bool // some rule is of a kind that no call is tried for
}

// newSpace collects what the rules of some policies distinguish, and adds one thing of each sort
// that no rule names.
func newSpace(policies ...*Policy) *space {
	s := &space{hosts: map[string]bool{}, addrs: map[netip.Addr]bool{}, methods: map[string]bool{}, ports: map[int]bool{}}
	for _, p := range policies {
		for _, q := range p.parts() {
			// Joined policies have several files.
			// Both policies are for the same function, so that the last one counts.
			s.own = [2]string{q.set.env.Region, q.set.env.Account}
			for i := range q.rules {
				s.add(&q.rules[i])
			}
		}
	}
	// What no rule names. Addresses of documentation ranges (RFC 5737, RFC 3849).
	s.prefix(netip.MustParsePrefix("203.0.113.7/32"))
	s.prefix(netip.MustParsePrefix("2001:db8::7/128"))
	s.methods[unnamed(s.methods, "GET", "POST", "PUT", "DELETE", "PATCH", "QUERY")] = true
	s.ports[unnamedPort(s.ports)] = true
	return s
}

// unnamed returns the first of the choices that is not named, else the last.
func unnamed(named map[string]bool, choices ...string) string {
	for _, c := range choices {
		// The first choice is the most usual, so that texts of calls look familiar.
		if !named[c] {
			return c
		}
	}
	return choices[len(choices)-1]
}

// unnamedPort returns a port that is not named, 8443 or the next free one.
func unnamedPort(named map[int]bool) int {
	port := 8443
	for named[port] {
		port++
	}
	return port
}

// add adds what a rule distinguishes, by its subject and by its except:.
func (s *space) add(r *rule.Rule) {
	s.rules = append(s.rules, r)
	s.callers = append(s.callers, r.Callers...)
	switch r.Kind {
	case rule.HTTP, rule.IP, rule.Net: // below
	case rule.AWS: // see diff_aws.go
	// A new kind must not be left out in silence.
	default:
		s.unknown = true
	}
	for _, subjects := range [][]pattern.Pattern{r.Subject, r.Except} {
		for _, p := range subjects {
			switch p := p.(type) {
			case *pattern.HTTP:
				// By its kind: what it distinguishes among hosts, addresses and ports.
				s.http = append(s.http, p)
				s.destination(p.Host, p.Addr, p.Port)
			case *pattern.Net:
				s.net = append(s.net, p)
				s.destination(p.Host, netip.Addr{}, p.Port)
				if p.Prefix.IsValid() {
					s.prefix(p.Prefix)
				}
			case *pattern.IP:
				for _, prefix := range p.Ranges {
					s.prefix(prefix)
				}
			}
		}
	}
	for _, m := range r.Methods {
		s.methods[m] = true
	}
	// A feed's hosts and ranges are not in Subject.
	for _, h := range r.Hosts {
		s.hosts[h] = true
	}
	for _, prefix := range r.Addrs {
		s.prefix(prefix)
	}
}

// destination adds a host or an address, and its port.
func (s *space) destination(host string, addr netip.Addr, port int) {
	if host != "" {
		s.hosts[host] = true
	}
	if addr.IsValid() {
		s.prefix(netip.PrefixFrom(addr, addr.BitLen()))
	}
	if port != pattern.AnyPort {
		s.ports[port] = true
	}
}

// prefix adds the ends of a range and the addresses beside it. Between the ends of all ranges, the
// same ranges hold.
func (s *space) prefix(p netip.Prefix) {
	first, last := p.Masked().Addr(), lastOf(p)
	for _, a := range []netip.Addr{first, last, first.Prev(), last.Next()} {
		if a.IsValid() {
			s.addrs[a] = true
		}
	}
}

// lastOf returns the last address of a range.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// divisionLimit is how many states a division of texts may have.
const divisionLimit = 50_000

// web tries requests, and connections that are not HTTP.
func (c *comparison) web(s *space) {
	// One host of each kind of name, then the addresses.
	names := slices.Sorted(maps.Keys(s.hosts))
	// Each name is a pattern: classes are sets of names that match one host.
	patterns := make([]textclasses.Pattern, len(names))
	for i, name := range names {
		patterns[i] = textclasses.HostPattern(name)
	}
	hosts, whole := textclasses.Divide(textclasses.Hosts(), patterns, divisionLimit)
	c.exact = c.exact && whole
	for _, host := range hosts {
		// "*" is not in classes' matches, because each host has it.
		matched := map[string]bool{"*": true}
		for _, i := range host.Matches {
			matched[names[i]] = true
		}
		if !c.destination(s, host.Text, func(p *pattern.HTTP) bool { return matched[p.Host] }) {
			return
		}
	}
	// What is judged from here on is to an address, so that nothing is resolved.
	c.literal = true
	defer func() { c.literal = false }()
	for _, addr := range slices.SortedFunc(maps.Keys(s.addrs), netip.Addr.Compare) {
		host := addr.String()
		// A URL has IPv6 in brackets.
		if addr.Is6() {
			host = "[" + host + "]"
		}
		if !c.destination(s, host, func(p *pattern.HTTP) bool { return p.Addr == addr || p.Host == "*" }) {
			return
		}
	}
}

// destination tries calls to one host. at reports whether a pattern is about it.
func (c *comparison) destination(s *space, host string, at func(*pattern.HTTP) bool) bool {
	// Patterns of whitelists and blacklists read a path in different ways.
	texts := map[bool]map[string]bool{false: {}, true: {}} // by the pattern's mode
	for _, p := range s.http {
		if at(p) && p.Path != "" {
			texts[p.Wide][p.Path] = true
		}
	}
	var patterns []textclasses.Pattern
	for wide, all := range texts {
		for text := range all {
			patterns = append(patterns, textclasses.PathPattern(text, wide))
		}
	}
	// One path of each kind that the patterns at this host distinguish.
	paths, whole := textclasses.Divide(textclasses.Paths(), patterns, divisionLimit)
	c.exact = c.exact && whole
	methods := slices.Sorted(maps.Keys(s.methods))
	// Each combination counts, since a rule may ask for all of them at once.
	for _, scheme := range []string{"https", "http"} {
		for _, port := range s.portsOf(scheme) {
			for _, path := range paths {
				for _, method := range methods {
					url := scheme + "://" + host + port + path.Text
					r, err := http.NewRequest(method, url, nil)
					// A method that a rule misspells cannot be sent.
					if err != nil {
						continue
					}
					if !c.try(Call{HTTP: r}, "http", func() (string, string) { return method + " " + url, "" }) {
						return false
					}
				}
			}
		}
	}
	// And the same host by a connection that is not HTTP.
	for _, port := range slices.Sorted(maps.Keys(s.ports)) {
		text := fmt.Sprintf("%s:%d", host, port)
		if !c.try(Call{Net: text}, "net", func() (string, string) { return text, "" }) {
			return false
		}
	}
	return true
}

// portsOf returns the ports of URLs, as they are written there.
func (s *space) portsOf(scheme string) []string {
	// "" is the scheme's own port.
	ports := []string{""}
	for _, port := range slices.Sorted(maps.Keys(s.ports)) {
		if port != pattern.SchemePort(scheme) {
			ports = append(ports, ":"+strconv.Itoa(port))
		}
	}
	return ports
}
