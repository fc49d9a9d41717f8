package policy

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/pattern"
)

// The rules that are built in hold in every policy. Their Line is 0. Decisions point at them, so
// that they are compared by address.
var (
	malformedRule = RuleRef{ID: "malformed"}
	runtimeRule   = RuleRef{ID: "lambda-runtime"}
	localRule     = RuleRef{ID: "local-address"}
	proxyRule     = RuleRef{ID: "proxy"} // of what may go through a proxy unseen

	foreignCredentials = RuleRef{ID: "foreign-credentials", Reason: "what is signed with another account's key can leave this one unseen"}
)

// Reasons for people, and the entry that opens the runtime API.
const (
	runtimeReason    = "the Lambda runtime and extensions API answers only to the runtime"
	credentialReason = "the credentials endpoint answers only to the SDK"
	// runtimeEntry admits another runtime client than aws-lambda-go.
	runtimeEntry = "- http: http://${AWS_LAMBDA_RUNTIME_API}/**"
)

// builtin is where the services of the Lambda environment listen, and the proxies, as the
// environment says that the process was started with.
type builtin struct {
	runtime     []hostPort
	credentials []hostPort // on loopback, or an address of the container credentials endpoint
	xray        []hostPort // on loopback or link-local
	proxies     []hostPort
}

// A hostPort is one endpoint. addr is valid for an address, and host is set for a name.
type hostPort struct {
	host string
	addr netip.Addr
	port int
}

// endpoint is one of Lambda's own endpoints, or none.
type endpoint uint8

const (
	noEndpoint endpoint = iota
	runtimeEndpoint
	credentialEndpoint
	xrayEndpoint
)

// containerCredentials is where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI leads to.
const containerCredentials = "169.254.170.2:80"

// newBuiltin reads the environment. What is exempt must be on this machine or link: the environment
// alone proves nothing.
func newBuiltin(getenv func(string) string) (b builtin) {
	if getenv == nil {
		return b
	}
	// Each of these variables is one service. Outside of Lambda none is set.
	b.runtime = addHostPort(nil, getenv("AWS_LAMBDA_RUNTIME_API"))
	b.credentials = addURL(b.credentials, getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
	if getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" {
		// ECS gives a path alone, at a fixed address.
		b.credentials = addHostPort(b.credentials, containerCredentials)
	}
	// An address elsewhere would let code of the function exempt any host.
	b.credentials = slices.DeleteFunc(b.credentials, func(h hostPort) bool { return !h.servesCredentials() })
	for _, a := range strings.Fields(getenv("AWS_XRAY_DAEMON_ADDRESS")) { // "host:port", or "tcp:host:port udp:host:port"
		b.xray = addHostPort(b.xray, strings.TrimPrefix(strings.TrimPrefix(a, "tcp:"), "udp:"))
	}
	b.xray = slices.DeleteFunc(b.xray, func(h hostPort) bool { return !isLocal(h.host, h.addr) && !h.addr.IsLinkLocalUnicast() })
	// Both spellings: net/http reads either.
	for _, name := range [...]string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		proxy := getenv(name)
		// net/http takes a proxy without scheme for http.
		if proxy != "" && !strings.Contains(proxy, "://") {
			proxy = "http://" + proxy
		}
		b.proxies = addURL(b.proxies, proxy)
	}
	return b
}

// servesCredentials reports whether the SDK asks this host for container credentials without TLS:
// loopback, and the two link-local addresses of ECS and EKS.
func (h *hostPort) servesCredentials() bool {
	switch h.addr.String() {
	case "169.254.170.2", "169.254.170.23", "fd00:ec2::23":
		return true
	}
	return isLocal(h.host, h.addr)
}

// isXRay reports whether a request is one that the X-Ray daemon answers: its sampling API, by plain
// HTTP.
func isXRay(req *canon.Request, d *canon.Dest) bool {
	if d.Scheme != "http" || !req.Path.Plain() {
		return false
	}
	path := req.Path.String()
	return path == "/GetSamplingRules" || path == "/SamplingTargets"
}

// proxyPort is the port of a proxy's URL that has none.
func proxyPort(scheme string) int {
	switch scheme {
	case "socks5", "socks5h":
		return 1080
	}
	return pattern.SchemePort(scheme)
}

// addURL adds the host of a URL, if it has one.
func addURL(list []hostPort, text string) []hostPort {
	if text == "" {
		return list // the most usual: parsing it takes room
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return list
	}
	port := u.Port()
	if port == "" {
		port = strconv.Itoa(proxyPort(u.Scheme))
	}
	return addHostPort(list, net.JoinHostPort(u.Hostname(), port))
}

// addHostPort adds "host:port" to list. What does not parse names nothing that could be called.
func addHostPort(list []hostPort, text string) []hostPort {
	host, addr, port, err := canon.HostPort(text)
	if text == "" || err != nil {
		return list
	}
	// A URL without a port is one of http, except for those of addURL.
	if port < 0 {
		port = 80
	}
	return append(list, hostPort{host, addr, port})
}

// endpoint says which of them d is.
func (b *builtin) endpoint(d *canon.Dest) endpoint {
	switch {
	case reaches(b.runtime, d):
		return runtimeEndpoint
	case reaches(b.credentials, d):
		return credentialEndpoint
	case isOne(b.xray, d):
		return xrayEndpoint
	}
	return noEndpoint
}

// answersCredentials reports whether every destination of a request is the credentials endpoint
// that the environment names.
func (b *builtin) answersCredentials(req *canon.Request) bool {
	for i := range req.N {
		// Every one: the SDK does not spread a request over two hosts, an attacker may.
		if !isOne(b.credentials, &req.Dests[i]) {
			return false
		}
	}
	return req.N > 0
}

// isProxy reports whether the call goes to a proxy that the environment names. A name that is
// looked up has no port.
func (b *builtin) isProxy(n *httprules.NetCall) bool {
	for i := range n.N {
		to := &n.Names[i]
		// Name and address of one proxy are different texts, so that each must be one of them.
		if !slices.ContainsFunc(b.proxies, func(p hostPort) bool { return p.is(to) && (p.port == n.Port || n.Port == pattern.AnyPort) }) {
			return false
		}
	}
	return n.N > 0
}

// exempt lists what passes unjudged, as "X-Ray 127.0.0.1:2000".
func (b *builtin) exempt() (list []string) {
	for _, group := range []struct {
		what  string
		hosts []hostPort
	}{{"X-Ray daemon", b.xray}, {"credentials of the SDK", b.credentials}, {"proxy", b.proxies}} {
		for _, h := range group.hosts {
			host := h.host
			if h.addr.IsValid() {
				host = h.addr.String()
			}
			list = append(list, group.what+" "+net.JoinHostPort(host, strconv.Itoa(h.port)))
		}
	}
	return list
}

// reaches reports whether d may lead to one of the hosts. It serves what is forbidden, so that
// every address that d stands for counts.
func reaches(list []hostPort, d *canon.Dest) bool {
	for i := range list {
		if list[i].port != int(d.Port) {
			continue
		}
		if list[i].is(d) {
			return true
		}
		others := d.Others()
		for _, a := range others.All() {
			if list[i].is(&canon.Dest{Addr: a}) {
				return true
			}
		}
	}
	return false
}

// isOne reports whether d is one of the hosts. It serves what is exempt, so that d must be that
// very host.
func isOne(list []hostPort, d *canon.Dest) bool {
	return slices.ContainsFunc(list, func(h hostPort) bool { return h.port == int(d.Port) && h.is(d) })
}

// is reports whether d is the host: every name and address of this machine is one host.
func (h *hostPort) is(d *canon.Dest) bool {
	if d.Addr.IsValid() && d.Addr == h.addr || !h.addr.IsValid() && d.Host == h.host {
		return true
	}
	return isLocal(h.host, h.addr) && isLocal(d.Host, d.Addr)
}

// isLocal reports whether a host is this machine.
func isLocal(host string, addr netip.Addr) bool {
	if addr.IsValid() {
		return canon.IsThisMachine(addr)
	}
	return host == "localhost"
}
