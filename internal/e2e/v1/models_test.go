// Package v1 compares with the AWS SDK for Go v1: its models of every service, and its clients,
// which know nothing of middleware.
package v1

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
)

// A model is AWS's description of a service.
type model struct {
	dir      string
	Metadata struct {
		EndpointPrefix, SigningName, TargetPrefix, Protocol, SignatureVersion, JSONVersion, ServiceID string
	}
	Operations map[string]struct {
		HTTP     struct{ Method, RequestURI string }
		Endpoint struct{ HostPrefix string }
		Authtype string
	}
}

// name is the service's id. Two services are known to the SDK alone under it.
func (m *model) name() string { return m.Metadata.ServiceID }

func (m *model) signingName() string {
	if m.Metadata.SigningName != "" {
		return m.Metadata.SigningName
	}
	return m.Metadata.EndpointPrefix
}

// models reads the models of all services, from the module's folder.
func models(t *testing.T) (all []*model) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go").Output()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "models/apis/*/*/api-2.json"))
	require.NoError(t, err)
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		m := &model{dir: filepath.Dir(f)}
		require.NoError(t, json.Unmarshal(data, m))
		switch m.name() {
		case "Elastic Inference", "IoT 1Click Devices Service", "IoT 1Click Projects", "QLDB Session":
			continue // are no more, and neither IAM nor the SDK knows them
		}
		all = append(all, m)
	}
	require.Len(t, all, 380)
	return all
}

// hosts returns the endpoints that AWS's own tests of the service's endpoint rules expect.
func (m *model) hosts(t *testing.T) map[string]bool {
	var tests struct {
		TestCases []struct {
			Expect struct{ Endpoint *struct{ URL string } }
			Params map[string]any
		}
	}
	data, err := os.ReadFile(m.dir + "/endpoint-tests-1.json")
	if os.IsNotExist(err) { // the rules of those have no tests
		return map[string]bool{m.Metadata.EndpointPrefix + ".us-east-1.amazonaws.com": true}
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &tests))
	hosts := map[string]bool{}
	for _, c := range tests.TestCases {
		if c.Expect.Endpoint == nil || c.Params["Endpoint"] != nil {
			continue
		}
		u, err := url.Parse(c.Expect.Endpoint.URL)
		require.NoError(t, err)
		hosts[u.Host] = true
	}
	return hosts
}

// madeUp are endpoints of AWS's tests that no account can have: an account of ten digits, a region
// called "api".
func madeUp(host string) bool {
	first, _, _ := strings.Cut(host, ".")
	return host == "localhost:8000" || first == "1234567890" || first == "myid-1234" || host == "quicksight.api.amazonaws.com" ||
		host == "s3-object-lambda.us-east.special.amazonaws.com"
}

// ofAccounts reports whether a host is made for an account, which may be another one: no aws: rule
// vouches for it.
func ofAccounts(host string) bool {
	return strings.Contains(host, ".endpoint.events.") || strings.Contains(host, ".endpoints.email.")
}

func TestEveryEndpoint(t *testing.T) {
	n := 0
	all := models(t)
	for _, m := range all {
		want, ok := awsops.Service(m.name())
		if !assert.True(t, ok, m.name()) {
			continue
		}
		prefixes := map[string]bool{"": true}
		for _, o := range m.Operations {
			if p := o.Endpoint.HostPrefix; !strings.Contains(p, "{") {
				prefixes[p] = true
			}
		}
		for host := range m.hosts(t) {
			if madeUp(host) {
				continue
			}
			for p := range prefixes {
				host := p + host
				n++
				e, ok := awscall.ParseEndpoint(host)
				if !assert.True(t, ok, host) {
					continue
				}
				_, own := e.Of(m.name())
				assert.Equal(t, !ofAccounts(host), own, "%s of %s", host, m.name())
				var found []string
				for _, service := range e.Services() {
					prefix, _ := awsops.Service(service)
					found = append(found, prefix)
				}
				switch {
				case !own:
					assert.Empty(t, found, host)
				case want == "s3-outposts": // one host with S3's
					assert.Equal(t, []string{"s3"}, found)
				default:
					assert.Contains(t, found, want, host)
				}
				if len(found) > 1 {
					assert.True(t, strings.HasPrefix(want, "geo"), "%s is one of %v", host, found)
				}
			}
		}
	}
	t.Logf("%d endpoints of %d services", n, len(all))
}

// Requests made by hand from the models, signed: every operation of every service that names it is
// known, and one of those that go by method and path is never taken for another.
func TestEveryOperationByHTTP(t *testing.T) {
	var all, named int
	services := models(t)
	for _, m := range services {
		want, _ := awsops.Service(m.name())
		host := m.Metadata.EndpointPrefix + ".us-east-1.amazonaws.com"
		for h := range m.hosts(t) {
			if strings.Contains(h, "us-east-1.amazonaws.com") && !madeUp(h) && !strings.Contains(h, "fips") {
				host = h
			}
		}
		if want == "s3" || want == "s3-outposts" {
			continue // see the clients of S3
		}
		for name, o := range m.Operations {
			all++
			body, header := "", http.Header{}
			switch m.Metadata.Protocol {
			case "json":
				header.Set("X-Amz-Target", m.Metadata.TargetPrefix+"."+name)
				header.Set("Content-Type", "application/x-amz-json-"+m.Metadata.JSONVersion)
				body = "{}"
			case "query", "ec2":
				header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
				body = "Action=" + name + "&Version=2012-11-05"
			default:
				if o.HTTP.Method != http.MethodGet {
					body = "{}"
				}
			}
			prefix := o.Endpoint.HostPrefix
			if strings.Contains(prefix, "{") {
				prefix = ""
			}
			var reader io.Reader
			if body != "" {
				reader = strings.NewReader(body)
			}
			r, err := http.NewRequest(o.HTTP.Method, "https://"+prefix+host+strings.NewReplacer("{", "", "}", "", "+", "").Replace(o.HTTP.RequestURI), reader)
			require.NoError(t, err)
			r.Header = header
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIARTX3GSDSQAABCDEF/20261124/us-east-1/"+m.signingName()+"/aws4_request, SignedHeaders=host, Signature=00")
			what := m.name() + ":" + name + " " + r.Method + " " + r.URL.String() + " signed for " + m.signingName()
			var e *awscall.Endpoint
			if p, ok := awscall.ParseEndpoint(r.URL.Host); ok {
				e = &p
			}
			var q awscall.Request
			ok := q.FromHTTP(r, []*awscall.Endpoint{e}, true)
			if !assert.True(t, ok, what) {
				continue
			}
			got, _ := awsops.Service(q.Service)
			assert.Equal(t, want, got, what)
			assert.False(t, q.Doubtful, what)
			assert.Equal(t, "us-east-1", q.Region, what)
			switch {
			case body != "{}" && m.Metadata.Protocol != "json" && body == "", strings.HasPrefix(m.Metadata.Protocol, "rest"):
				// Those that invoke a function or a model are read in the path.
				if q.Operation != "" {
					assert.Equal(t, name, q.Operation, what)
					assert.True(t, want == "lambda" || m.name() == "Bedrock Runtime", what)
				}
			case m.name() == "Import Export": // Operation=, not Action=
			default:
				named++
				assert.Equal(t, name, q.Operation, what)
				assert.Equal(t, awscall.NewOp(m.name(), name, nil).Level, awscall.NewOp(q.Service, q.Operation, nil).Level, what)
			}
		}
	}
	t.Logf("%d operations of %d services, %d named", all, len(services), named)
}
