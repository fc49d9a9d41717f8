package policy

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// corpusCase is one line of testdata/corpus/http.jsonl.
type corpusCase struct {
	ID, Category, Stage, Expected string
	Accept                        []string
	Advisory                      bool
	Why                           string
	Policy                        struct{ Whitelist, Blacklist []corpusRule }
	Request                       corpusRequest
	Env                           struct {
		Proxy     string
		DNS       map[string][][]string
		Responses []struct {
			Status   int
			Location string
		}
		SecondRequest bool `json:"second_request"`
	}
	Go struct {
		Hops []struct {
			Dial string
		}
		RefusedBy string `json:"refused_by"`
	}
}

type corpusRule struct {
	Pattern, Scheme, Host, Path, CIDR string
	Port, Method                      any
}

type corpusRequest struct {
	Method    string
	URL       string
	URLB64    string `json:"url_b64"`
	URLStruct *struct {
		Scheme, Opaque, User, Host, Path, RawPath, RawQuery, Fragment string
	} `json:"url_struct"`
	Host   string
	Header map[string][]string
	Body   string
}

func readCorpus(t testing.TB) (cases []corpusCase) {
	f, err := os.Open("testdata/corpus/http.jsonl")
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c corpusCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		cases = append(cases, c)
	}
	require.NoError(t, lines.Err())
	return cases
}

// build makes the request as a program would. An error is Go's own refusal.
func (r *corpusRequest) build() (*http.Request, error) {
	method := r.Method
	text := r.URL
	if r.URLB64 != "" {
		b, err := base64.StdEncoding.DecodeString(r.URLB64)
		if err != nil {
			panic(err)
		}
		text = string(b)
	}
	var req *http.Request
	if s := r.URLStruct; s != nil {
		u := &url.URL{Scheme: s.Scheme, Opaque: s.Opaque, Host: s.Host, Path: s.Path, RawPath: s.RawPath, RawQuery: s.RawQuery, Fragment: s.Fragment}
		if s.User != "" {
			u.User = url.User(s.User)
		}
		req = &http.Request{Method: method, URL: u, Header: http.Header{}}
	} else {
		var err error
		if req, err = http.NewRequest(method, text, strings.NewReader(r.Body)); err != nil {
			return nil, err
		}
	}
	if r.Host != "" {
		req.Host = r.Host
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	return req, nil
}

// rules makes policy rules of a corpus list. Its convention differs: in a whitelist too, no scheme and no port is any.
func corpusRules(list List, rules []corpusRule) (out []rule, err error) {
	for i, c := range rules {
		r := rule{list: list, kind: kindHTTP, verdict: Block, ref: RuleRef{ID: fmt.Sprintf("rule %d", i), File: "policy.yaml", Line: i + 1}}
		switch method := c.Method.(type) {
		case string:
			r.methods = []string{method}
		case []any:
			for _, m := range method {
				r.methods = append(r.methods, m.(string))
			}
		}
		switch {
		case c.CIDR != "":
			p, err := netip.ParsePrefix(c.CIDR)
			if err != nil {
				return nil, err
			}
			r.kind, r.subject.ip = kindIP, []netip.Prefix{p}
		case c.Host == "*" && list == Whitelist:
			r.any = true
		default:
			for _, text := range c.subjects(list) {
				p, err := parseHTTPPattern(text, list)
				if err != nil {
					return nil, err
				}
				r.subject.http = append(r.subject.http, p)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// subjects are the http: subjects that mean what the rule means.
func (c *corpusRule) subjects(list List) []string {
	host := c.Host
	if strings.Count(host, ":") > 1 {
		host = "[" + host + "]"
	}
	switch port := c.Port.(type) {
	case float64:
		host = fmt.Sprintf("%s:%d", host, int(port))
	default:
		host += ":*"
	}
	switch {
	case c.Scheme != "":
		return []string{c.Scheme + "://" + host + c.Path}
	case list == Whitelist:
		return []string{"http://" + host + c.Path, "https://" + host + c.Path}
	}
	return []string{host + c.Path}
}

func (c *corpusCase) compile() (*Policy, error) {
	white, err := corpusRules(Whitelist, c.Policy.Whitelist)
	if err != nil {
		return nil, err
	}
	black, err := corpusRules(Blacklist, c.Policy.Blacklist)
	if err != nil {
		return nil, err
	}
	return newPolicy(settings{whitelist: white != nil}, append(white, black...))
}

func TestCorpusMatch(t *testing.T) {
	bad := 0
	for _, c := range readCorpus(t) {
		if c.Stage != "match" {
			continue
		}
		p, err := c.compile()
		if err != nil {
			t.Logf("%s: policy: %v", c.ID, err)
			continue
		}
		verdict := "reject-as-malformed"
		reason := ""
		r, err := c.Request.build()
		if err == nil {
			d := p.Decide(Call{HTTP: r, Via: ViaTransport})
			reason = d.Reason
			if d.Allowed() {
				verdict = "allowed"
			} else if d.Rule == nil || d.Rule.ID != "malformed" {
				verdict = "violation"
			}
		}
		ok := false
		for _, a := range c.Accept {
			ok = ok || a == verdict
		}
		if !ok {
			bad++
			t.Errorf("%s %s adv=%v: %s, want %s: %v %s", c.ID, c.Stage, c.Advisory, verdict, c.Expected, c.Request, reason)
		} else if verdict != c.Expected && !(verdict != "allowed" && c.Expected != "allowed") {
			t.Logf("ADV %s: %s, expected %s: %v %s", c.ID, verdict, c.Expected, c.Request, reason)
		}
	}
}
