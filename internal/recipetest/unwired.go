package recipetest

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/getsentry/sentry-go"
	"github.com/go-resty/resty/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/google/go-github/v68/github"
	"github.com/gorilla/websocket"
	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
	vault "github.com/hashicorp/vault/api"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/slack-go/slack"
	"github.com/stripe/stripe-go/v82"
	"github.com/valyala/fasthttp"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/types"
	"google.golang.org/api/oauth2/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// Unwired are libraries as they are used without a guard, by the names of their recipes, and two
// types of the standard library.
var Unwired = map[string]func(ctx context.Context, addr string) error{
	"http.Transport": func(ctx context.Context, addr string) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr, nil)
		if err != nil {
			return err
		}
		return Drain((&http.Client{Transport: &http.Transport{}}).Do(r))
	},
	"net.Dialer": func(ctx context.Context, addr string) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err
	},
	"gRPC": func(ctx context.Context, addr string) error {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = grpc_health_v1.NewHealthClient(conn).Check(ctx, new(grpc_health_v1.HealthCheckRequest))
		return err
	},
	"pgx": func(ctx context.Context, addr string) error {
		_, err := pgx.Connect(ctx, "postgres://u:p@"+addr+"/db?sslmode=disable")
		return err
	},
	"mysql": func(ctx context.Context, addr string) error {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.Logger = "tcp", addr, new(mysql.NopLogger)
		connector, err := mysql.NewConnector(cfg)
		if err != nil {
			return err
		}
		_, err = connector.Connect(ctx)
		return err
	},
	"go-redis": func(ctx context.Context, addr string) error {
		c := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
		defer c.Close()
		return c.Ping(ctx).Err()
	},
	"mongo": func(ctx context.Context, addr string) error {
		c, err := mongo.Connect(options.Client().ApplyURI("mongodb://" + addr + "/?directConnection=true").SetServerSelectionTimeout(300 * time.Millisecond))
		if err != nil {
			return err
		}
		defer func() { _ = c.Disconnect(ctx) }()
		return c.Ping(ctx, nil)
	},
	"kafka-go, a reader": func(ctx context.Context, addr string) error {
		_, err := kafka.DialLeader(ctx, "tcp", addr, "topic", 0)
		return err
	},
	"nats": func(_ context.Context, addr string) error {
		_, err := nats.Connect("nats://"+addr, nats.Timeout(time.Second))
		return err
	},
	"resty": func(ctx context.Context, addr string) error {
		_, err := resty.New().R().SetContext(ctx).Get("http://" + addr)
		return err
	},
	"go-cleanhttp": func(_ context.Context, addr string) error {
		return Drain(cleanhttp.DefaultClient().Get("http://" + addr))
	},
	"go-retryablehttp": func(ctx context.Context, addr string) error {
		c := retryablehttp.NewClient()
		c.Logger, c.RetryMax = nil, 0
		r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr, nil)
		if err != nil {
			return err
		}
		return Drain(c.Do(r))
	},
	"vault": func(ctx context.Context, addr string) error {
		cfg := vault.DefaultConfig()
		cfg.Address, cfg.MaxRetries = "http://"+addr, 0
		c, err := vault.NewClient(cfg)
		if err != nil {
			return err
		}
		_, err = c.Logical().ReadWithContext(ctx, "secret/x")
		return err
	},
	"fasthttp": func(_ context.Context, addr string) error {
		_, _, err := (&fasthttp.Client{MaxIdemponentCallAttempts: 1}).Get(nil, "http://"+addr)
		return err
	},
	"gorilla/websocket": func(ctx context.Context, addr string) error {
		_, _, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+addr, nil)
		return err
	},
	"OTLP over HTTP": func(ctx context.Context, addr string) error {
		e, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL("http://"+addr), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
		if err != nil {
			return err
		}
		return export(ctx, e)
	},
	"OTLP over gRPC": func(ctx context.Context, addr string) error {
		e, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(addr), otlptracegrpc.WithInsecure(), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))
		if err != nil {
			return err
		}
		return export(ctx, e)
	},
	"go-redis with TLS": func(ctx context.Context, addr string) error {
		opts, err := redis.ParseURL("rediss://" + addr + "?max_retries=-1")
		if err != nil {
			return err
		}
		c := redis.NewClient(opts)
		defer c.Close()
		return c.Ping(ctx).Err()
	},
	"kafka-go, a writer": func(ctx context.Context, addr string) error {
		w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "topic", MaxAttempts: 1}
		defer w.Close()
		return w.WriteMessages(ctx, kafka.Message{Value: []byte("x")})
	},
	"sentry": func(ctx context.Context, addr string) error {
		c, err := sentry.NewClient(sentry.ClientOptions{Dsn: "http://key@" + addr + "/1"})
		if err != nil {
			return err
		}
		c.CaptureMessage("x", nil, nil)
		c.FlushWithContext(ctx) // its delivery is silent
		return nil
	},
	"go-github": func(ctx context.Context, addr string) error {
		c := github.NewClient(&http.Client{Transport: new(http.Transport)}) // as an application's token adds one
		c.BaseURL = &url.URL{Scheme: "http", Host: addr, Path: "/"}
		_, _, err := c.Meta.Zen(ctx)
		return err
	},
	"slack-go": func(ctx context.Context, addr string) error {
		_, err := slack.New("token", slack.OptionAPIURL("http://"+addr+"/")).AuthTestContext(ctx)
		return err
	},
	"stripe-go": func(ctx context.Context, addr string) error {
		c := stripe.NewClient("key", stripe.WithBackends(stripe.NewBackendsWithConfig(stripeConfig(addr))))
		_, err := c.V1Balance.Retrieve(ctx, nil)
		return err
	},
	"Google APIs": func(ctx context.Context, addr string) error {
		s, err := oauth2.NewService(ctx, option.WithEndpoint("http://"+addr), option.WithoutAuthentication())
		if err != nil {
			return err
		}
		_, err = s.Tokeninfo().Context(ctx).Do()
		return err
	},
	"X-Ray SDK": func(ctx context.Context, addr string) error {
		c := xray.Client(&http.Client{Transport: new(http.Transport)})
		ctx, segment := xray.BeginSegment(ctx, "test")
		defer segment.Close(nil)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/x", nil)
		if err != nil {
			return err
		}
		return Drain(c.Do(r))
	},
	"go.podman.io/image": func(ctx context.Context, addr string) error {
		ref, err := docker.ParseReference("//" + addr + "/image:tag")
		if err != nil {
			return err
		}
		_, err = ref.NewImageSource(ctx, &types.SystemContext{DockerInsecureSkipTLSVerify: types.OptionalBoolTrue})
		return err
	},
}
