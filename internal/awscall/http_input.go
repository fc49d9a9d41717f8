package awscall

import (
	"net/http"
	"net/url"
	"strings"
)

// This file finds the members of a request's input.

// input returns the members of the input of the operation that a request is; nil if they cannot be
// read. That is so of CBOR, of EC2's forms, whose lists have other names than the input's, and of
// most operations that go by method and path.
func (q *Request) input(r *http.Request, path string, h *header) *Body {
	switch {
	case q.Operation == "" || r.URL.Opaque != "" || q.Service == "ec2":
		return nil
	case q.Service == "lambda":
		return invoked(path, r.URL.RawQuery)
	case q.Service == "bedrock-runtime" && strings.HasPrefix(path, "/model/"):
		model, operation := modelCall(r.Method, path)
		return ofModel(r, h, model, strings.HasPrefix(operation, "Converse"))
	case strings.HasPrefix(path, "/service/"):
		return nil
	}
	text := ""
	if r.Body != nil && r.Body != http.NoBody {
		if r.ContentLength > MostForm {
			return nil // as records of a stream may have; it is not read in vain
		}
		var ok bool
		if text, ok = peek(r); !ok || h.encoded {
			return nil
		}
	}
	if h.target != "" {
		if text == "" || !isJSON(h.contentType) {
			return nil
		}
		return jsonBody(text)
	}
	// Parameters count wherever they are.
	form := r.URL.RawQuery + "&" + text
	if q.Service == "sqs" && path != "" && path != "/" {
		form += "&QueueUrl=" + url.QueryEscape(r.URL.Scheme+"://"+r.URL.Host+path)
	}
	return formBody(form)
}

// invoked returns the input of a call that invokes a function: its name is in the path, and its
// version or alias in the query.
func invoked(path, query string) *Body {
	_, rest, _ := strings.Cut(path, "/functions/")
	name, _, _ := strings.Cut(rest, "/")
	b := &Body{exact: true}
	input := labels{b.label("FunctionName", name)}
	if qualifier, ok := queryValue(query, "Qualifier"); ok {
		b.unclear = b.unclear || qualifier == ""
		input = append(input, formField{"Qualifier", qualifier})
	}
	b.root = input
	return b
}

// modelCall returns the model and the operation of a call to one: POST /model/ID/converse.
func modelCall(method, path string) (model, operation string) {
	rest, ok := strings.CutPrefix(path, "/model/")
	// An ARN may have slashes that are not escaped.
	end := strings.LastIndexByte(rest, '/')
	if !ok || method != http.MethodPost || end <= 0 {
		return "", ""
	}
	switch model = rest[:end]; rest[end+1:] {
	case "invoke":
		return model, "InvokeModel"
	case "invoke-with-response-stream":
		return model, "InvokeModelWithResponseStream"
	case "converse":
		return model, "Converse"
	case "converse-stream":
		return model, "ConverseStream"
	}
	return "", ""
}

// ofModel returns the input of a call to a model. Its guardrail is in the body or in a header.
func ofModel(r *http.Request, h *header, model string, inBody bool) *Body {
	b := &Body{exact: true}
	input := labels{b.label("ModelId", model)}
	if h.guardrail != "" {
		input = append(input, formField{"GuardrailIdentifier", h.guardrail})
	}
	b.root = input
	if !inBody || r.Body == nil || r.Body == http.NoBody {
		return b
	}
	// A body that cannot be read is usually one with images. It may name a guardrail.
	text, ok := peek(r)
	b.partial = !ok || h.encoded
	if !b.partial && (strings.Contains(text, "guardrailConfig") || strings.Contains(text, `\u`)) { // or escaped
		in := jsonBody(text)
		in.exact, in.unclear = true, in.unclear || b.unclear
		in.root = withLabels{input, in.root}
		return in
	}
	return b
}

// withLabels is a body of JSON whose members begin with small letters, and labels beside it.
type withLabels struct {
	labels
	node
}

func (w withLabels) member(name string) node {
	if n := w.labels.member(name); n != nil || w.node == nil {
		return n
	}
	if n := w.node.member(strings.ToLower(name[:1]) + name[1:]); n != nil {
		return withLabels{nil, n}
	}
	return nil
}

func (w withLabels) elements() node { return w.node.elements() }
func (w withLabels) next() node     { return w.node.next() }
func (w withLabels) keys() []string { return w.node.keys() }
func (w withLabels) text() string   { return w.node.text() }
func (w withLabels) set() bool      { return w.node.set() }

// labels are members that are in a path or in headers.
type labels []formField

// label returns a member that is in a path. Servers may read one that is not escaped correctly, or
// has "." for an element, in more than one way.
func (b *Body) label(name, text string) formField {
	value, err := url.PathUnescape(text)
	for element := range strings.SplitSeq(value, "/") {
		b.unclear = b.unclear || element == "." || element == ".."
	}
	b.unclear = b.unclear || err != nil
	return formField{name, value}
}

// member returns a label. Labels have no members of their own.
func (l labels) member(name string) node {
	for _, f := range l {
		if f.name == name {
			return labels{{"", f.value}}
		}
	}
	return nil
}

func (l labels) text() string {
	if len(l) == 1 && l[0].name == "" {
		return l[0].value
	}
	return ""
}
func (labels) elements() node { return nil }
func (labels) next() node     { return nil }
func (labels) keys() []string { return nil }
func (l labels) set() bool    { return l.text() != "" }
