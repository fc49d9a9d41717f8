// Package proxies finds the proxy that an environment names for a URL, as net/http does. It reads
// the environment that the caller gives it, and reads it once.
//
// golang.org/x/net/http/httpproxy does the same, and is what the tests compare with. It would add
// 0.2 MB to a function: a second copy of the tables of IDNA and of Unicode that net/http has. See
// decision 37.
package proxies

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/outguard/outguard/internal/canon"
)

// Proxies are those of one environment. They never change. A nil Proxies has none.
type Proxies struct {
	http, https *url.URL
	direct      []exception
}

// Read reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or else in lower case. getenv
// returns "" for a variable that is not set. A proxy that cannot be parsed is left out. In a CGI
// script, HTTP_PROXY is a header of the request, so it is left out too. The result
// is nil if no URL has a proxy.
func Read(getenv func(string) string) *Proxies {
	either := func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return getenv(strings.ToLower(name))
	}
	p := &Proxies{https: parse(either("HTTPS_PROXY"))}
	// The variable marks a CGI script. A client sends "Proxy: evil.example", and the script sees it
	// as HTTP_PROXY.
	if getenv("REQUEST_METHOD") == "" {
		p.http = parse(either("HTTP_PROXY"))
	}
	for entry := range strings.SplitSeq(either("NO_PROXY"), ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		// NO_PROXY=* switches every proxy off.
		if entry == "*" {
			return nil
		}
		if x, ok := parseException(entry); ok {
			p.direct = append(p.direct, x)
		}
	}
	if p.http == nil && p.https == nil {
		return nil
	}
	return p
}

// parse reads a URL, or a host and port.
func parse(proxy string) *url.URL {
	if proxy == "" {
		return nil
	}
	// url.Parse takes "proxy.example:3128" for the scheme "proxy.example", without a host. It is
	// tried with http:// then.
	u, err := url.Parse(proxy)
	if err != nil || u.Scheme == "" || u.Host == "" {
		if u, err := url.Parse("http://" + proxy); err == nil {
			return u
		}
	}
	if err != nil {
		return nil
	}
	return u
}

// For returns the proxy for u; nil: none. This machine is reached without one.
func (p *Proxies) For(u *url.URL) *url.URL {
	if p == nil {
		return nil
	}
	var proxy *url.URL
	port := u.Port()
	switch u.Scheme {
	case "http":
		proxy = p.http
		if port == "" {
			port = "80"
		}
	case "https":
		proxy = p.https
		if port == "" {
			port = "443"
		}
	}
	if proxy == nil {
		return nil
	}
	// NO_PROXY is compared with the host in the form that net/http dials, for example Punycode.
	host := dialed(u.Hostname())
	var ip net.IP
	if addr, err := netip.ParseAddr(host); err == nil {
		ip = addr.AsSlice()
	}
	// net/http never sends a request for this machine to a proxy.
	if host == "localhost" || ip.IsLoopback() {
		return nil
	}
	host = strings.ToLower(strings.TrimSpace(host))
	for i := range p.direct {
		if p.direct[i].matches(host, ip, port) {
			return nil
		}
	}
	return proxy
}

// An exception is an entry of NO_PROXY: a network, an address or a name.
type exception struct {
	network *net.IPNet
	ip      net.IP
	domain  string // with a leading dot; what ends with it is meant
	itself  bool   // the domain without the dot is meant too
	port    string // "": any
}

// parseException reads an entry of NO_PROXY that is trimmed and in lower case. ok is false for one
// without a host.
func parseException(entry string) (x exception, ok bool) {
	if _, network, err := net.ParseCIDR(entry); err == nil {
		return exception{network: network}, true
	}
	host, port, err := net.SplitHostPort(entry)
	if err != nil {
		host, port = entry, ""
	}
	if ip := net.ParseIP(host); ip != nil {
		return exception{ip: ip, port: port}, true
	}
	// *.example.com and .example.com mean the same: names below example.com, without itself.
	if strings.HasPrefix(host, "*.") {
		host = host[1:]
	}
	name, below := strings.CutPrefix(host, ".")
	return exception{domain: "." + dialed(name), itself: !below, port: port}, host != ""
}

// matches reports whether a host and its port go without a proxy. ip is nil for a name.
func (x *exception) matches(host string, ip net.IP, port string) bool {
	switch {
	// A network has no port in NO_PROXY, so any port matches.
	case x.network != nil:
		return ip != nil && x.network.Contains(ip)
	case x.port != "" && x.port != port:
		return false
	case x.ip != nil:
		return x.ip.Equal(ip)
	}
	return ip == nil && (strings.HasSuffix(host, x.domain) || x.itself && host == x.domain[1:])
}

// dialed returns the host that net/http dials for a host, or the host itself.
func dialed(host string) string {
	if name, ok := canon.Dialed(host); ok {
		return name
	}
	return host
}
