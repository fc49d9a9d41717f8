// Package recipes has the recipes of docs/recipes.md: nothing is found in it.
package recipes

import (
	"context"
	"crypto/tls"
	"database/sql"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/getsentry/sentry-go"
	"github.com/go-resty/resty/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/gorilla/websocket"
	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
	vault "github.com/hashicorp/vault/api"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/valyala/fasthttp"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.podman.io/image/v5/types"
	"google.golang.org/api/oauth2/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
)

func httpClients(ctx context.Context, g *guard.Guard) {
	c := resty.New().SetTransport(g.Transport(nil))
	_ = c
	chained := resty.New().SetBaseURL("https://x").SetTransport(g.Transport(nil))
	_ = chained
	later := resty.New()
	later.SetBaseURL("https://x").SetTransport(g.Transport(nil))

	r := retryablehttp.NewClient()
	r.HTTPClient.Transport = g.Transport(r.HTTPClient.Transport)

	std := cleanhttp.DefaultClient()
	std.Transport = g.Transport(std.Transport)

	cfg := vault.DefaultConfig()
	cfg.HttpClient.Transport = g.Transport(cfg.HttpClient.Transport)
	_, _ = vault.NewClient(cfg)

	fast := &fasthttp.Client{}
	fast.Dial = func(addr string) (net.Conn, error) { return (&httpguard.Dialer{Guard: g}).Dial("tcp", addr) }

	dialer := &websocket.Dialer{NetDialContext: httpguard.DialContext(g, nil)}
	_, _, _ = dialer.Dial("ws://x", nil)

	var opts []option.ClientOption
	opts = append(opts, option.WithHTTPClient(&http.Client{Transport: g.Transport(nil)}))
	_, _ = oauth2.NewService(ctx, opts...)

	sys := &types.SystemContext{}
	sys.DockerProxy = func(u *url.URL) (*url.URL, error) {
		return nil, g.Check(ctx, policy.Call{Net: u.Host, Via: policy.ViaDial})
	}
}

func grpcDialer(g *guard.Guard) grpc.DialOption {
	dial := httpguard.DialContext(g, nil)
	return grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return dial(ctx, "tcp", addr) })
}

func rpc(g *guard.Guard, addr string) {
	_, _ = grpc.NewClient("passthrough:///"+addr, grpcDialer(g))
}

func databases(ctx context.Context, g *guard.Guard) {
	cfg, _ := pgx.ParseConfig("postgres://")
	cfg.DialFunc = httpguard.DialContext(g, nil)
	cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	_, _ = pgx.ConnectConfig(ctx, cfg)

	my := mysql.NewConfig()
	my.DialFunc = httpguard.DialContext(g, nil)
	_, _ = mysql.NewConnector(my)

	dial := httpguard.DialContext(g, nil)
	mysql.RegisterDialContext("guarded", func(ctx context.Context, addr string) (net.Conn, error) { return dial(ctx, "tcp", addr) })
	_, _ = sql.Open("mysql", "guarded(x)/")

	opts := &redis.Options{Addr: "x"}
	opts.Dialer = httpguard.DialContext(g, nil)
	redis.NewClient(opts)

	secure, _ := redis.ParseURL("rediss://x")
	secure.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return tls.Client(conn, secure.TLSConfig), nil
	}
	redis.NewClient(secure)

	m := options.Client().ApplyURI("mongodb://x")
	m.SetDialer(&httpguard.Dialer{Guard: g})
	_, _ = mongo.Connect(m)
	_, _ = mongo.Connect(options.Client().ApplyURI("mongodb://x").SetDialer(&httpguard.Dialer{Guard: g}))
}

func queues(g *guard.Guard) {
	dialer := &kafka.Dialer{DialFunc: httpguard.DialContext(g, nil)}
	kafka.NewReader(kafka.ReaderConfig{Dialer: dialer})
	w := &kafka.Writer{}
	w.Transport = &kafka.Transport{Dial: httpguard.DialContext(g, nil)}

	opts := []nats.Option{nats.SetCustomDialer(&httpguard.Dialer{Guard: g}), nats.SkipHostLookup()}
	_, _ = nats.Connect("nats://x", opts...)
	_, _ = amqp.DialConfig("amqp://x", amqp.Config{Dial: (&httpguard.Dialer{Guard: g}).Dial})
}

func telemetry(ctx context.Context, g *guard.Guard) {
	opts := sentry.ClientOptions{Dsn: "https://x"}
	opts.HTTPTransport = g.Transport(nil)
	_ = sentry.Init(opts)

	opt := otlptracehttp.WithHTTPClient(&http.Client{Transport: g.Transport(nil), Timeout: 10 * time.Second})
	_, _ = otlptracehttp.New(ctx, opt)

	dial := httpguard.DialContext(g, nil)
	dialer := grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return dial(ctx, "tcp", addr) })
	_, _ = otlptracegrpc.New(ctx, otlptracegrpc.WithDialOption(dialer))

	_ = xray.Client(&http.Client{Transport: g.Transport(nil)})
}

// A client is given its transport by a helper.
func helper(rt http.RoundTripper) *resty.Client { return resty.New().SetTransport(rt) }

func helped(g *guard.Guard) { _ = helper(g.Transport(nil)) }

// NewAPI is given its client by another package, which is judged there.
func NewAPI(c *http.Client) *resty.Client { return resty.NewWithClient(c) }

type store struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

func newStore(g *guard.Guard) *store { return &store{dial: httpguard.DialContext(g, nil)} }

func (s *store) open() *redis.Client { return redis.NewClient(&redis.Options{Dialer: s.dial}) }
