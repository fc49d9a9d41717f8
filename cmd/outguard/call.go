package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/outguard/outguard/policy"
)

// A callLine is one call as JSON. Exactly one of http, aws and net is given, or http beside aws: an
// SDK call together with the request it makes. Other keys at the top are the user's own, such as an
// id, and ignored.
type callLine struct {
	HTTP   *httpCall   `json:"http,omitempty"`
	AWS    *awsCall    `json:"aws,omitempty"`
	Net    string      `json:"net,omitempty"`
	Via    string      `json:"via,omitempty"`    // beside net: the layer that sees no more of the call
	Caller *callerLine `json:"caller,omitempty"` // for rules with callers:
	Addr   string      `json:"addr,omitempty"`   // what the name resolves to, for rules with ip:
	At     string      `json:"at,omitempty"`     // when it is made, for rules with until:
}

// lowerLayers are the layers that see only a name or a connection of a call, by their words in
// alerts.
var lowerLayers = map[string]policy.Via{
	policy.ViaName.String():    policy.ViaName,
	policy.ViaDial.String():    policy.ViaDial,
	policy.ViaContext.String(): policy.ViaContext,
	policy.ViaConnect.String(): policy.ViaConnect,
	policy.ViaProxy.String():   policy.ViaProxy,
}

// A callerLine is the package that makes a call.
type callerLine struct {
	Package string `json:"package"`
	Main    bool   `json:"main,omitempty"` // the package is main
}

// An httpCall is a request as Go code would make it. One of url, url_b64 and url_struct is given.
type httpCall struct {
	Method    string              `json:"method,omitempty"`     // "" is GET
	URL       string              `json:"url,omitempty"`        // as for http.NewRequest
	URLB64    []byte              `json:"url_b64,omitempty"`    // the same, for bytes that JSON cannot hold
	URLStruct *urlStruct          `json:"url_struct,omitempty"` // a url.URL built by hand, which no parser has seen
	Host      string              `json:"host,omitempty"`       // Request.Host
	Header    map[string][]string `json:"header,omitempty"`     // keys are taken as they are written
	Body      string              `json:"body,omitempty"`
}

// A urlStruct has the fields of url.URL. User is NAME or NAME:PASSWORD.
type urlStruct struct{ Scheme, Opaque, User, Host, Path, RawPath, RawQuery string }

// An awsCall has the fields of policy.AWSCall that a caller can know.
type awsCall struct {
	Service   string   `json:"service,omitempty"`
	Operation string   `json:"operation,omitempty"`
	Region    string   `json:"region,omitempty"`
	Account   string   `json:"account,omitempty"` // whose key signs the call
	Resources []string `json:"resources,omitempty"`
	Presigned bool     `json:"presigned,omitempty"`
}

// A rejected call is one that Go itself refuses to make, so that no policy is asked.
type rejected struct{ reason string }

func (r *rejected) Error() string { return r.reason }

// parseCall reads one JSON line. at is when the call is made; zero if the line does not say it. Its
// error is *rejected when the line describes a request that net/http refuses to build.
func parseCall(data []byte) (c policy.Call, at time.Time, err error) {
	// The top is read by hand, since other keys are ignored there.
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return c, at, fmt.Errorf("not a JSON object: %w", plain(err))
	}
	// A key may be missing here: call says which of them it needs.
	var line callLine
	for key, dst := range map[string]any{"http": &line.HTTP, "aws": &line.AWS, "net": &line.Net, "via": &line.Via, "caller": &line.Caller, "addr": &line.Addr, "at": &line.At} {
		if raw, ok := top[key]; ok {
			if err := strictJSON(raw, dst); err != nil {
				return c, at, fmt.Errorf("%q: %w", key, err)
			}
		}
	}
	if line.At != "" {
		if at, err = parseTime(line.At); err != nil {
			return c, at, fmt.Errorf(`"at" is not a date; %w`, err)
		}
	}
	if c, err = line.call(); err != nil {
		return c, at, err
	}
	if by := line.Caller; by != nil {
		if by.Package == "" {
			return c, at, errors.New(`"caller" needs "package"`)
		}
		// The guard finds the caller only when a rule asks for it, hence a function.
		c.Caller = func() (string, bool) { return by.Package, by.Main }
	}
	if line.Addr != "" {
		// A name here would never match an ip: rule.
		addr, err := netip.ParseAddr(line.Addr)
		if err != nil {
			return c, at, errors.New(`"addr" is not an IP address`)
		}
		c.Addr = addr.String()
	}
	return c, at, nil
}

// strictJSON refuses keys it does not know: a call with a part ignored would get the verdict of
// another call.
func strictJSON(data []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return plain(d.Decode(dst))
}

// plain says what encoding/json says without the names of Go types.
func plain(err error) error {
	// The user knows the keys, and not the fields and types of this command.
	if e := new(json.UnmarshalTypeError); errors.As(err, &e) {
		if e.Field == "" {
			return fmt.Errorf("cannot be %s", article(e.Value))
		}
		return fmt.Errorf("%q cannot be %s", e.Field, article(e.Value))
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// article puts a or an before the name of a JSON type.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// call returns the call that the line describes, if its keys fit together.
func (l *callLine) call() (policy.Call, error) {
	var c policy.Call
	switch {
	// Only a connection can be all that is seen of a call.
	case l.Via != "" && l.Net == "":
		return c, errors.New(`"via" stands beside "net" only`)
	case l.Via != "" && lowerLayers[l.Via] == policy.ViaUnknown:
		return c, errors.New(`"via" is not name, dial, context, connect or proxy`)
	// A connection has no request, and a request decides its own connection.
	case l.Net != "" && (l.HTTP != nil || l.AWS != nil):
		return c, errors.New(`"net" stands beside "http" or "aws"; one line is one call`)
	case l.Net != "":
		return policy.Call{Net: l.Net, Via: lowerLayers[l.Via]}, nil
	case l.HTTP == nil && l.AWS == nil:
		return c, errors.New(`no call in it: give one of "http", "aws", "net"`)
	}
	if l.AWS != nil {
		// Rules are about operations. Without one, no aws: rule could match.
		if l.AWS.Service == "" || l.AWS.Operation == "" {
			return c, errors.New(`"aws" needs "service" and "operation"`)
		}
		// Input is left out: the command has no SDK, so that resources are named instead.
		c.AWS = policy.AWSCall{
			Service:   l.AWS.Service,
			Operation: l.AWS.Operation,
			Region:    l.AWS.Region,
			Account:   l.AWS.Account,
			Resources: l.AWS.Resources,
			Presigned: l.AWS.Presigned,
		}
	}
	if l.HTTP != nil {
		r, err := l.HTTP.request()
		if err != nil {
			return c, err
		}
		c.HTTP = r
	}
	return c, nil
}

// request builds the request as Go code would, by net/http where a parser is involved.
func (h *httpCall) request() (*http.Request, error) {
	// Two of the three could mean two requests.
	given := 0
	for _, is := range []bool{h.URL != "", h.URLB64 != nil, h.URLStruct != nil} {
		if is {
			given++
		}
	}
	if given > 1 {
		return nil, errors.New(`"http" has more than one of "url", "url_b64", "url_struct"`)
	}
	// Without a body, the reader stays nil, as Go code would pass it.
	var body io.Reader
	if h.Body != "" {
		body = strings.NewReader(h.Body)
	}
	var r *http.Request
	// A URL built by hand skips the parser, which is what attacks by odd URLs do.
	if h.URLStruct != nil {
		r = &http.Request{Method: h.Method, URL: h.URLStruct.url(), Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		if body != nil {
			r.Body, r.ContentLength = io.NopCloser(body), int64(len(h.Body))
		}
	} else {
		text := h.URL
		if h.URLB64 != nil {
			text = string(h.URLB64)
		}
		var err error
		if r, err = http.NewRequest(h.Method, text, body); err != nil {
			return nil, &rejected{"net/http refuses the request: " + reasonOf(err)}
		}
	}
	// http.Header.Set would change the spelling, which net/http sends as it is.
	for k, v := range h.Header {
		r.Header[k] = v
	}
	// In Go, Request.Host wins over the host of the URL when the request is sent.
	if h.Host != "" {
		r.Host = h.Host
	}
	return r, nil
}

// url returns the URL without checking it.
func (u *urlStruct) url() *url.URL {
	out := &url.URL{Scheme: u.Scheme, Opaque: u.Opaque, Host: u.Host, Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	// A name without a colon has no password, which differs from an empty one.
	if name, password, ok := strings.Cut(u.User, ":"); ok {
		out.User = url.UserPassword(name, password)
	} else if u.User != "" {
		out.User = url.User(name)
	}
	return out
}

// reasonOf drops the URL from a url.Error: it may hold a password or a token.
func reasonOf(err error) string {
	if e := new(url.Error); errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// parseArgs reads a call from the command line: [METHOD] URL, service:Operation [ARN…], or
// host:port.
func parseArgs(args []string) (policy.Call, error) {
	if words := strings.Fields(args[0]); len(args) == 1 && len(words) > 1 && !strings.Contains(words[0], "://") {
		args = words // the call as a whole in quotes
	}
	first, rest := args[0], args[1:]
	switch {
	// GET https://… or https://… alone.
	case strings.Contains(first, "://"):
		if len(rest) > 0 {
			return policy.Call{}, fmt.Errorf("%q stands after the URL; one call at a time, or JSON lines on standard input", rest[0])
		}
		return (&callLine{HTTP: &httpCall{URL: first}}).call()
	case len(rest) == 1 && strings.Contains(rest[0], "://"):
		return (&callLine{HTTP: &httpCall{Method: first, URL: rest[0]}}).call()
	}
	// s3:PutObject and db.internal:5432 both have a colon.
	service, operation, ok := strings.Cut(first, ":")
	switch {
	case !ok || service == "" || operation == "":
		return policy.Call{}, fmt.Errorf("%q is not a call; write [METHOD] https://host/path, service:Operation [ARN…], or host:port", first)
	case isOperation(service, operation):
		return (&callLine{AWS: &awsCall{Service: service, Operation: operation, Resources: rest}}).call()
	case len(rest) > 0:
		return policy.Call{}, fmt.Errorf("%q stands after host:port; one call at a time, or JSON lines on standard input", rest[0])
	}
	return policy.Call{Net: first}, nil
}

// isOperation distinguishes s3:PutObject from db.internal:5432. An operation starts with a letter,
// and a service has no dot.
func isOperation(service, operation string) bool {
	// A port has digits only, and c|0x20 is the lower case of a letter. "[" begins an IPv6 address.
	c := operation[0] | 0x20
	return c >= 'a' && c <= 'z' && !strings.ContainsAny(service, ".[")
}
