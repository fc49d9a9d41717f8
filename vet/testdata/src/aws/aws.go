package aws

import (
	"context"

	"example.com/awsx"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/smithy-go/middleware"
	"github.com/outguard/outguard/guard"
)

func bare(ctx context.Context) {
	cfg, _ := config.LoadDefaultConfig(ctx) // want `add config.WithAPIOptions\(guard.AWS\(\)\)`
	s3.NewFromConfig(cfg)
	_, _ = config.LoadDefaultConfig(ctx, config.WithRegion("eu-west-1")) // want `add config.WithAPIOptions\(guard.AWS\(\)\)`
	s3.NewFromConfig(aws.Config{})                                       // want `this aws.Config is not guarded: add APIOptions: guard.AWS\(\)`
	s3.NewFromConfig(aws.Config{Region: "eu-west-1"})                    // want `this aws.Config is not guarded`
	s3.NewFromConfig(*aws.NewConfig())                                   // want `this aws.Config is not guarded`
	s3.New(s3.Options{Region: "eu-west-1"})                              // want `set Options.APIOptions to guard.AWS\(\)`
	var zero aws.Config                                                  // want `zero.APIOptions = guard.AWS\(\)`
	zero.Region = "eu-west-1"
	s3.NewFromConfig(zero)
	foreign, _ := awsx.Config()
	s3.NewFromConfig(foreign)          // want `its config comes from awsx.Config`
	session.Must(session.NewSession()) // want `version 1 of the AWS SDK`
}

func halfGuarded(ctx context.Context) {
	cfg, _ := config.LoadDefaultConfig(ctx) // want `are not guarded`
	s3.NewFromConfig(cfg, guarded)
	s3.NewFromConfig(cfg)
}

func guarded(o *s3.Options) { o.APIOptions = append(o.APIOptions, guard.AWS()...) }

// An option of another kind does not guard AWS clients.
func wrongGuard(ctx context.Context, g *guard.Guard) {
	_, _ = config.LoadDefaultConfig(ctx, config.WithRegion(region(g.Transport(nil)))) // want `add config.WithAPIOptions\(g.AWS\(\)\)`
}

func region(any) string { return "" }

func fine(ctx context.Context) error {
	g, _ := guard.Load(nil)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithAPIOptions(g.AWS()))
	if err != nil {
		return err
	}
	s3.NewFromConfig(cfg)
	opts := []func(*config.LoadOptions) error{config.WithRegion("eu-west-1")}
	opts = append(opts, config.WithAPIOptions(guard.AWS()))
	_, _ = config.LoadDefaultConfig(ctx, opts...)
	_, _ = config.LoadDefaultConfig(ctx, func(o *config.LoadOptions) error {
		o.APIOptions = append(o.APIOptions, guard.AWS()...)
		return nil
	})
	later, _ := config.LoadDefaultConfig(ctx)
	later.APIOptions = append(later.APIOptions, g.AWS()...)
	s3.NewFromConfig(later)
	each, _ := config.LoadDefaultConfig(ctx)
	s3.NewFromConfig(each, func(o *s3.Options) { o.APIOptions = g.AWS() })
	s3.NewFromConfig(each, s3.WithAPIOptions(g.AWS()...))
	s3.New(s3.Options{APIOptions: g.AWS()})
	s3.NewFromConfig(aws.Config{APIOptions: guard.AWS()})
	helped, _ := config.LoadDefaultConfig(ctx)
	help(&helped)
	c, _ := load(ctx, guard.AWS())
	s3.NewFromConfig(c)
	return nil
}

func help(cfg *aws.Config) { cfg.APIOptions = guard.AWS() }

func load(ctx context.Context, o []func(*middleware.Stack) error) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithAPIOptions(o))
	if err != nil {
		return aws.Config{}, err
	}
	return cfg, nil
}

// Load is given its options by another package, which is judged there.
func Load(ctx context.Context, opts ...func(*config.LoadOptions) error) (aws.Config, error) {
	return config.LoadDefaultConfig(ctx, opts...)
}
