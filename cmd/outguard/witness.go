package main

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"

	"github.com/outguard/outguard/policy"
)

// This file writes calls that diff finds as JSON for check, and judges calls by an address too.

// witnessOf is the call of a change, with all that its verdicts depend on.
func witnessOf(c *policy.Change) *callLine {
	line := &callLine{Net: c.Call.Net}
	if a := &c.Call.AWS; a.Service != "" {
		line.AWS = &awsCall{Service: a.Service, Operation: a.Operation, Region: a.Region, Account: a.Account, Resources: a.Resources}
	}
	if r := cmp.Or(c.Call.HTTP, c.Sent); r != nil {
		line.HTTP = &httpCall{Method: r.Method, URL: r.URL.String(), Header: r.Header}
		if r.Host != r.URL.Host {
			line.HTTP.Host = r.Host
		}
	}
	if c.Call.Caller != nil {
		path, main := c.Call.Caller()
		line.Caller = &callerLine{path, main}
	}
	if c.Addr.IsValid() {
		line.Addr = c.Addr.String()
	}
	return line
}

// dialOf is the connection to the address that a call's name resolves to.
func dialOf(c policy.Call) (dial policy.Call, ok bool) {
	addr, err := netip.ParseAddr(c.Addr)
	if err != nil {
		return dial, false
	}
	name := c.Net
	if c.HTTP != nil {
		name = hostPort(c.HTTP)
	}
	host, port, err := net.SplitHostPort(name)
	if err != nil { // an SDK call whose request is not given
		host, port = "endpoint.amazonaws.com", "443"
	}
	return policy.Call{Net: net.JoinHostPort(host, port), Addr: net.JoinHostPort(addr.String(), port), Via: policy.ViaAddr, Caller: c.Caller}, true
}

func hostPort(r *http.Request) string {
	port := map[string]string{"http": "80", "https": "443"}[r.URL.Scheme]
	return net.JoinHostPort(r.URL.Hostname(), cmp.Or(r.URL.Port(), port))
}
