package recipetest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
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
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/types"
	"google.golang.org/api/oauth2/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
)

// A Recipe makes one call to "host:port" with a library as docs/recipes.md wires it.
type Recipe struct {
	Name string
	HTTP bool // judged as a request, so that an http: rule allows it
	Call func(ctx context.Context, g *guard.Guard, addr string) error
}

// All are the recipes. Lines between the marks are in the documentation.
var All = []Recipe{
	{"pgx", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		cfg, err := pgx.ParseConfig("postgres://u:p@" + addr + "/db?sslmode=disable")
		if err != nil {
			return err
		}
		// recipe: pgx
		cfg.DialFunc = httpguard.DialContext(g, nil)
		cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
		// end
		_, err = pgx.ConnectConfig(ctx, cfg)
		return err
	}},
	{"mysql", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.Logger = "tcp", addr, new(mysql.NopLogger)
		// recipe: mysql
		cfg.DialFunc = httpguard.DialContext(g, nil)
		// end
		connector, err := mysql.NewConnector(cfg)
		if err != nil {
			return err
		}
		_, err = connector.Connect(ctx)
		return err
	}},
	{"go-redis", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		opts := &redis.Options{Addr: addr, MaxRetries: -1}
		// recipe: go-redis
		opts.Dialer = httpguard.DialContext(g, nil)
		// end
		c := redis.NewClient(opts)
		defer c.Close()
		return c.Ping(ctx).Err()
	}},
	{"go-redis with TLS", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		opts, err := redis.ParseURL("rediss://" + addr + "?max_retries=-1")
		if err != nil {
			return err
		}
		// recipe: go-redis with TLS
		dial := httpguard.DialContext(g, nil)
		opts.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return tls.Client(conn, opts.TLSConfig), nil
		}
		// end
		c := redis.NewClient(opts)
		defer c.Close()
		return c.Ping(ctx).Err()
	}},
	{"mongo", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		opts := options.Client().ApplyURI("mongodb://" + addr + "/?directConnection=true").SetServerSelectionTimeout(300 * time.Millisecond)
		// recipe: mongo
		opts.SetDialer(&httpguard.Dialer{Guard: g})
		// end
		c, err := mongo.Connect(opts)
		if err != nil {
			return err
		}
		defer func() { _ = c.Disconnect(ctx) }()
		return c.Ping(ctx, nil)
	}},
	{"kafka-go, a reader", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: kafka-go, a reader
		dialer := &kafka.Dialer{DialFunc: httpguard.DialContext(g, nil)}
		// end
		_, err := dialer.DialLeader(ctx, "tcp", addr, "topic", 0)
		return err
	}},
	{"kafka-go, a writer", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "topic", MaxAttempts: 1}
		// recipe: kafka-go, a writer
		w.Transport = &kafka.Transport{Dial: httpguard.DialContext(g, nil)}
		// end
		defer w.Close()
		return w.WriteMessages(ctx, kafka.Message{Value: []byte("x")})
	}},
	{"nats", false, func(_ context.Context, g *guard.Guard, addr string) error {
		// recipe: nats
		opts := []nats.Option{nats.SetCustomDialer(&httpguard.Dialer{Guard: g}), nats.SkipHostLookup()}
		// end
		_, err := nats.Connect("nats://"+addr, append(opts, nats.Timeout(time.Second))...)
		return err
	}},
	{"gRPC", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: gRPC
		dial := httpguard.DialContext(g, nil)
		dialer := grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return dial(ctx, "tcp", addr) })
		conn, err := grpc.NewClient("passthrough:///"+addr, dialer, grpc.WithTransportCredentials(insecure.NewCredentials()))
		// end
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = grpc_health_v1.NewHealthClient(conn).Check(ctx, new(grpc_health_v1.HealthCheckRequest))
		return err
	}},
	{"resty", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: resty
		c := resty.New().SetTransport(g.Transport(nil))
		// end
		_, err := c.R().SetContext(ctx).Get("http://" + addr + "/x")
		return err
	}},
	{"go-retryablehttp", true, func(_ context.Context, g *guard.Guard, addr string) error {
		c := retryablehttp.NewClient()
		tries := 0
		c.Logger, c.RetryMax, c.RetryWaitMin, c.RetryWaitMax = nil, 4, time.Millisecond, time.Millisecond
		c.RequestLogHook = func(retryablehttp.Logger, *http.Request, int) { tries++ }
		// recipe: go-retryablehttp
		c.HTTPClient.Transport = g.Transport(c.HTTPClient.Transport)
		c.CheckRetry = func(ctx context.Context, r *http.Response, err error) (bool, error) {
			if guard.IsBlocked(err) {
				return false, err
			}
			return retryablehttp.DefaultRetryPolicy(ctx, r, err)
		}
		// end
		err := Drain(c.Get("http://" + addr + "/x"))
		if tries != 1 {
			return fmt.Errorf("%d tries", tries)
		}
		return err
	}},
	{"go-cleanhttp", true, func(_ context.Context, g *guard.Guard, addr string) error {
		c := cleanhttp.DefaultClient()
		// recipe: go-cleanhttp
		c.Transport = g.Transport(c.Transport)
		// end
		return Drain(c.Get("http://" + addr + "/x"))
	}},
	{"vault", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		cfg := vault.DefaultConfig()
		cfg.Address, cfg.MaxRetries = "http://"+addr, 0
		// recipe: vault
		cfg.HttpClient.Transport = g.Transport(cfg.HttpClient.Transport)
		// end
		c, err := vault.NewClient(cfg)
		if err != nil {
			return err
		}
		_, err = c.Logical().ReadWithContext(ctx, "secret/x")
		return err
	}},
	{"fasthttp", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		c := &fasthttp.Client{MaxIdemponentCallAttempts: 1}
		// recipe: fasthttp
		c.Dial = func(addr string) (net.Conn, error) { return (&httpguard.Dialer{Guard: g}).Dial("tcp", addr) }
		// end
		_, _, err := c.Get(nil, "http://"+addr+"/x")
		return err
	}},
	{"gorilla/websocket", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: gorilla/websocket
		dialer := &websocket.Dialer{NetDialContext: httpguard.DialContext(g, nil), HandshakeTimeout: 45 * time.Second}
		// end
		_, _, err := dialer.DialContext(ctx, "ws://"+addr+"/x", nil)
		return err
	}},
	{"sentry", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		opts := sentry.ClientOptions{Dsn: "http://key@" + addr + "/1"}
		// recipe: sentry
		opts.HTTPTransport = g.Transport(nil)
		// end
		c, err := sentry.NewClient(opts)
		if err != nil {
			return err
		}
		c.CaptureMessage("x", nil, nil)
		c.FlushWithContext(ctx) // its delivery is silent
		return nil
	}},
	{"OTLP over HTTP", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: OTLP over HTTP
		opt := otlptracehttp.WithHTTPClient(&http.Client{Transport: g.Transport(nil), Timeout: 10 * time.Second})
		// end
		exporter, err := otlptracehttp.New(ctx, opt, otlptracehttp.WithEndpointURL("http://"+addr), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
		if err != nil {
			return err
		}
		return export(ctx, exporter)
	}},
	{"OTLP over gRPC", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: OTLP over gRPC
		dial := httpguard.DialContext(g, nil)
		dialer := grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return dial(ctx, "tcp", addr) })
		exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint("passthrough:///"+addr), otlptracegrpc.WithDialOption(dialer),
			// end
			otlptracegrpc.WithInsecure(), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))
		if err != nil {
			return err
		}
		return export(ctx, exporter)
	}},
	{"go-github", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: go-github
		c := github.NewClient(&http.Client{Transport: g.Transport(nil)})
		// end
		c.BaseURL = &url.URL{Scheme: "http", Host: addr, Path: "/"}
		_, _, err := c.Meta.Zen(ctx)
		return err
	}},
	{"slack-go", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		opts := []slack.Option{slack.OptionAPIURL("http://" + addr + "/")}
		// recipe: slack-go
		opts = append(opts, slack.OptionHTTPClient(&http.Client{Transport: g.Transport(nil)}))
		// end
		_, err := slack.New("token", opts...).AuthTestContext(ctx)
		return err
	}},
	{"stripe-go", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		cfg := stripeConfig(addr)
		// recipe: stripe-go
		cfg.HTTPClient = &http.Client{Transport: g.Transport(nil), Timeout: 80 * time.Second}
		c := stripe.NewClient("key", stripe.WithBackends(stripe.NewBackendsWithConfig(cfg)))
		// end
		_, err := c.V1Balance.Retrieve(ctx, nil)
		return err
	}},
	{"Google APIs", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		opts := []option.ClientOption{option.WithEndpoint("http://" + addr)}
		// recipe: Google APIs
		opts = append(opts, option.WithHTTPClient(&http.Client{Transport: g.Transport(nil)}))
		// end
		s, err := oauth2.NewService(ctx, opts...)
		if err != nil {
			return err
		}
		_, err = s.Tokeninfo().Context(ctx).Do()
		return err
	}},
	{"X-Ray SDK", true, func(ctx context.Context, g *guard.Guard, addr string) error {
		// recipe: X-Ray SDK
		c := xray.Client(&http.Client{Transport: g.Transport(nil)})
		// end
		ctx, segment := xray.BeginSegment(ctx, "test")
		defer segment.Close(nil)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/x", nil)
		if err != nil {
			return err
		}
		return Drain(c.Do(r))
	}},
	{"go.podman.io/image", false, func(ctx context.Context, g *guard.Guard, addr string) error {
		sys := &types.SystemContext{DockerInsecureSkipTLSVerify: types.OptionalBoolTrue}
		// recipe: go.podman.io/image
		sys.DockerProxy = func(u *url.URL) (*url.URL, error) {
			return nil, g.Check(ctx, policy.Call{Net: u.Host, Via: policy.ViaDial})
		}
		// end
		ref, err := docker.ParseReference("//" + addr + "/image:tag")
		if err != nil {
			return err
		}
		_, err = ref.NewImageSource(ctx, sys)
		return err
	}},
}

// stripeConfig has the settings of a client whose only server is at addr.
func stripeConfig(addr string) *stripe.BackendConfig {
	return &stripe.BackendConfig{
		URL: stripe.String("http://" + addr), MaxNetworkRetries: stripe.Int64(0), LeveledLogger: new(stripe.LeveledLogger),
	}
}

func export(ctx context.Context, e *otlptrace.Exporter) error {
	defer func() { _ = e.Shutdown(ctx) }()
	return e.ExportSpans(ctx, []sdktrace.ReadOnlySpan{tracetest.SpanStub{Name: "x"}.Snapshot()})
}

// Drain reads and closes a response.
func Drain(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
