package main

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/outguard/outguard/policy"
)

// This file writes calls that diff finds as JSON for check, and judges calls by an address too.

// witnessOf is the call of a change, with all that its verdicts depend on. at is when the change
// holds; zero: now.
func witnessOf(c *policy.Change, at time.Time) *callLine {
	line := &callLine{Net: c.Call.Net}
	if via := c.Call.Via.String(); line.Net != "" && lowerLayers[via] != policy.ViaUnknown {
		line.Via = via
	}
	// Ends of rules are days.
	if !at.IsZero() {
		line.At = at.UTC().Format(time.DateOnly)
	}
	if a := &c.Call.AWS; a.Service != "" {
		line.AWS = &awsCall{Service: a.Service, Operation: a.Operation, Region: a.Region, Account: a.Account, Resources: a.Resources}
	}
	// An HTTP call has its request in HTTP; an SDK call has the one that it is sent as in Sent.
	if r := cmp.Or(c.Call.HTTP, c.Sent); r != nil {
		line.HTTP = &httpCall{Method: r.Method, URL: r.URL.String(), Header: r.Header}
		// check takes the host of the URL unless another one is given.
		if r.Host != r.URL.Host {
			line.HTTP.Host = r.Host
		}
	}
	// Rules with callers: may decide, so that check needs to know who calls.
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
	// The port of the dial is the port of the request, or that of a call by host and port.
	name := c.Net
	if c.HTTP != nil {
		name = hostPort(c.HTTP)
	}
	host, port, err := net.SplitHostPort(name)
	// Rules with ip: judge the address alone. A name of AWS is not one of this machine.
	if err != nil { // an SDK call whose request is not given
		host, port = "endpoint.amazonaws.com", "443"
	}
	return policy.Call{Net: net.JoinHostPort(host, port), Addr: net.JoinHostPort(addr.String(), port), Via: policy.ViaAddr, Caller: c.Caller}, true
}

// hostPort returns where a request connects to: the port of its scheme if the URL has none.
func hostPort(r *http.Request) string {
	port := map[string]string{"http": "80", "https": "443"}[r.URL.Scheme]
	return net.JoinHostPort(r.URL.Hostname(), cmp.Or(r.URL.Port(), port))
}
