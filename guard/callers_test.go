package guard

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/policy"
)

// The caller is a function of a frame, so that a table of frames as runtime reports them stands for
// the stacks of libraries that this module does not link.
func TestKindsOfFrames(t *testing.T) {
	for _, c := range []struct {
		function string
		want     siteKind
		path     string
	}{
		{"main.handle", user, "main"},
		{"main.main.func1", user, "main"},
		{"main.(*shop).pay-fm", user, "main"},
		{"main.each[...]", user, "main"},
		{"main.(*list[...]).each.func1", user, "main"},
		{"main.init.0", user, "main"},
		{"main.handle.gowrap1", user, "main"},
		{"main.handle.deferwrap1", user, "main"},
		{"main.handle.func1.2", user, "main"},
		{"main.handle-range1", user, "main"},
		{"checkout/pay.Charge", user, "checkout/pay"},
		{"example.com/shop/pay.(*Client).Charge.func1", user, "example.com/shop/pay"},
		{"example.com/shop/pay.Map[...].func2", user, "example.com/shop/pay"},
		{"example.com/shop/v2.Charge", user, "example.com/shop/v2"},
		{"gopkg.in/yaml%2ev3.Unmarshal", user, "gopkg.in/yaml.v3"},
		{"example.com/app/vendor/github.com/x/y.Do", user, "github.com/x/y"},
		{"github.com/stripe/stripe-go/v76.(*BackendImplementation).Do", user, "github.com/stripe/stripe-go/v76"},
		{"github.com/stripe/stripe-go/v76/charge.Client.New", user, "github.com/stripe/stripe-go/v76/charge"},
		{"github.com/slack-go/slack.(*Client).PostMessageContext", user, "github.com/slack-go/slack"},
		{"google.golang.org/api/internal/gensupport.SendRequest", user, "google.golang.org/api/internal/gensupport"},
		{"cloud.google.com/go/storage.(*Client).Bucket", user, "cloud.google.com/go/storage"},
		{"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.(*Transport).RoundTrip", user, "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"},
		{"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws.otelMiddlewares.initializeMiddlewareAfter.func1", user, "go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"},
		{"golang.org/x/oauth2.(*Transport).RoundTrip", user, "golang.org/x/oauth2"},
		{"golang.org/x/sync/errgroup.(*Group).Go.func1", user, "golang.org/x/sync/errgroup"},
		{"google.golang.org/grpc.(*ClientConn).Invoke", user, "google.golang.org/grpc"},
		{"github.com/jackc/pgx/v5/pgconn.connectOne", user, "github.com/jackc/pgx/v5/pgconn"},
		{"github.com/hashicorp/go-retryablehttp.(*Client).Do", user, "github.com/hashicorp/go-retryablehttp"},
		{"net/http.(*Client).do", httpClient, "net/http"},
		{"net/http.(*Client).Do", httpClient, "net/http"},
		{"net/http.(*Client).Get", httpClient, "net/http"},
		{"net/http.Get", passed, "net/http"},
		{"net/http.send", passed, "net/http"},
		{"net/http.(*Transport).RoundTrip", passed, "net/http"},
		{"net/http.(*persistConn).readLoop", passed, "net/http"},
		{"net/http/httputil.(*ReverseProxy).ServeHTTP", passed, "net/http/httputil"},
		{"database/sql.(*DB).QueryContext", passed, "database/sql"},
		{"runtime.goexit", passed, "runtime"},
		{"reflect.Value.call", passed, "reflect"},
		{"sync.(*Once).doSlow", passed, "sync"},
		{"iter.Pull[...].func2", passed, "iter"},
		{"github.com/aws/aws-sdk-go-v2/service/s3.(*Client).PutObject", sdkClient, "github.com/aws/aws-sdk-go-v2/service/s3"},
		{"github.com/aws/aws-sdk-go-v2/service/dynamodb.(*Client).invokeOperation", sdkClient, "github.com/aws/aws-sdk-go-v2/service/dynamodb"},
		{"github.com/aws/aws-sdk-go-v2/service/s3.(*PresignClient).PresignGetObject", passedSDK, "github.com/aws/aws-sdk-go-v2/service/s3"},
		{"github.com/aws/aws-sdk-go-v2/service/s3.(*ListObjectsV2Paginator).NextPage", passedSDK, "github.com/aws/aws-sdk-go-v2/service/s3"},
		{"github.com/aws/aws-sdk-go-v2/service/dynamodb.(*TableExistsWaiter).Wait", passedSDK, "github.com/aws/aws-sdk-go-v2/service/dynamodb"},
		{"github.com/aws/aws-sdk-go-v2/feature/s3/manager.(*uploader).upload", passedSDK, "github.com/aws/aws-sdk-go-v2/feature/s3/manager"},
		{"github.com/aws/aws-sdk-go-v2/credentials/stscreds.(*AssumeRoleProvider).Retrieve", passedSDK, "github.com/aws/aws-sdk-go-v2/credentials/stscreds"},
		{"github.com/aws/aws-sdk-go-v2/aws/transport/http.(*BuildableClient).Do", passedSDK, "github.com/aws/aws-sdk-go-v2/aws/transport/http"},
		{"github.com/aws/smithy-go/middleware.(*Stack).HandleMiddleware", passedSDK, "github.com/aws/smithy-go/middleware"},
		{"github.com/aws/smithy-go/transport/http.ClientHandler.Handle", passedSDK, "github.com/aws/smithy-go/transport/http"},
		{"github.com/aws/aws-sdk-go/aws/request.(*Request).Send", passedSDK, "github.com/aws/aws-sdk-go/aws/request"},
		{"github.com/aws/aws-lambda-go/lambda.(*Function).Invoke", passedSDK, "github.com/aws/aws-lambda-go/lambda"},
		{"github.com/awslabs/shop.Do", user, "github.com/awslabs/shop"},
		{"github.com/aws/aws-xray-sdk-go/xray.Client", user, "github.com/aws/aws-xray-sdk-go/xray"},
		{"github.com/outguard/outguard/guard.(*Guard).Check", passed, "github.com/outguard/outguard/guard"},
		{"github.com/outguard/outguard/httpguard.(*Transport).RoundTrip", passed, "github.com/outguard/outguard/httpguard"},
		{"golang.org/x/net/http2.(*Transport).RoundTrip", passed, "golang.org/x/net/http2"},
	} {
		kind, path := kindOf(c.function)
		assert.Equal(t, c.want, kind, c.function)
		assert.Equal(t, c.path, path, c.function)
	}
}

// Stacks, innermost frame first, and the frame that is the caller; "-" if it cannot be known.
func TestCallerOfAStack(t *testing.T) {
	const (
		outguard = "github.com/outguard/outguard/httpguard.(*Transport).RoundTrip"
		send     = "net/http.send"
		do       = "net/http.(*Client).do"
		app      = "example.com/shop/pay.Charge"
		handler  = "main.handle"
		goexit   = "runtime.goexit"
		op       = "github.com/aws/aws-sdk-go-v2/service/s3.(*Client).invokeOperation"
		put      = "github.com/aws/aws-sdk-go-v2/service/s3.(*Client).PutObject"
		smithy   = "github.com/aws/smithy-go/middleware.decoratedInitializeHandler.HandleInitialize"
		otelaws  = "go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws.otelMiddlewares.finalizeMiddlewareAfter.func1"
		otelhttp = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.(*Transport).RoundTrip"
		stripe   = "github.com/stripe/stripe-go/v76.(*BackendImplementation).Do"
		manager  = "github.com/aws/aws-sdk-go-v2/feature/s3/manager.(*multiuploader).send"
		build    = "github.com/aws/aws-sdk-go-v2/aws/transport/http.(*BuildableClient).Do"
	)
	for _, c := range []struct {
		name  string
		stack []string
		want  string
	}{
		{"http", []string{outguard, send, do, "net/http.(*Client).Get", "net/http.Get", app, handler, goexit}, app},
		{"a round tripper", []string{outguard, otelhttp, send, do, app, handler}, app},
		{"two round trippers", []string{outguard, "golang.org/x/oauth2.(*Transport).RoundTrip", otelhttp, send, do, app}, app},
		{"a round tripper with a client", []string{outguard, send, do, "golang.org/x/oauth2/internal.RetrieveToken", "golang.org/x/oauth2.(*Transport).RoundTrip", send, do, app}, "golang.org/x/oauth2/internal.RetrieveToken"},
		{"no client", []string{outguard, otelhttp, "net/http/httputil.(*ReverseProxy).ServeHTTP", app}, otelhttp},
		{"a library", []string{outguard, send, do, stripe, app, handler}, stripe},
		{"an operation", []string{"github.com/outguard/outguard/awsmiddleware.(*middleware).HandleInitialize", smithy, op, put, app}, app},
		{"an operation with otelaws", []string{"github.com/outguard/outguard/awsmiddleware.(*wire).HandleDeserialize", smithy, otelaws, smithy, op, put, app}, app},
		{"the requests of the SDK", []string{outguard, send, do, build, smithy, otelaws, smithy, op, put, app}, app},
		{"a paginator", []string{smithy, op, "github.com/aws/aws-sdk-go-v2/service/s3.(*Client).ListObjectsV2", "github.com/aws/aws-sdk-go-v2/service/s3.(*ListObjectsV2Paginator).NextPage", app}, app},
		{"a manager", []string{smithy, op, put, manager, "github.com/aws/aws-sdk-go-v2/feature/s3/manager.Uploader.Upload", app}, app},
		{"a goroutine of a manager", []string{smithy, otelaws, op, put, manager, goexit}, "-"},
		{"a goroutine of a library", []string{outguard, send, do, stripe, goexit}, stripe},
		{"a goroutine of the function", []string{outguard, send, do, "example.com/shop/pay.Charge.func1", goexit}, "example.com/shop/pay.Charge.func1"},
		{"errgroup", []string{outguard, send, do, "example.com/shop/pay.All.func1", "golang.org/x/sync/errgroup.(*Group).Go.func1", goexit}, "example.com/shop/pay.All.func1"},
		{"a direct check", []string{"github.com/outguard/outguard/guard.(*Guard).Check", app}, app},
		{"nothing but the standard library", []string{outguard, send, "net/http.(*persistConn).readLoop", goexit}, "-"},
		{"grpc", []string{"github.com/outguard/outguard/httpguard.(*Transport).DialContext", "google.golang.org/grpc/internal/transport.dial", "google.golang.org/grpc.(*addrConn).connect", goexit}, "google.golang.org/grpc/internal/transport.dial"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var scan callerScan
			got := "-"
			for _, function := range c.stack {
				kind, _ := kindOf(function)
				if found := scan.next(&site{kind: kind, place: function}); found != nil {
					got = found.place
					break
				}
			}
			if got == "-" && scan.outer() != nil {
				got = scan.outer().place
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// A rule with callers: lets this package call, by its own name, and no other.
func TestCallersOfCheck(t *testing.T) {
	g := newGuard(t, "version: 1\non_violation: block\nwhitelist:\n"+
		"  - {http: a.example, callers: example.com/shop/pay}\n"+
		"  - {http: b.example, callers: example.com/other/...}\n"+
		"  - {http: c.example, callers: github.com/stripe/stripe-go/...}\n")
	// Files of this test belong to package guard, which calls pass through, so the caller is
	// further out.
	err := g.Check(context.Background(), request(t, "GET", "https://b.example/"))
	assert.ErrorContains(t, err, "matches all but the caller")
	c := request(t, "GET", "https://b.example/")
	c.Caller = func() (string, bool) { return "example.com/other/x", false }
	assert.NoError(t, g.Check(context.Background(), c))
}

// Looking a caller up takes no memory.
func TestCallerTakesNoMemory(t *testing.T) {
	look := func() { callerPackage() }
	look()
	alloctest.AtMost(t, 0, look)
	g := newGuard(t, "version: 1\nwhitelist: [{http: b.example}]\n")
	c := policy.Call{HTTP: must(http.NewRequest("GET", "https://b.example/x", nil))}
	alloctest.AtMost(t, 0, func() { _ = g.Check(context.Background(), c) })
	assert.False(t, strings.Contains(mainPath(), " "))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func BenchmarkCaller(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		callerPackage()
	}
}
