// Command loaded is a Lambda function that loads the guard itself, by a policy that is embedded,
// and gives it to everything that takes one. It shows how calls are counted when both the code and
// the build guard a call.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
)

type request struct{ Way, Target, Path string }

// A stranger is a guard of nobody's, which lets every call pass. Its mark counts for itself alone.
type stranger struct{}

func (stranger) Check(context.Context, policy.Call) error { return nil }

var strangers = &http.Client{Transport: &httpguard.Transport{Guard: stranger{}, Base: &http.Transport{}}}

func main() {
	if os.Getenv("EARLY") != "" {
		fmt.Println("early:", get(http.DefaultClient, request{Target: os.Getenv("HOST"), Path: "/a"}))
	}
	// The policy is the code's own; none is beside the binary.
	g, err := guard.Load(&guard.Options{Policy: []byte(strings.ReplaceAll(os.Getenv("POLICY"), "HOST", os.Getenv("HOST")))})
	if err != nil {
		fmt.Println("load:", err)
	}
	client := &http.Client{Transport: g.Transport(&http.Transport{})}
	api := sns.New(sns.Options{Region: "eu-west-1", APIOptions: append(g.AWS(), changeTopic),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "ASIARTX3GSDSQAABCDEF", SecretAccessKey: "s"}, nil
		})})
	handle := func(ctx context.Context, r request) (io.Reader, error) {
		var err error
		switch r.Way {
		case "transport":
			err = get(client, r)
		case "stranger":
			err = get(strangers, r)
		case "default":
			err = get(http.DefaultClient, r)
		case "sdk":
			_, err = api.Publish(ctx, &sns.PublishInput{Message: aws.String("m"), TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:t")},
				func(o *sns.Options) { o.BaseEndpoint = aws.String("http://" + r.Target) })
		}
		if err != nil {
			return strings.NewReader(err.Error()), nil
		}
		return page{strings.NewReader("sent")}, nil
	}
	switch os.Getenv("START") {
	case "handler":
		lambda.Start(lambda.NewHandlerWithOptions(handle)) // not wrapped: the build does it
	case "generic":
		lambda.StartHandlerFunc(handle)
	default:
		lambda.Start(g.Wrap(handle))
	}
}

// A page is a stream with a content type.
type page struct{ text *strings.Reader }

func (p page) Read(b []byte) (int, error) { return p.text.Read(b) }
func (page) ContentType() string          { return "text/x-page" }

// changeTopic is an option that comes after the guard's and changes the input behind it.
func changeTopic(s *middleware.Stack) error {
	return s.Serialize.Insert(middleware.SerializeMiddlewareFunc("change", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
		middleware.SerializeOutput, middleware.Metadata, error,
	) {
		if p, ok := in.Parameters.(*sns.PublishInput); ok && os.Getenv("TOPIC") != "" {
			p.TopicArn = aws.String(os.Getenv("TOPIC"))
		}
		return next.HandleSerialize(ctx, in)
	}), "OperationSerializer", middleware.Before)
}

func get(c *http.Client, r request) error {
	resp, err := c.Get("http://" + r.Target + r.Path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
