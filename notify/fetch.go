package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/fetchapi"
)

// This file fetches documents for package source, by the means that deliver alerts.

// Fetcher returns a function that fetches a document: at most 1 MB, no page of HTML, without
// following redirects. It is for package source, and may be called by several goroutines at once.
func Fetcher(env *Env) func(context.Context, fetchapi.Request) (fetchapi.Response, error) {
	f := &fetcher{aws: newAWSClient(env), local: wire{env: env, most: fetchapi.MaxDocument + 1}}
	// One byte more than is allowed, so that a document that is too long differs from one that just
	// fits.
	f.aws.wire.most = fetchapi.MaxDocument + 1
	return func(ctx context.Context, q fetchapi.Request) (got fetchapi.Response, err error) {
		defer f.aws.wire.closeIdle() // Lambda may freeze the process before the next one
		defer f.local.closeIdle()
		switch {
		case q.Local.Path != "":
			got, err = f.fromLocal(ctx, q)
		case q.Object.Bucket != "":
			got, err = f.object(ctx, q)
		case q.Parameter != "":
			got, err = f.parameter(ctx, q)
		default:
			return got, errors.New("nothing to fetch")
		}
		switch {
		case err != nil:
			return fetchapi.Response{}, err
		case len(got.Data) > fetchapi.MaxDocument:
			return fetchapi.Response{}, fmt.Errorf("the document has more than %d KB", fetchapi.MaxDocument>>10)
		// A login page, sent with 200 and any content type. As a policy it would be an error about
		// YAML, which says nothing about the cause.
		case bytes.HasPrefix(bytes.TrimLeft(got.Data, "\ufeff \t\r\n"), []byte("<")):
			return fetchapi.Response{}, errHTML
		}
		return got, nil
	}
}

// A fetcher has a wire for AWS, with AWS_CA_BUNDLE, and one for this machine.
type fetcher struct {
	aws   *awsClient
	local wire
}

// fromLocal asks an extension on this machine, such as AppConfig's agent.
func (f *fetcher) fromLocal(ctx context.Context, q fetchapi.Request) (got fetchapi.Response, err error) {
	// The port comes from the environment, and "80@evil.example" would lead away from localhost.
	if !isPort(q.Local.Port) {
		return got, errors.New("the port of the extension is not a number from 1 to 65535")
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", q.Local.Port), Path: q.Local.Path}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return got, errors.New("the request cannot be made")
	}
	response, err := f.local.do(r)
	if err != nil {
		return got, err
	}
	defer response.Body.Close()
	// AWS's specification of AppConfig's agent spells its headers without hyphens:
	// https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-OpenAPI.html
	version := cmp.Or(response.Header.Get(q.Local.Version), response.Header.Get(strings.ReplaceAll(q.Local.Version, "-", "")))
	return document(response, version)
}

// document reads a response that is a document.
func document(response *http.Response, version string) (got fetchapi.Response, err error) {
	if response.StatusCode != http.StatusOK {
		return got, statusError(response, "")
	}
	if isPage(response) {
		return got, errHTML
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return got, fmt.Errorf("the response was cut: %w", bare(err))
	}
	return fetchapi.Response{Data: body, Version: version}, nil
}

// object reads an object of S3. With q.Have, an object that has not changed is not sent again.
func (f *fetcher) object(ctx context.Context, q fetchapi.Request) (got fetchapi.Response, err error) {
	c, region := f.aws, q.Object.Region
	if region == "" {
		region = c.env.region
	}
	if !awsname.ValidRegion(region) {
		return got, errors.New("no AWS region: set AWS_REGION, or add ?region= to the URL")
	}
	to, err := c.env.objectURL(q.Object, region)
	if err != nil {
		return got, err
	}
	credentials, err := c.credentials.get(ctx, c.env, &c.wire)
	if err != nil {
		return got, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return got, errors.New("the endpoint's URL cannot be read")
	}
	if q.Have != "" {
		r.Header.Set("If-None-Match", q.Have)
	}
	// S3 demands the hash of the body in a header, also of none.
	empty := sha256.Sum256(nil)
	sum := hex.EncodeToString(empty[:])
	r.Header.Set("X-Amz-Content-Sha256", sum)
	skew := time.Duration(c.skew.Load())
	// S3 alone signs the path as it is sent. The other services sign it escaped once more.
	asS3 := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }
	if err := c.signer.SignHTTP(ctx, credentials, r, sum, "s3", region, time.Now().Add(skew), asS3); err != nil {
		return got, errors.New("the request cannot be signed")
	}
	response, err := c.wire.do(r)
	if err != nil {
		return got, err
	}
	defer response.Body.Close()
	switch {
	// Only if it was asked for: a 304 otherwise would be a document without content.
	case response.StatusCode == http.StatusNotModified && q.Have != "":
		return fetchapi.Response{Version: q.Have}, nil
	case response.StatusCode/100 == 2:
		return document(response, response.Header.Get("ETag"))
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxResponse)) // without a code, the status has to do
	return got, c.refused(response, apiCode(s3Failure(body)), skew, func(code string) string {
		// Without s3:ListBucket, S3 gives the same code for an object that is not there.
		if code == "AccessDenied" {
			return "the function's role does not allow s3:GetObject, or the object is not there"
		}
		return ""
	})
}

// objectURL returns the URL of an object: at the bucket's own host, or below the path of a
// configured endpoint, or where the bucket's name has dots that no certificate covers.
func (e *Env) objectURL(o fetchapi.Object, region string) (*url.URL, error) {
	to, err := e.serviceURL(serviceS3, region)
	if err != nil {
		return nil, err
	}
	// A wildcard certificate covers one label: *.s3.amazonaws.com does not fit
	// my.bucket.s3.amazonaws.com.
	if e.endpoints[serviceS3] != "" || e.endpoint != "" || strings.Contains(o.Bucket, ".") {
		to.Path += o.Bucket + "/" + o.Key
		return to, nil
	}
	to.Host, to.Path = o.Bucket+"."+to.Host, "/"+o.Key
	return to, nil
}

// s3Failure returns the code in an error of S3.
func s3Failure(body []byte) (code string) {
	walkXML(string(body), func(path, content string) {
		if path == "Error/Code" && code == "" {
			code = content
		}
	})
	return code
}

// parameter reads a parameter of SSM, decrypted.
func (f *fetcher) parameter(ctx context.Context, q fetchapi.Request) (got fetchapi.Response, err error) {
	var out struct {
		Parameter struct {
			Value   string
			Version int64
		}
	}
	getParameter := jsonCall{serviceSSM, targetGetParameter}
	err = getParameter.call(ctx, f.aws, arnRegion(q.Parameter), map[string]any{"Name": q.Parameter, "WithDecryption": true}, &out)
	if err != nil {
		return got, err
	}
	if out.Parameter.Value == "" {
		return got, errors.New("the parameter is empty")
	}
	return fetchapi.Response{Data: []byte(out.Parameter.Value), Version: strconv.FormatInt(out.Parameter.Version, 10)}, nil
}
