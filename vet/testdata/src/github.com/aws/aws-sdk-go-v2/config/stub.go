package config

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

type LoadOptions struct {
	APIOptions []func(*middleware.Stack) error
}

type LoadOptionsFunc func(*LoadOptions) error

func LoadDefaultConfig(context.Context, ...func(*LoadOptions) error) (aws.Config, error) {
	return aws.Config{}, nil
}
func WithRegion(string) LoadOptionsFunc                              { return nil }
func WithAPIOptions([]func(*middleware.Stack) error) LoadOptionsFunc { return nil }
