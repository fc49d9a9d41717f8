package policy

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

// A draw makes random policies and calls, of words that meet often.
type draw struct{ *rand.Rand }

func (r draw) of(words ...string) string { return words[r.IntN(len(words))] }

// random returns n characters, as AWS's tools put them at the end of names.
func (r draw) random(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	upperAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	alnum      = "abcdefghijklmnopqrstuvwxyz" + upperAlnum
	hexDigits  = "0123456789abcdef"
)

// name returns the name of a resource as people or CDK, SAM and CloudFormation make it.
func (r draw) name() string {
	switch r.IntN(6) {
	case 0: // CloudFormation
		return "ShopStack-" + r.of("Orders", "Cards", "Audit") + r.of("Table", "Queue", "") + "-" + r.random(upperAlnum, 12+r.IntN(2))
	case 1: // CDK
		return "Shop-" + r.of("Orders", "Cards") + strings.ToUpper(r.random(hexDigits, 8)) + "-" + r.random(alnum, 12)
	case 2: // SAM
		return "shop-" + r.of("Pay", "Ship") + "Function-" + r.random(alnum, 12)
	case 3: // a bucket of CDK
		return "shopstack-" + r.of("receipts", "logs") + r.random(hexDigits, 8) + "-" + r.random(strings.ToLower(alnum), 12)
	}
	return r.of("orders", "cards", "orders-2", "a.b", "x_y")
}

func (r draw) host() string { return r.of("a.com", "b.com", "api.a.com", "10.0.0.1", "evil.org") }

func (r draw) path() string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString("/" + r.of("v1", "users", "items", "x y", "a:b", "..", "", "a*b", "é", "${X}", "a'b", "[1]", r.random(hexDigits, 16), r.random("0123456789", 6), r.name()))
	}
	return b.String()
}

func (r draw) arn() (service, operation, arn string) {
	const where = ":eu-west-1:111122223333:"
	switch name := r.name(); r.IntN(6) {
	case 0:
		return "dynamodb", r.of("GetItem", "PutItem", "Query"), "arn:aws:dynamodb" + where + "table/" + name
	case 1:
		return "sqs", r.of("SendMessage", "ReceiveMessage"), "arn:aws:sqs" + r.of(where, ":eu-west-1:444455556666:", ":us-east-1:111122223333:") + name
	case 2:
		return "lambda", "Invoke", "arn:aws:lambda" + where + "function:" + name
	case 3:
		return "kms", "Decrypt", "arn:aws:kms" + where + "key/" + r.random(hexDigits, 8) + "-" + r.random(hexDigits, 4)
	case 4:
		return "sns", "Publish", "arn:aws:sns" + where + name
	default:
		return "s3", r.of("GetObject", "PutObject"), "arn:aws:s3:::" + strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name)) + "/" + r.of("a", "2026/11/24.pdf", "a*b", "é", "x y", r.random(alnum, 20))
	}
}

func (r draw) call(t *testing.T) Call {
	switch r.IntN(8) {
	case 0:
		return Call{Net: r.of("db.internal", "10.0.0.1", "[2001:db8::1]") + ":" + r.of("5432", "443")}
	case 1:
		service, operation, _ := r.arn()
		return awsOf(service, operation, r.of("", "444455556666")) // the resource is not known
	case 2, 3, 4:
		service, operation, arn := r.arn()
		return awsOf(service, operation, r.of("", "", "111122223333", "444455556666"), arn)
	case 5:
		c := wire(t, "S3", r.of("GetObject", "PutObject"), "https://"+r.of("minio.example", "receipts.s3.eu-west-1.amazonaws.com")+"/k")
		return c
	}
	req, err := http.NewRequest(r.of("GET", "POST", "CONNECT", "PROPFIND"), r.of("https://", "http://")+r.host()+r.of("", "", ":8080")+strings.ReplaceAll(r.path(), " ", "%20"), nil)
	require.NoError(t, err)
	if r.IntN(10) == 0 {
		req.Host = r.host()
	}
	return Call{HTTP: req, Via: ViaTransport}
}

// policy returns the text of a policy that ends with its whitelist.
func (r draw) policy() string {
	var b strings.Builder
	b.WriteString("on_violation: " + r.of("block", "alert", "log") + "\n")
	if r.IntN(2) == 0 {
		b.WriteString("blacklist:\n")
		for range 1 + r.IntN(2) {
			b.WriteString("- " + r.of("http: b.com", "http: \"*.a.com\"", "http: a.com/users/**", "ip: 10.0.0.0/8", "aws: sqs:*", "aws: s3:Put*", "net: db.internal",
				"aws: dynamodb:*\n  resources: table/orders", "http: a.com\n  methods: POST\n  on_violation: log") + "\n")
		}
	}
	b.WriteString("whitelist:\n- http: https://never.example/**\n")
	for range r.IntN(3) {
		b.WriteString("- " + r.of("http: api.a.com", "http: https://a.com/v1/**\n  methods: GET", "aws: dynamodb:GetItem", "aws: s3:*\n  resources: receipts/*",
			"aws: sqs:*\n  except: sqs:SendMessage", "http: b.com\n  except: b.com/users/**", "http: https://minio.example/**", "aws: sns:*\n  accounts: [\"444455556666\"]", "aws: s3:*") + "\n")
	}
	return b.String()
}

// others returns calls that are not the one that was proposed for: each differs from it in one
// thing.
func (r draw) others(c Call) (calls []Call) {
	if c.HTTP != nil && !c.AWS.named() {
		for _, change := range []func(*http.Request){
			func(q *http.Request) { q.Method += "X" },
			func(q *http.Request) { q.URL.Host, q.Host = "other-"+q.URL.Host, "" },
			func(q *http.Request) { q.URL.Path, q.URL.RawPath = q.URL.Path+"/more", "" },
			func(q *http.Request) { q.URL.Path, q.URL.RawPath = "/w/o/r/d"+q.URL.Path, "" },
			func(q *http.Request) { q.URL.Host, q.Host = q.URL.Hostname()+":8443", "" },
		} {
			q := c.HTTP.Clone(c.HTTP.Context())
			change(q)
			if q.Method == "CONNECTX" || c.HTTP.Method == "CONNECT" && q.URL.Host == c.HTTP.URL.Host {
				continue // a tunnel has no path
			}
			calls = append(calls, Call{HTTP: q, Via: c.Via})
		}
	}
	if c.AWS.named() && c.HTTP == nil {
		for _, change := range []func(*AWSCall){
			func(a *AWSCall) { a.Operation = "DeleteEverything" },
			func(a *AWSCall) { a.Account = "777788889999" },
			func(a *AWSCall) { a.Resources = nil },
			func(a *AWSCall) {
				for i := range a.Resources {
					a.Resources[i] += "x"
				}
			},
			func(a *AWSCall) {
				for i := range a.Resources {
					if at := strings.LastIndexAny(a.Resources[i], ":/"); at > 0 {
						a.Resources[i] = a.Resources[i][:at+1] + "another"
					}
				}
			},
		} {
			o := c
			o.AWS.Resources = append([]string{}, c.AWS.Resources...)
			change(&o.AWS)
			calls = append(calls, o)
		}
	}
	if c.Net != "" {
		calls = append(calls, Call{Net: "other.internal:5432"}, Call{Net: strings.TrimSuffix(c.Net, "5432") + "1"})
	}
	return calls
}

// Whatever the policy and the call, a proposal loads, allows the call, and allows nothing else.
func TestCureOfRandomCalls(t *testing.T) {
	t.Parallel()
	pairs := corpustest.Times(corpustest.Sample(1_500, 6_000), 100_000)
	if testing.Short() || alloctest.Race {
		pairs /= 6
	}
	r := draw{rand.New(rand.NewPCG(1, 2))}
	proposed, left := 0, 0
	for n := 0; n < pairs; {
		text := r.policy()
		p, err := Parse("policy.yaml", []byte(text), cureEnv())
		require.NoError(t, err, text)
		loaded := map[string]*Policy{} // by the entry that was added
		for range 50 {
			n++
			c := r.call(t)
			d := p.Decide(c)
			brief := p.DecideBriefly(c)
			brief.brief, brief.Reason, brief.Allow = false, d.Reason, d.Allow
			require.Equal(t, d, brief, "the texts alone are left out: %s\n%+v", text, c)
			if d.Allowed() {
				continue
			}
			cured := p.Cure(c, d)
			what := func(format string, args ...any) string {
				return fmt.Sprintf(format+"\n%s\n%+v\n%+v\n%s\n%s", append(args, text, c.AWS, cured.Call, cured.Reason, cured.Allow)...)
			}
			if len(cured.Against) == 0 {
				require.Fail(t, what("nothing forbids the call"))
			}
			if cured.Allow == "" {
				left++
				for _, other := range cured.Against {
					if !strings.Contains(cured.Reason, other.Reason) {
						require.Fail(t, what("the reason does not have %q", other.Reason))
					}
				}
				continue
			}
			proposed++
			q := loaded[cured.Allow]
			if q == nil {
				q, err = Parse("policy.yaml", []byte(text+cured.Allow+"\n"), cureEnv())
				if err != nil {
					require.Fail(t, what("the entry does not load: %v", err))
				}
				loaded[cured.Allow] = q
			}
			if !q.Decide(c).Allowed() {
				require.Fail(t, what("the entry does not allow the call"))
			}
			for _, other := range r.others(c) {
				if before := p.Decide(other); !before.Allowed() && q.Decide(other).Allowed() {
					require.Fail(t, what("another call is allowed too: %+v %+v", other.AWS, other.HTTP))
				}
			}
		}
	}
	t.Logf("%d proposals, and %d violations without one", proposed, left)
	assert.Greater(t, proposed, pairs/10)
	assert.Greater(t, left, pairs/20)
}
