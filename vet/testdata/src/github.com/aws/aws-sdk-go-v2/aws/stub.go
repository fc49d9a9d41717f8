package aws

import "github.com/aws/smithy-go/middleware"

type Config struct {
	Region     string
	APIOptions []func(*middleware.Stack) error
}

func NewConfig() *Config      { return nil }
func (c Config) Copy() Config { return c }
