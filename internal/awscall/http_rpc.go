package awscall

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// operation finds the operation in the protocols that name it: JSON in a header, query in a parameter, RPC in the path. "" if there is none, or
// more than one. What a request says in a way that another protocol would not look at proves nothing: services that go by method and path
// have their operations below paths, JSON and query at the root. calls: it is a call of some operation's, whether that is told or not.
func operation(r *http.Request, h *header, service string, by *signer) (op string, calls bool) {
	path := r.URL.EscapedPath()
	if service == "lambda" && r.URL.Opaque == "" {
		op = lambdaCall(r.Method, path)
		return op, op != ""
	}
	root := path == "" || path == "/"
	form, body := isForm(h.contentType), r.Body != nil && r.Body != http.NoBody // what does not say what it is may be read as a form
	n := name{torn: h.torn || r.URL.Opaque != ""}                               // in Opaque, the path is another
	calls = root && body
	if h.target != "" {
		n.say(h.target[strings.LastIndexByte(h.target, '.')+1:], root && (form || isJSON(h.contentType) || !body))
	}
	if op, ok := queryValue(r.URL.RawQuery, "Action"); ok {
		n.say(op, root || service == "sqs") // to a queue's URL
	}
	switch rest, rpc := strings.CutPrefix(path, "/service/"); {
	case form && body:
		text, ok := peek(r)
		if !ok || h.encoded {
			n.torn, calls = true, true
		}
		if by.by == nobody {
			by.inQuery(text)
		}
		if op, ok := queryValue(text, "Action"); ok {
			n.say(op, root || service == "sqs")
		}
	case rpc:
		_, op, ok := strings.Cut(rest, "/operation/")
		n.say(op, ok && r.Method == http.MethodPost)
	case body && h.target == "":
		n.torn = true
	}
	calls = calls || n.text != ""
	if n.torn {
		return "", calls
	}
	return n.text, calls
}

// lambdaCall returns the operation of the calls by path that matter most: POST /2015-03-31/functions/NAME/invocations.
func lambdaCall(method, path string) string {
	version, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/functions/")
	name, call, _ := strings.Cut(rest, "/")
	if method != http.MethodPost || name == "" {
		return ""
	}
	switch version + " " + call {
	case "2015-03-31 invocations":
		return "Invoke"
	case "2014-11-13 invoke-async", "2014-11-13 invoke-async/":
		return "InvokeAsync"
	case "2021-11-15 response-streaming-invocations":
		return "InvokeWithResponseStream"
	}
	return ""
}

// A name is an operation's, as the places in a request say that can.
type name struct {
	text string
	torn bool // they do not agree, or say it where it may not count
}

func (n *name) say(text string, counts bool) {
	if !counts || !isOperation(text) || (n.text != "" && n.text != text) {
		n.torn = true
	}
	n.text = text
}

func isOperation(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

func isForm(contentType string) bool {
	return contentType == "" || hasPrefixFold(contentType, "application/x-www-form-urlencoded")
}

func isJSON(contentType string) bool {
	return hasPrefixFold(contentType, "application/x-amz-json") || hasPrefixFold(contentType, "application/json")
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// MostForm is how much of a form is read to find out what it asks for: the size of a message of SNS or SQS.
const MostForm = 256 << 10

// peek reads the beginning of a form without taking it from the request; ok: there is a way to, and it is the whole that is sent.
func peek(r *http.Request) (form string, ok bool) {
	if r.GetBody == nil {
		return "", false
	}
	body, err := r.GetBody()
	if err != nil {
		return "", false
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, MostForm+1))
	return string(b), err == nil && len(b) <= MostForm && (r.ContentLength <= 0 || r.ContentLength == int64(len(b)))
}

// queryValue returns the value of a parameter of a query. A parameter given twice, with two values, has none that is known.
func queryValue(query, name string) (value string, ok bool) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, v, _ := strings.Cut(pair, "=")
		if key != name && !strings.EqualFold(unescape(key), name) {
			continue
		}
		if v = unescape(v); ok && v != value {
			return "", true
		}
		value, ok = v, true
	}
	return value, ok
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}
