// Package corpustest reads the corpus of HTTP requests whose real destination is not the one that
// they seem to name, for tests.
//
// Each case is a small policy, a request, and what a guard should say to it:
// policy/testdata/corpus/http.jsonl, one JSON object a line, recorded with go1.26 against recorders
// on loopback.
package corpustest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// The verdicts of Case.Expected and Case.Accept.
const (
	Allowed   = "allowed"
	Violation = "violation"
	Malformed = "reject-as-malformed"
)

// A Case is one line of the corpus.
type Case struct {
	ID       string
	Category string
	Why      string
	Stage    string   // where the verdict can be known: "match", "redirect", "dial", "toctou"
	Expected string   // the right verdict
	Accept   []string // all verdicts that count as right
	Advisory bool     // reasonable guards differ
	// The policy is small, so that a case shows by itself why its verdict is right.
	Policy  struct{ Whitelist, Blacklist []Rule }
	Request Request
	// Env is what the network says: a proxy, the addresses of names, and responses with redirects.
	Env struct {
		Proxy     string
		DNS       map[string][][]string // name → successive sets of answers
		Responses []struct {
			Status   int
			Location string
		}
	}
	// Go is what net/http did with the request when the corpus was recorded.
	Go struct {
		Hops []struct {
			Dial string // host:port that net/http dials
		}
		RefusedBy string `json:"refused_by"` // "http.NewRequest" or "transport": Go itself sends nothing
	}
}

// A Rule matches by what it sets; what is absent matches anything.
type Rule struct {
	Pattern, Scheme, Host, Path, CIDR string
	Port                              any // a number or "*"
	Method                            []string
}

// A Request is for http.NewRequest (URL or URLB64), or built by hand (URLStruct).
type Request struct {
	Method    string
	URL       string
	URLB64    string                                                                          `json:"url_b64"`
	URLStruct *struct{ Scheme, Opaque, User, Host, Path, RawPath, RawQuery, Fragment string } `json:"url_struct"`
	Host      string
	Header    map[string][]string
	Body      string
}

// Read returns the cases of a file.
func Read(name string) ([]Case, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var cases []Case
	lines := bufio.NewScanner(f)
	// Some cases have URLs that are longer than a scanner's usual line.
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c Case
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("case %d: %w", len(cases)+1, err)
		}
		cases = append(cases, c)
	}
	return cases, lines.Err()
}

// New makes the request as a program would. An error is Go's own refusal.
func (r *Request) New() (*http.Request, error) {
	var req *http.Request
	var err error
	switch {
	// Such a URL has never been parsed, and may hold what no parser lets pass.
	case r.URLStruct != nil:
		s := r.URLStruct
		u := &url.URL{Scheme: s.Scheme, Opaque: s.Opaque, Host: s.Host, Path: s.Path, RawPath: s.RawPath, RawQuery: s.RawQuery, Fragment: s.Fragment}
		if s.User != "" {
			u.User = url.User(s.User)
		}
		req = &http.Request{Method: r.Method, URL: u, Header: http.Header{}}
	// The bytes need not be UTF-8, which JSON cannot hold.
	case r.URLB64 != "":
		var raw []byte
		if raw, err = base64.StdEncoding.DecodeString(r.URLB64); err != nil {
			return nil, err
		}
		req, err = http.NewRequest(r.Method, string(raw), strings.NewReader(r.Body))
	default:
		req, err = http.NewRequest(r.Method, r.URL, strings.NewReader(r.Body))
	}
	if err != nil {
		return nil, err
	}
	// The Host header may name another host than the URL.
	if r.Host != "" {
		req.Host = r.Host
	}
	for k, v := range r.Header {
		// Header.Set would write the keys in canonical form.
		req.Header[k] = v
	}
	return req, nil
}

// PolicyYAML writes the case's policy as a policy file. In the corpus a whitelist rule without
// scheme or port means any.
func (c *Case) PolicyYAML() []byte {
	var b bytes.Buffer
	b.WriteString("version: 1\non_violation: block\n")
	for _, list := range []struct {
		key   string
		rules []Rule
	}{{"whitelist", c.Policy.Whitelist}, {"blacklist", c.Policy.Blacklist}} {
		if len(list.rules) > 0 {
			fmt.Fprintf(&b, "%s:\n", list.key)
		}
		for _, r := range list.rules {
			switch {
			case r.CIDR != "":
				fmt.Fprintf(&b, "  - ip: %q\n", r.CIDR)
			// A whitelist must give a reason for any host.
			case r.Host == "*" && list.key == "whitelist":
				b.WriteString("  - http: any\n    reason: the case allows every host\n")
			default:
				subjects, _ := json.Marshal(r.subjects(list.key == "whitelist")) // JSON is YAML
				fmt.Fprintf(&b, "  - http: %s\n", subjects)
			}
			if r.Method != nil {
				methods, _ := json.Marshal(r.Method)
				fmt.Fprintf(&b, "    methods: %s\n", methods)
			}
		}
	}
	return b.Bytes()
}

// subjects returns the destinations of a rule as a policy writes them. A whitelist names the
// scheme, because http: without one means https there.
func (r *Rule) subjects(whitelist bool) []string {
	host, port := r.Host, "*"
	// An IPv6 address is in brackets in front of a port.
	if strings.Count(host, ":") > 1 {
		host = "[" + host + "]"
	}
	// Numbers of JSON are floats in Go.
	if n, ok := r.Port.(float64); ok {
		port = fmt.Sprint(n)
	}
	rest := host + ":" + port + r.Path
	switch {
	case r.Scheme != "":
		return []string{r.Scheme + "://" + rest}
	case whitelist:
		return []string{"http://" + rest, "https://" + rest}
	}
	return []string{rest}
}

// Right reports whether a verdict counts as right.
func (c *Case) Right(verdict string) bool {
	for _, v := range c.Accept {
		if v == verdict {
			return true
		}
	}
	return false
}
