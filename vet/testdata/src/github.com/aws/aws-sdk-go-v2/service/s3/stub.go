package s3

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

type Client struct{}

type Options struct {
	Region     string
	APIOptions []func(*middleware.Stack) error
}

func New(Options, ...func(*Options)) *Client                         { return nil }
func NewFromConfig(aws.Config, ...func(*Options)) *Client            { return nil }
func WithAPIOptions(...func(*middleware.Stack) error) func(*Options) { return nil }
