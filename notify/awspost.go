package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/outguard/outguard/internal/awsname"
)

// This file calls AWS by one signed POST. The SDK's modules for these services, with the
// configuration that they need, would add 1.9 MB and 6 ms to every function.

// An awsService is one of the services that sinks call.
type awsService struct {
	name string // the signing name, the IAM prefix and the first label of the host
	id   string // the suffix of AWS_ENDPOINT_URL_
}

// They index awsServices and Env.endpoints.
const (
	serviceSNS = iota
	serviceEvents
	serviceSecrets
	serviceSSM
	serviceS3
	serviceCount
)

var awsServices = [serviceCount]awsService{
	serviceSNS:     {"sns", "SNS"},
	serviceEvents:  {"events", "EVENTBRIDGE"},
	serviceSecrets: {"secretsmanager", "SECRETS_MANAGER"},
	serviceSSM:     {"ssm", "SSM"},
	serviceS3:      {"s3", "S3"},
}

// An awsClient calls AWS with the credentials of the function.
// See decision 31.
type awsClient struct {
	env         *Env
	wire        wire
	credentials credentials
	signer      *v4.Signer
	// skew is how far AWS's clock is ahead of this machine's, in nanoseconds, as far as refused
	// requests have shown.
	skew atomic.Int64
}

// newAWSClient returns a client that reads credentials at its first call.
func newAWSClient(env *Env) *awsClient {
	return &awsClient{env: env, wire: wire{env: env, aws: true}, signer: v4.NewSigner()}
}

// serviceURL returns the URL of a service, as the SDK would choose it: $AWS_ENDPOINT_URL_<id>,
// $AWS_ENDPOINT_URL, else the host of the region's partition.
func (e *Env) serviceURL(service int, region string) (*url.URL, error) {
	s := awsServices[service]
	for _, configured := range []string{e.endpoints[service], e.endpoint} {
		if configured == "" {
			continue
		}
		// The path and the body of the call follow, so a user, a query or a fragment has no place.
		u, err := url.Parse(configured)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" ||
			u.Fragment != "" || u.Port() != "" && !isPort(u.Port()) {
			return nil, fmt.Errorf("AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_%s is not a URL of the form https://host:port/path", s.id)
		}
		return u.JoinPath("/"), nil
	}
	return &url.URL{Scheme: "https", Host: awsname.Endpoint(s.name, region, e.fips), Path: "/"}, nil
}

// An awsRequest is one call.
type awsRequest struct {
	service int
	region  string // "": the function's
	kind    string // content type
	target  string // X-Amz-Target; "": none
	body    []byte
	// failure finds the error code in the body of a response that is not a success.
	failure func(body []byte) (code string)
	// hint explains an error code; nil, or "" for a code without an explanation.
	hint func(code string) string
}

// post sends q and returns the response's body, the first 64 KB of it, when the status is a
// success. cut reports that the body ended early. An error is an *errTransient if another try is
// worthwhile.
func (c *awsClient) post(ctx context.Context, q awsRequest) (body []byte, cut error, err error) {
	// The topic's or the bus's own region comes first: a function may publish to another region.
	region := q.region
	if region == "" {
		region = c.env.region
	}
	// The region becomes a part of the host. "eu-west-1.evil.example/" must not lead elsewhere with
	// a signed request.
	if !awsname.ValidRegion(region) {
		return nil, nil, errors.New("no AWS region: set AWS_REGION")
	}
	to, err := c.env.serviceURL(q.service, region)
	if err != nil {
		return nil, nil, err
	}
	credentials, err := c.credentials.get(ctx, c.env, &c.wire)
	if err != nil {
		return nil, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, nil, errors.New("the endpoint's URL cannot be read")
	}
	r.Header.Set("Content-Type", q.kind)
	if q.target != "" {
		r.Header.Set("X-Amz-Target", q.target)
	}
	// The signature covers the hash, so that nobody on the way can change the alert.
	sum := sha256.Sum256(q.body)
	// A clock may be wrong on a developer's machine. An earlier refusal has shown by how much.
	skew := time.Duration(c.skew.Load())
	name := awsServices[q.service].name
	if err := c.signer.SignHTTP(ctx, credentials, r, hex.EncodeToString(sum[:]), name, region, time.Now().Add(skew)); err != nil {
		return nil, nil, errors.New("the request cannot be signed")
	}
	response, err := c.wire.do(r)
	if err != nil {
		// No response: the connection failed, and nothing is known of the receiver.
		return nil, nil, &errTransient{err: err}
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if response.StatusCode/100 != 2 {
		// The body may be cut or be someone else's. Some services give the code in a header too.
		code := q.failure(body)
		if code == "" {
			code = response.Header.Get("X-Amzn-Errortype")
		}
		return nil, nil, c.refused(response, apiCode(bareCode(code)), skew, q.hint)
	}
	if err != nil {
		cut = fmt.Errorf("the response was cut: %w", bare(err))
	}
	return body, cut, nil
}

// refused returns the error for a response that is not a success.
func (c *awsClient) refused(response *http.Response, code string, signedWith time.Duration, hint func(string) string) error {
	now := time.Now()
	switch {
	case transientCode(code):
		return &errTransient{errors.New("throttled: " + code), retryAfter(response.Header.Get("Retry-After"), now)}
	// Only credentials that can be read anew are worth a retry. Those of the environment stay
	// invalid.
	case expiredCode(code) && c.credentials.forget():
		return &errTransient{err: errors.New("the credentials are no longer valid: " + code)}
	case skewCode(code):
		// A wrong key gives some of these codes too. The Date decides: only a difference that AWS
		// does not forgive is the clock's.
		theirs, err := http.ParseTime(response.Header.Get("Date"))
		if skew := theirs.Sub(now); err == nil && (skew-signedWith).Abs() > maxSkew {
			c.skew.Store(int64(skew))
			return &errTransient{err: fmt.Errorf("this machine's clock is %v off: %s", skew.Abs().Round(time.Second), code)}
		}
	}
	if hint != nil {
		if text := hint(code); text != "" {
			code += ": " + text
		}
	}
	return statusError(response, code)
}

// maxSkew is what AWS forgives of a clock, with a margin: it accepts five minutes.
const maxSkew = 4 * time.Minute

// skewCode reports error codes of requests that AWS refuses because of their time, among other
// reasons.
func skewCode(code string) bool {
	switch code {
	case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException", "SignatureDoesNotMatch",
		"AuthFailure", "InvalidSignature":
		return true
	}
	return false
}

// transientCode reports error codes that a later try may not meet: AWS is busy, or asks to slow
// down.
func transientCode(code string) bool {
	// Services spell them in several ways: Throttling, ThrottlingException, ThrottledException.
	code = strings.ToLower(code)
	switch code = strings.TrimSuffix(code, "exception"); code {
	case "toomanyrequests", "provisionedthroughputexceeded", "transactioninprogress", "requestlimitexceeded", "bandwidthlimitexceeded",
		"limitexceeded", "slowdown", "reduceyourrequestrate", "priorrequestnotcomplete", "requesttimeout", "serviceunavailable":
		return true
	}
	return strings.Contains(code, "throttl") || strings.HasPrefix(code, "internal")
}

// expiredCode reports error codes of credentials that are no longer valid.
func expiredCode(code string) bool {
	switch strings.TrimSuffix(code, "Exception") {
	case "ExpiredToken", "TokenRefreshRequired", "InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "InvalidToken":
		return true
	}
	return false
}

// noCode stands for an error code that is missing or does not look like one.
const noCode = "an error without a code"

// apiCode returns code if it looks like an AWS error code. Nothing else of a response is repeated
// in errors.
func apiCode(code string) string {
	if len(code) < 3 || len(code) > 64 || !isLetter(code[0]) {
		return noCode
	}
	// An error is logged. Text of a receiver's choice must not get there.
	for i := range len(code) {
		if c := code[i]; !isLetter(c) && (c < '0' || c > '9') && c != '.' {
			return noCode
		}
	}
	return code
}

// bareCode returns an error code without the namespace before it and the address after it:
// "Throttling" for "com.amazonaws.events#Throttling:http://internal.amazon.com/".
func bareCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return code[strings.LastIndexByte(code, '#')+1:]
}

// isLetter reports whether c is an ASCII letter.
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// arnRegion returns the region of an ARN, or "" for any other text.
func arnRegion(arn string) string {
	if parts := strings.Split(arn, ":"); parts[0] == "arn" && len(parts) >= 6 {
		return parts[3]
	}
	return ""
}
