package judged

import (
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/outguard/outguard/internal/canon"
)

// Reaches reports whether a connection to hostPort, in net/http's form, is one that the judged request makes: to its own host, or to the
// environment's proxy for it.
func (m *Mark) Reaches(hostPort string) bool {
	if m == nil || m.void.Load() {
		return false
	}
	if hostPort == m.host {
		return true
	}
	port, ok := schemePorts[m.scheme]
	if ok && len(hostPort) == len(m.host)+len(port) && hostPort[:len(m.host)] == m.host && hostPort[len(m.host):] == port {
		return true
	}
	if ok && sameHostPort(hostPort, m.host, port) {
		return true
	}
	proxy := m.proxy()
	return proxy != nil && sameHostPort(hostPort, proxy.Host, schemePorts[proxy.Scheme])
}

// proxy returns the environment's proxy for the request, or nil.
func (m *Mark) proxy() *url.URL {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: m.scheme, Host: m.host}})
	if err != nil {
		return nil
	}
	return proxy
}

var schemePorts = map[string]string{"http": ":80", "https": ":443", "socks5": ":1080", "socks5h": ":1080"}

// sameHostPort reports whether hostPort is the canonical form of host, which may have a port, or else port.
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

// Names reports whether host, which is in canonical form, is the host of a request that guard has judged, or of the environment's proxy for it. It
// holds longer than the mark: a dial may go on when its request has been served by another connection.
func (m *Mark) Names(guard any, host string) bool {
	if m == nil || !Same(m.guard, guard) {
		return false
	}
	if m.host == host {
		return true
	}
	if h, _, err := net.SplitHostPort(m.host); err == nil && h == host {
		return true
	}
	if name, _, _, err := canon.HostPort(m.host); err == nil && name == host {
		return true
	}
	if proxy := m.proxy(); proxy != nil {
		name, _, _, err := canon.HostPort(proxy.Host)
		return err == nil && name == host
	}
	return false
}
