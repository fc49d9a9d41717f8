package judged

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/procenv"
	"github.com/outguard/outguard/internal/proxies"
)

// Reaches reports whether a connection to hostPort, in net/http's form, is one that the judged
// request makes: to its own host, or to a proxy that is judged or exempt. It ends with [Mark.Void].
func (m *Mark) Reaches(hostPort string) bool { return m != nil && !m.void.Load() && m.dials(hostPort) }

// JudgedDial reports whether guard has judged a request that a dial of hostPort is made for, or the
// proxy that the request goes through. It holds longer than what the mark says about the request: a
// dial may go on when its request has been served by another connection.
func (m *Mark) JudgedDial(guard any, hostPort string) bool {
	for ; m != nil; m = m.above {
		if m.isBy(guard) && m.dials(hostPort) {
			return true
		}
	}
	return false
}

// dials reports whether a dial of hostPort leads to the request's host or to its proxy.
func (m *Mark) dials(hostPort string) bool {
	if hostPort == m.host || hostPort == m.proxy && m.proxy != "" {
		return true
	}
	port := schemePort(m.scheme)
	if port == "" {
		return false
	}
	if rest, ok := strings.CutSuffix(hostPort, port); ok && rest == m.host || sameHostPort(hostPort, m.host, port) {
		return true
	}
	if m.proxy != "" {
		return sameHostPort(hostPort, m.proxy, "")
	}
	proxy := m.exemptProxy()
	return proxy != nil && sameHostPort(hostPort, proxy.Host, schemePort(proxy.Scheme))
}

// Through notes the proxy that has been judged for the request, and its "host:port".
func (m *Mark) Through(proxy *url.URL, hostPort string) { m.via, m.proxy = proxy, hostPort }

// Proxy returns the proxy that has been judged for the request; nil: none.
func (m *Mark) Proxy() *url.URL { return m.via }

// environment knows the proxies that the process was started with. They are exempt.
var environment struct {
	sync.Once
	proxies *proxies.Proxies
}

// exemptProxy returns the proxy that the environment of the process's start has for the request, or
// nil.
func (m *Mark) exemptProxy() *url.URL {
	environment.Do(func() {
		if environment.proxies == nil {
			environment.proxies = proxies.Read(procenv.Read().Getenv)
		}
	})
	if environment.proxies == nil {
		return nil
	}
	return environment.proxies.For(&url.URL{Scheme: m.scheme, Host: m.host})
}

// schemePort returns ":443" for "https"; "" for a scheme that net/http does not dial.
func schemePort(scheme string) string {
	switch scheme {
	case "http":
		return ":80"
	case "https":
		return ":443"
	case "socks5", "socks5h":
		return ":1080"
	}
	return ""
}

// ProxyAddr returns the "host:port" that net/http dials for a proxy. For a scheme that it does not
// know, and without a port, the port is empty.
func ProxyAddr(proxy *url.URL) string {
	port := proxy.Port()
	if port == "" {
		port = strings.TrimPrefix(schemePort(proxy.Scheme), ":")
	}
	return net.JoinHostPort(proxy.Hostname(), port)
}

// sameHostPort reports whether hostPort is the canonical form of host, which may have a port, or
// else port (":443").
func sameHostPort(hostPort, host, port string) bool {
	name, addr, n, err := canon.HostPort(host)
	if err != nil {
		return false
	}
	if n >= 0 {
		port = ":" + strconv.Itoa(n)
	}
	if addr.IsValid() {
		name = addr.String()
	}
	asked, askedAddr, askedPort, err := canon.HostPort(hostPort)
	if askedAddr.IsValid() {
		asked = askedAddr.String()
	}
	return err == nil && asked == name && ":"+strconv.Itoa(askedPort) == port
}

// Names reports whether host, which is in canonical form, is the host of a request that guard has
// judged, or of its proxy. Like JudgedDial, it holds longer than the mark.
func (m *Mark) Names(guard any, host string) bool {
	for ; m != nil; m = m.above {
		if m.isBy(guard) && m.names(host) {
			return true
		}
	}
	return false
}

// names reports whether host is the host of the request or of its proxy.
func (m *Mark) names(host string) bool {
	if m.host == host {
		return true
	}
	if h, _, err := net.SplitHostPort(m.host); err == nil && h == host || isHost(m.host, host) {
		return true
	}
	if m.proxy != "" {
		return isHost(m.proxy, host)
	}
	proxy := m.exemptProxy()
	return proxy != nil && isHost(proxy.Host, host)
}

// isHost reports whether the canonical form of hostPort's host is host.
func isHost(hostPort, host string) bool {
	name, _, _, err := canon.HostPort(hostPort)
	return err == nil && name == host
}
