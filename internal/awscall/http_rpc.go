package awscall

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// This file reads the operation in the JSON, CBOR and query protocols.

// operation finds the operation where the protocols name it: JSON in a header, query in a
// parameter, RPC in the path. It returns "" if there is none, or more than one. calls reports that
// the request is a call of some operation, known or not.
//
// A name counts only where its protocol looks for it. JSON and query name operations at the root;
// services that go by method and path have theirs below paths.
func operation(r *http.Request, path string, h *header, service string, by *signer) (op string, calls bool) {
	// Lambda's calls go by method and path, and Bedrock's do; only those that invoke are read here.
	if service == "lambda" && r.URL.Opaque == "" {
		op = lambdaCall(r.Method, path)
		return op, op != ""
	}
	if service == "bedrock-runtime" && r.URL.Opaque == "" && strings.HasPrefix(path, "/model/") && !h.contradictory {
		_, op = modelCall(r.Method, path)
		return op, op != ""
	}
	// JSON and query protocols post to "/".
	root := path == "" || path == "/"
	form, body := isForm(h.contentType), r.Body != nil && r.Body != http.NoBody
	n := name{contradictory: h.contradictory || r.URL.Opaque != ""} // Opaque has a path of its own
	calls = root && body
	// X-Amz-Target: DynamoDB_20120810.GetItem
	if h.target != "" {
		op, one := targetOperation(h.target)
		n.record(op, one && root && (form || isJSON(h.contentType) || !body))
	}
	// ?Action=ListQueues&Version=2012-11-05 may also be in the URL.
	if op, ok := queryValue(r.URL.RawQuery, "Action"); ok {
		n.record(op, root || service == "sqs") // SQS also takes it at a queue's URL
	}
	// The protocol decides where else the operation may be.
	switch rest, rpc := strings.CutPrefix(path, "/service/"); {
	case form && body:
		text, ok := peek(r)
		// A form that cannot be read may name another operation than the query.
		if !ok || h.encoded {
			n.contradictory, calls = true, true
		}
		// Query requests may also have their signature in the form.
		if by.kind == unsigned {
			by.inQuery(text)
		}
		if op, ok := queryValue(text, "Action"); ok {
			n.record(op, root || service == "sqs")
		}
	case rpc:
		// POST /service/SERVICE/operation/OPERATION is CBOR's form.
		_, op, ok := strings.Cut(rest, "/operation/")
		n.record(op, ok && r.Method == http.MethodPost)
	// A body of unknown form, such as JSON without a target, may name anything.
	case body && h.target == "":
		n.contradictory = true
	}
	calls = calls || n.text != ""
	if n.contradictory {
		return "", calls
	}
	return n.text, calls
}

// targetOperation returns the operation in "Service_20121212.Operation". It reports false if more
// than one name stands behind the service's. The names of some services have a package before them,
// in lower case: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents".
func targetOperation(target string) (operation string, one bool) {
	// Most names have one dot, between service and operation.
	if _, operation, ok := strings.Cut(target, "."); ok && strings.IndexByte(operation, '.') < 0 {
		return operation, true
	}
	service, operation, _ := cutLast(target)
	before, _, dotted := cutLast(service)
	return operation, !dotted || strings.HasPrefix(before, "com.amazonaws.") && strings.ToLower(before) == before
}

// lambdaCall returns the operation of the calls by path that matter most, those that invoke a
// function: POST /2015-03-31/functions/NAME/invocations.
func lambdaCall(method, path string) string {
	// "2015-03-31", the name and "invocations".
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

// A name is the operation's name as the places in a request have it.
type name struct {
	text          string
	contradictory bool // the places do not agree, or a name is where it may not count
}

// record notes a name from one place. counts is false where the protocol does not look for one.
func (n *name) record(text string, counts bool) {
	if !counts || !isOperation(text) || (n.text != "" && n.text != text) {
		n.contradictory = true
	}
	n.text = text
}

// isOperation reports whether a text may be the name of an operation: letters and digits.
func isOperation(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// isForm reports whether a body may be read as a form, as one without a type may be.
func isForm(contentType string) bool {
	return contentType == "" || hasPrefixFold(contentType, "application/x-www-form-urlencoded")
}

// isJSON reports whether a body is of one of AWS's JSON protocols.
func isJSON(contentType string) bool {
	return hasPrefixFold(contentType, "application/x-amz-json") || hasPrefixFold(contentType, "application/json")
}

// hasPrefixFold is strings.HasPrefix without regard to case.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && (s[:len(prefix)] == prefix || strings.EqualFold(s[:len(prefix)], prefix))
}

// MostForm is how many bytes of a form are read to find its operation: the largest message of SNS
// or SQS.
const MostForm = 256 << 10

// peek reads the beginning of a form without taking it from the request. It reports false if
// that cannot be done, or if more than that is sent.
// See decision 25.
func peek(r *http.Request) (form string, ok bool) {
	// Without GetBody, reading would take the body from the request.
	if r.GetBody == nil {
		return "", false
	}
	body, err := r.GetBody()
	if err != nil {
		return "", false
	}
	defer body.Close()
	room, _ := rooms.Get().(*[]byte)
	if room == nil {
		room = new([]byte)
		*room = make([]byte, 0, 4<<10)
	}
	b := slices.Grow((*room)[:0], int(min(max(r.ContentLength, 0), MostForm))+1)
	for err == nil && len(b) <= MostForm {
		if len(b) == cap(b) {
			b = slices.Grow(b, len(b))
		}
		var n int
		n, err = body.Read(b[len(b):min(cap(b), MostForm+1)]) // one byte more shows that there is more
		b = b[:len(b)+n]
	}
	form = string(b)
	if *room = b; cap(b) <= mostRoom {
		rooms.Put(room)
	}
	// The length must be the one that is sent.
	return form, err == io.EOF && len(form) <= MostForm && (r.ContentLength <= 0 || r.ContentLength == int64(len(form)))
}

// rooms has the buffers that bodies are read into. One above mostRoom is not kept.
var rooms sync.Pool

const mostRoom = 32 << 10

// queryValue returns the value of a parameter of a query, and whether there is one. The value is ""
// if the parameter is given twice with two values.
func queryValue(query, name string) (value string, ok bool) {
	// It is written out, and does not use url.ParseQuery, which allocates for each parameter.
	for begin := 0; begin < len(query); {
		end, equals := begin, -1
		for ; end < len(query) && query[end] != '&'; end++ {
			if query[end] == '=' && equals < 0 {
				equals = end
			}
		}
		key, v := query[begin:end], ""
		if equals >= 0 {
			key, v = query[begin:equals], query[equals+1:end]
		}
		begin = end + 1
		if !isParameter(key, name) {
			continue
		}
		// The same value twice does not contradict itself.
		if v = unescape(v); ok && v != value {
			return "", true
		}
		value, ok = v, true
	}
	return value, ok
}

// isParameter reports whether key is a spelling of name, which is ASCII. One of its characters has
// at most nine in key: the escapes of the three bytes of a letter that folds to it.
func isParameter(key, name string) bool {
	if len(key) < len(name) || len(key) > 9*len(name) {
		return false
	}
	return key == name || strings.EqualFold(unescape(key), name)
}

// unescape returns the text itself if it is not escaped correctly, as lenient servers read it.
func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}
