package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

// A long request of n bytes must take time that is linear in n, wherever it is long and whatever
// form is repeated in it. The time of a thread is measured, at its shortest of several, so that a
// busy machine makes no difference.

// A longPart makes a request of about n bytes. One part of the request repeats unit.
type longPart struct {
	name    string
	request func(unit string, n int) *http.Request
}

const signedForS3 = "AWS4-HMAC-SHA256 Credential=ASIARTX3GSDSQAABCDEF/20261124/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00"

var longParts = []longPart{
	{"path", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Path: corpustest.Long("/", unit, n)})
	}},
	{"opaque", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Opaque: corpustest.Long("/", unit, n)})
	}},
	{"opaque with a host", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Opaque: corpustest.Long("//x.test/", unit, n)})
	}},
	{"user of an opaque URL", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Opaque: corpustest.Long("//", unit, n) + "@x.test/"})
	}},
	{"query", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Path: "/", RawQuery: corpustest.Long("", unit, n)})
	}},
	{"host", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: corpustest.Long("", unit, n), Path: "/"})
	}},
	{"Host", func(unit string, n int) *http.Request {
		r := requestTo(&url.URL{Host: "x.test", Path: "/"})
		r.Host = corpustest.Long("", unit, n)
		return r
	}},
	{"method", func(unit string, n int) *http.Request {
		r := requestTo(&url.URL{Host: "x.test", Path: "/"})
		r.Method = corpustest.Long("", unit, n)
		return r
	}},
	{"header's value", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Path: "/"}, "X-Long", corpustest.Long("", unit, n))
	}},
	{"header's name", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "x.test", Path: "/"}, corpustest.Long("X", unit, n), "1")
	}},
	{"headers", func(unit string, n int) *http.Request {
		r := requestTo(&url.URL{Host: "x.test", Path: "/"})
		for i := range n / (len(unit) + 8) {
			r.Header[fmt.Sprintf("X-%06d", i)] = []string{unit}
		}
		return r
	}},
	{"key of S3", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "receipts.s3.eu-west-1.amazonaws.com", Path: corpustest.Long("/", unit, n)}, "Authorization", signedForS3)
	}},
	{"query of S3", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "receipts.s3.eu-west-1.amazonaws.com", Path: "/k", RawQuery: corpustest.Long("", unit+"&", n)}, "Authorization", signedForS3)
	}},
	{"signature", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "receipts.s3.eu-west-1.amazonaws.com", Path: "/k"}, "Authorization", corpustest.Long("AWS4-HMAC-SHA256 Credential=", unit, n))
	}},
	{"copy source", func(unit string, n int) *http.Request {
		r := requestTo(&url.URL{Host: "receipts.s3.eu-west-1.amazonaws.com", Path: "/k"}, "Authorization", signedForS3, "X-Amz-Copy-Source", corpustest.Long("/b/", unit, n))
		r.Method = "PUT"
		return r
	}},
	{"target", func(unit string, n int) *http.Request {
		return requestTo(&url.URL{Host: "dynamodb.eu-west-1.amazonaws.com", Path: "/"}, "Authorization", signedForS3, "X-Amz-Target", corpustest.Long("DynamoDB_20120810.", unit, n))
	}},
	{"form", func(unit string, n int) *http.Request {
		r := requestTo(&url.URL{Host: "sqs.eu-west-1.amazonaws.com", Path: "/"}, "Content-Type", "application/x-www-form-urlencoded")
		form := corpustest.Long("Action=", unit+"&", n)
		return withText(r, form)
	}},
	{"list in a form", func(unit string, n int) *http.Request {
		r := requestTo(&url.URL{Host: "monitoring.eu-west-1.amazonaws.com", Path: "/"}, "Content-Type", "application/x-www-form-urlencoded", "Authorization", signedForS3)
		var form strings.Builder
		form.WriteString("Action=DeleteAlarms")
		for i := 0; form.Len() < n; i++ {
			fmt.Fprintf(&form, "&AlarmNames.member.%d=%s", i, url.QueryEscape(unit))
		}
		return withText(r, form.String())
	}},
	{"JSON", func(unit string, n int) *http.Request {
		quoted, _ := json.Marshal(unit)
		return putItem(`{"TableName":"orders","Item":{"a":[` + corpustest.Long("", string(quoted)+",", n) + `1]}}`)
	}},
	{"members of JSON", func(unit string, n int) *http.Request {
		quoted, _ := json.Marshal(unit)
		return putItem(`{"TableName":"orders"` + corpustest.Long("", ","+string(quoted)+":1", n) + `}`)
	}},
}

func withText(r *http.Request, text string) *http.Request {
	r.Method, r.Body, r.ContentLength = "POST", io.NopCloser(strings.NewReader(text)), int64(len(text))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	return r
}

func putItem(body string) *http.Request {
	return withText(requestTo(&url.URL{Host: "dynamodb.eu-west-1.amazonaws.com", Path: "/"}, "Authorization", signedForS3,
		"X-Amz-Target", "DynamoDB_20120810.PutItem", "Content-Type", "application/x-amz-json-1.0"), body)
}

func requestTo(u *url.URL, header ...string) *http.Request {
	u.Scheme = "https"
	r := &http.Request{Method: "GET", URL: u, Header: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = []string{header[i+1]}
	}
	return r
}

// growthPolicies are the long policies, and one with rules for AWS.
func growthPolicies(tb testing.TB) (all []*policy.Policy) {
	rules := append(longPolicies, "whitelist:\n- aws: [s3:GetObject, s3:PutObject]\n  resources: [receipts/*, 'a*b*c*d*']\n- aws: sqs:SendMessage\n- aws: dynamodb:*\n"+
		"blacklist:\n- aws: s3:*\n  resources: ['*a*a*a*b*', secret/*]\n- http: '*.x*y*.test'\n")
	for _, text := range rules {
		p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+text), policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(tb, err)
		all = append(all, p)
	}
	return all
}

// growthUnits are the forms that are repeated, and those of queries and forms.
var growthUnits = append([]string{"Action=a", "acl", "versionId=1", "X-Amz-Credential=a", "x-id=PutObject", "a%3d", "%26", "a=%", "+", ",", "Credential=a,", "/aws4_request", "\t"}, corpustest.Units...)

// shortest returns the shortest time that this thread needs for f, of n tries and before.
func shortest(before time.Duration, n int, f func()) time.Duration {
	for range n {
		start := threadTime()
		f()
		before = min(before, threadTime()-start)
	}
	return before
}

const (
	small, large = 8 << 10, 64 << 10
	mostRatio    = 12 // linear work has 8, quadratic work 64
	mostTime     = 5 * time.Millisecond
)

// grows returns the times of small and large requests. It goes on until the ratio is small enough,
// or no try will make it so.
func grows(f func(n int)) (ofSmall, ofLarge time.Duration) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // collecting is not the work that is measured
	ofSmall, ofLarge = math.MaxInt64, math.MaxInt64
	for range 40 {
		ofSmall = shortest(ofSmall, 2, func() { f(small) })
		ofLarge = shortest(ofLarge, 2, func() { f(large) })
		if isLinear(ofSmall, ofLarge) {
			break
		}
	}
	return ofSmall, ofLarge
}

// isLinear allows any ratio up to 0.6 ms for 64 KB, a time that caches and clocks blur. Quadratic
// work of a nanosecond for each pair of bytes takes 4 s there.
func isLinear(ofSmall, ofLarge time.Duration) bool {
	return ofLarge <= mostRatio*max(ofSmall, 50*time.Microsecond)
}

func TestTheTimeOfADecisionIsLinear(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i, p := range growthPolicies(t) {
		for _, part := range longParts {
			for _, unit := range growthUnits {
				requests := map[int]*http.Request{small: part.request(unit, small), large: part.request(unit, large)}
				ofSmall, ofLarge := grows(func(n int) { p.Decide(policy.Call{HTTP: requests[n], Via: policy.ViaTransport}) })
				assert.True(t, isLinear(ofSmall, ofLarge), "policy %d, %s of %q: %v for 8 KB, %v for 64 KB", i, part.name, unit, ofSmall, ofLarge)
			}
		}
	}
}

// A violation is also described, masked, folded and logged, and an entry is proposed for it.
func TestTheTimeOfAViolationIsLinear(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, part := range longParts {
		for _, unit := range growthUnits {
			requests := map[int]*http.Request{small: part.request(unit, small), large: part.request(unit, large)}
			ofSmall, ofLarge := grows(func(n int) { newViolation(t).check(requests[n]) })
			assert.True(t, isLinear(ofSmall, ofLarge), "%s of %q: %v for 8 KB, %v for 64 KB", part.name, unit, ofSmall, ofLarge)
		}
	}
}

// longCalls make calls of about n bytes other than requests.
var longCalls = []struct {
	name string
	call func(unit string, n int) policy.Call
}{
	{"net", func(unit string, n int) policy.Call {
		return policy.Call{Net: corpustest.Long("x", unit, n) + ":443", Via: policy.ViaDial}
	}},
	{"name", func(unit string, n int) policy.Call {
		return policy.Call{Net: corpustest.Long("x", unit, n), Via: policy.ViaName}
	}},
	{"address", func(unit string, n int) policy.Call {
		return policy.Call{Net: "x.test:443", Addr: corpustest.Long("1", unit, n), Via: policy.ViaAddr}
	}},
	{"resource", func(unit string, n int) policy.Call { return getObject(corpustest.Long("arn:aws:s3:::b/", unit, n)) }},
	{"resources", func(unit string, n int) policy.Call {
		var all []string
		for i := range n / (len(unit) + 20) {
			all = append(all, fmt.Sprintf("arn:aws:s3:::b/%05d%s", i, unit))
		}
		return getObject(all...)
	}},
	{"statement", func(unit string, n int) policy.Call {
		text := corpustest.Long("SELECT ", unit, n) + " FROM x"
		return policy.Call{Via: policy.ViaSDK, AWS: policy.AWSCall{
			Service: "DynamoDB", Operation: "ExecuteStatement", Region: "eu-west-1", Input: &struct{ Statement *string }{&text},
		}}
	}},
}

func getObject(resources ...string) policy.Call {
	return policy.Call{Via: policy.ViaSDK, AWS: policy.AWSCall{Service: "S3", Operation: "GetObject", Region: "eu-west-1", Resources: resources}}
}

// What is not an HTTP request, too.
func TestTheTimeOfACallIsLinear(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	policies := growthPolicies(t)
	for _, part := range longCalls {
		for _, unit := range growthUnits {
			calls := map[int]policy.Call{small: part.call(unit, small), large: part.call(unit, large)}
			for i, p := range policies {
				ofSmall, ofLarge := grows(func(n int) { p.Decide(calls[n]) })
				assert.True(t, isLinear(ofSmall, ofLarge), "policy %d, %s of %q: %v for 8 KB, %v for 64 KB", i, part.name, unit, ofSmall, ofLarge)
			}
			ofSmall, ofLarge := grows(func(n int) { _ = newViolation(t).Check(context.Background(), calls[n]) })
			assert.True(t, isLinear(ofSmall, ofLarge), "violation, %s of %q: %v for 8 KB, %v for 64 KB", part.name, unit, ofSmall, ofLarge)
		}
	}
}

// A violation is a guard that refuses everything and has seen nothing.
type violation struct{ *guard.Guard }

func newViolation(tb testing.TB) violation {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\nwhitelist: []\n"), policy.Env{Function: "checkout"})
	require.NoError(tb, err)
	return violation{guard.New(p, &guard.Options{Stdout: io.Discard, Getenv: func(string) string { return "" }})}
}

func (v violation) check(r *http.Request) string {
	err := v.Check(context.Background(), policy.Call{HTTP: r, Via: policy.ViaTransport})
	if err == nil {
		return ""
	}
	return err.Error()
}

// The paths of policies take time that is linear in their size, too.
func TestTheTimeOfAPolicyIsLinear(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, list := range []string{"whitelist", "blacklist"} {
		for _, unit := range growthUnits {
			texts := map[int][]byte{}
			for _, n := range []int{small, large} {
				texts[n] = fmt.Appendf(nil, "version: 1\n%s:\n- http: %q\n", list, corpustest.Long("https://x.test/", unit, n))
			}
			ofSmall, ofLarge := grows(func(n int) { _, _ = policy.Parse("policy.yaml", texts[n], policy.Env{Function: "checkout"}) })
			assert.True(t, isLinear(ofSmall, ofLarge), "%s, %q: %v for 8 KB, %v for 64 KB", list, unit, ofSmall, ofLarge)
		}
	}
}

// BenchmarkLongRequests reports the time of the slowest request of 64 KB in each part, over all
// policies and forms, and with all that follows a violation. None may take longer than 5 ms.
func BenchmarkLongRequests(b *testing.B) {
	policies := growthPolicies(b)
	slowest := func(b *testing.B, part longPart, times func(r *http.Request) time.Duration) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var most time.Duration
		var of string
		for b.Loop() {
			for _, unit := range growthUnits {
				if took := times(part.request(unit, large)); took > most {
					most, of = took, unit
				}
			}
		}
		b.ReportMetric(float64(most.Microseconds())/1000, "slowest-ms")
		b.ReportMetric(0, "ns/op")
		if most > mostTime {
			b.Logf("%q takes %v, longer than %v", of, most, mostTime)
		}
	}
	for _, part := range longParts {
		b.Run("decision/"+part.name, func(b *testing.B) {
			slowest(b, part, func(r *http.Request) (most time.Duration) {
				for _, p := range policies {
					most = max(most, shortest(math.MaxInt64, 5, func() { p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}) }))
				}
				return most
			})
		})
		b.Run("violation/"+part.name, func(b *testing.B) {
			slowest(b, part, func(r *http.Request) time.Duration {
				return shortest(math.MaxInt64, 5, func() { newViolation(b).check(r) })
			})
		})
	}
}
