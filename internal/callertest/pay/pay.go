// Package pay makes calls from code of every shape. It stands for a package of a function.
package pay

//go:generate sh -c "go run ../gen > cases.go.new && mv cases.go.new cases.go"

//lint:file-ignore SA1019 functions use these clients, deprecated or not

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/stripe/stripe-go/v82/client"
)

// A Case makes one call, to something that has "case-N" in its name.
type Case struct {
	Shape, Way string
	N          int
	Call       func() error
}

// The clients that the cases use. Whoever runs them sets these first.
var (
	Client, Traced *http.Client
	Objects        *s3.Client
	Retrying       *retryablehttp.Client
	Stripe         *client.API
)

var ctx = context.Background()

type doer interface{ Do() error }

func second[T any](_ T, err error) error { return err }

func asError(v any) error {
	err, _ := v.(error)
	return err
}

func request(url string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	return r
}

func object(bucket string) *s3.GetObjectInput {
	return &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("k")}
}

func bucket(name string) *s3.ListObjectsV2Input { return &s3.ListObjectsV2Input{Bucket: &name} }

func upload(bucket string) *s3.PutObjectInput {
	return &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("k"), Body: strings.NewReader("x")}
}
