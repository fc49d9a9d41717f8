// Command shop makes each call of package pay, and some of its own, under a policy that allows a
// call for the package alone that makes it. It prints what was refused, and the number of cases: it
// is built in several ways, and what it prints must not depend on that.
package main

//lint:file-ignore SA1019 functions use these clients, deprecated or not

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/slack-go/slack"
	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/client"
	"google.golang.org/api/option"
	"google.golang.org/api/translate/v2"

	"example.com/shop/pay"
	"example.com/shop/trace"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// policyYAML names the callers of each case by the host or the bucket that it calls.
const policyYAML = `
on_violation: block
block_fails: call
whitelist:
  - {http: ["http://*.retry.shop.test", "https://*.retry.shop.test"], callers: github.com/hashicorp/go-retryablehttp}
  - {http: "http://*.main.shop.test", callers: main}
  - {http: "http://*.path.shop.test", callers: example.com/shop}
  - {http: "http://*.pay.shop.test", callers: example.com/shop/pay}
  - {http: "http://*.slack.shop.test", callers: github.com/slack-go/slack}
  - {http: "http://*.google.shop.test", callers: google.golang.org/api/...}
  - {http: https://api.stripe.com, callers: github.com/stripe/stripe-go/...}
  - {aws: ["s3:GetObject", "s3:PutObject"], resources: "case-*", callers: example.com/shop/pay}
  - {aws: "s3:ListBucket", resources: "case-*", callers: example.com/shop/pay}
  - {aws: ["s3:GetObject", "s3:PutObject"], resources: "main-*", callers: main}
  - {aws: "s3:*", resources: "many-*", callers: main}
  - {aws: "s3:AbortMultipartUpload", resources: "main-*", callers: main}
`

// A Result is what the program prints.
type Result struct {
	Cases int
	Wrong []string
}

// arrived has the names of the cases whose calls arrived.
var arrived sync.Map

// caseName finds the name of a case in a host, a path or a bucket.
var caseName = regexp.MustCompile(`(case|main|many)-\d+`)

// far stands for all that calls go to.
type far struct{}

// RoundTrip notes that the call of a case has arrived, and responds with what its client can read.
func (far) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	key := caseName.FindString(r.URL.String())
	// Parts of an upload are calls of their own, in goroutines of the manager.
	if r.URL.Query().Has("partNumber") {
		key = "part of " + key
	}
	arrived.Store(key, true)
	// Clients of AWS read XML, and the others JSON.
	body := "{}"
	if strings.Contains(r.URL.Host, "amazonaws") {
		body = "<Result><UploadId>1</UploadId></Result>"
	}
	h := http.Header{"Content-Type": {"application/json"}, "Etag": {`"1"`}}
	return &http.Response{StatusCode: 200, Status: "200 OK", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: r}, nil
}

func main() {
	p, err := policy.Parse("policy.yaml", []byte(policyYAML), policy.Env{Function: "shop", Region: "eu-west-1", Account: "111122223333", Now: time.Now()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Lines of the guard would be among the program's output.
	g := guard.New(p, &guard.Options{Stdout: io.Discard, Function: "shop", Region: "eu-west-1", Account: "111122223333"})
	t := g.Transport(far{})
	// Every way to make a call leads through the guard, and then to far.
	http.DefaultTransport = t
	pay.Client = &http.Client{Transport: t}
	pay.Traced = &http.Client{Transport: trace.New(trace.New(t))}
	pay.Objects = s3.New(s3.Options{Region: "eu-west-1", APIOptions: g.AWS(), HTTPClient: &http.Client{Transport: far{}}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")})
	pay.Retrying = retryablehttp.NewClient()
	pay.Retrying.Logger, pay.Retrying.RetryMax, pay.Retrying.HTTPClient = nil, 0, pay.Client
	pay.Stripe = client.New("sk_test_1", stripe.NewBackends(pay.Client))
	stripe.DefaultLeveledLogger = &stripe.LeveledLogger{Level: stripe.LevelNull}

	var result Result
	// A case is right if its call arrived, or did not, as wanted: the policy allows one caller for
	// each.
	check := func(name, key string, want bool, err error) {
		result.Cases++
		if _, got := arrived.Load(key); got != want {
			result.Wrong = append(result.Wrong, fmt.Sprintf("%s (%s): arrived %v, want %v: %v", name, key, got, want, err))
		}
	}
	for _, c := range pay.Cases {
		check(c.Shape+", "+c.Way, fmt.Sprintf("case-%d", c.N), true, c.Call())
	}
	for i, c := range ownCases(t) {
		key := fmt.Sprintf("main-%d", i+1)
		check(c.name, key, c.want, c.call(key))
	}
	// The test reads the output, because each build is a program of its own.
	_ = json.NewEncoder(os.Stdout).Encode(result)
}

// uploadParts uploads three parts, each in a goroutine that the manager starts.
func uploadParts(bucket string) error {
	// Parts have 5 MB at least, so that 11 MB are three.
	u := manager.NewUploader(pay.Objects, func(u *manager.Uploader) { u.PartSize, u.Concurrency = 5<<20, 2 })
	_, err := u.Upload(context.Background(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("k"), Body: bytes.NewReader(make([]byte, 11<<20))})
	return err
}

// An ownCase is a call of this package, whose key is in its host or bucket. want is whether it
// arrives.
type ownCase struct {
	name string
	want bool
	call func(key string) error
}

// ownCases are calls of package main, of libraries that it uses, and of goroutines of libraries.
func ownCases(t http.RoundTripper) []ownCase {
	ctx := context.Background()
	get := func(url string) error {
		_, err := http.Get(url)
		return err
	}
	return []ownCase{
		{"main, by its word", true, func(key string) error { return get("http://" + key + ".main.shop.test/") }},
		{"main, by its import path", true, func(key string) error { return get("http://" + key + ".path.shop.test/") }},
		{"main, an operation", true, func(key string) error {
			_, err := pay.Objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &key, Key: aws.String("k")})
			return err
		}},
		// The next two are refused: another package is allowed to call there.
		{"main in the place of pay", false, func(key string) error { return get("http://" + key + ".pay.shop.test/") }},
		{"main in the place of a library", false, func(key string) error { return get("http://" + key + ".slack.shop.test/") }},
		{"main without a client", true, func(key string) error {
			r, _ := http.NewRequest("GET", "http://"+key+".main.shop.test/", nil)
			_, err := t.RoundTrip(r)
			return err
		}},
		{"slack", true, func(key string) error {
			api := slack.New("xoxb-1", slack.OptionAPIURL("http://"+key+".slack.shop.test/"), slack.OptionHTTPClient(pay.Client))
			_, _, err := api.PostMessage("C1", slack.MsgOptionText("x", false))
			return err
		}},
		{"slack, with a context", true, func(key string) error {
			api := slack.New("xoxb-1", slack.OptionAPIURL("http://"+key+".slack.shop.test/"), slack.OptionHTTPClient(pay.Client))
			_, err := api.AuthTestContext(ctx)
			return err
		}},
		{"google", true, func(key string) error {
			s, err := translate.NewService(ctx, option.WithHTTPClient(pay.Client), option.WithEndpoint("http://"+key+".google.shop.test/"))
			if err != nil {
				return err
			}
			_, err = s.Languages.List().Do()
			return err
		}},
		// The goroutine's stack still has the library's function, which makes the call.
		{"google in a goroutine of main", true, func(key string) error {
			done := make(chan error)
			go func() {
				s, err := translate.NewService(ctx, option.WithHTTPClient(pay.Client), option.WithEndpoint("http://"+key+".google.shop.test/"))
				if err == nil {
					_, err = s.Translations.List([]string{"x"}, "de").Do()
				}
				done <- err
			}()
			return <-done
		}},
		{"a manager that begins an upload of parts", true, func(key string) error { return uploadParts(key) }},
		{"parts that goroutines of a manager upload", false, func(string) error {
			err := uploadParts("many-1")
			if _, ok := arrived.Load("part of many-1"); ok || err == nil || !strings.Contains(err.Error(), "the caller, which cannot be known") {
				arrived.Store("main-12", true) // nobody can know whom a part is for
			}
			return err
		}},
		{"a waiter", true, func(key string) error {
			return s3.NewObjectExistsWaiter(pay.Objects).Wait(ctx, &s3.HeadObjectInput{Bucket: &key, Key: aws.String("k")}, time.Second)
		}},
	}
}
