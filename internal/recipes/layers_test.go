package recipes

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/go-resty/resty/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/gorilla/websocket"
	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
	vault "github.com/hashicorp/vault/api"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/types"
	"golang.org/x/net/dns/dnsmessage"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/outguard/outguard/netguard"
)

// unwired are libraries as they are used without a guard.
var unwired = map[string]func(ctx context.Context, addr string) error{
	"http.Transport": func(ctx context.Context, addr string) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr, nil)
		if err != nil {
			return err
		}
		return drain((&http.Client{Transport: &http.Transport{}}).Do(r))
	},
	"net.Dialer": func(ctx context.Context, addr string) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err
	},
	"AWS SDK": func(ctx context.Context, addr string) error {
		_, err := s3Client(addr).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
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
	"kafka-go": func(ctx context.Context, addr string) error {
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
		return drain(cleanhttp.DefaultClient().Get("http://" + addr))
	},
	"go-retryablehttp": func(ctx context.Context, addr string) error {
		c := retryablehttp.NewClient()
		c.Logger, c.RetryMax = nil, 0
		r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr, nil)
		if err != nil {
			return err
		}
		return drain(c.Do(r))
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
	"go.podman.io/image": func(ctx context.Context, addr string) error {
		ref, err := docker.ParseReference("//" + addr + "/image:tag")
		if err != nil {
			return err
		}
		_, err = ref.NewImageSource(ctx, &types.SystemContext{DockerInsecureSkipTLSVerify: types.OptionalBoolTrue})
		return err
	},
}

func s3Client(addr string, opts ...func(*s3.Options)) *s3.Client {
	o := s3.Options{
		BaseEndpoint: aws.String("http://" + addr), UsePathStyle: true, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
	return s3.New(o, opts...)
}

// resolveAll makes every name 127.0.0.1, by a DNS server on loopback.
func resolveAll(t *testing.T) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
				}}
			}
			if reply, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		conn.Close()
	})
}

// The lower layers alone, without a line of code that wires a library.
func TestLowerLayers(t *testing.T) {
	resolveAll(t)
	for name, call := range unwired {
		t.Run(name, func(t *testing.T) {
			to := record(t)
			g, log := newGuard(t, "whitelist:\n- net: good.test:"+to.port()+"\n- ip: 127.0.0.1\n")
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			names := netguard.InstallNames(g)
			defer names.Close()
			require.Empty(t, names.Gap())

			require.Error(t, call(netguard.Context(ctx, g), "evil.test:"+to.port()))
			assert.Zero(t, to.conns.Load(), "a refused call reaches nobody")
			assert.Contains(t, log.String(), `"verdict":"block"`)
			assert.NoError(t, ctx.Err())

			g2, log := newGuard(t, "whitelist:\n- net: good.test:"+to.port()+"\n- ip: 127.0.0.1\n")
			names.Close()
			defer netguard.InstallNames(g2).Close()
			_ = call(netguard.Context(ctx, g2), "good.test:"+to.port())
			assert.Eventually(t, func() bool { return to.conns.Load() > 0 }, 5*time.Second, time.Millisecond, "an allowed call arrives")
			assert.NotContains(t, log.String(), `"verdict":`)
		})
	}
}

// A client that is wired is judged as an operation, and not again by the layers below.
func TestAWiredAWSClientIsJudgedOnce(t *testing.T) {
	resolveAll(t)
	to := record(t)
	g, log := newGuard(t, "on_unguarded: block\nwhitelist:\n- aws: s3:GetObject\n- http: http://good.test:"+to.port()+"/b/**\n- ip: 127.0.0.1\n")
	defer netguard.InstallNames(g).Close()
	get := func(wired bool) error {
		ctx := netguard.Context(t.Context(), g)
		c := s3Client("good.test:"+to.port(), func(o *s3.Options) {
			if wired {
				o.APIOptions = g.AWS()
			}
		})
		_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
		return err
	}
	_ = get(true)
	assert.Positive(t, to.conns.Load())
	assert.Empty(t, log.String())

	before := to.bytes.Load()
	require.Error(t, get(false))
	assert.Equal(t, before, to.bytes.Load())
	assert.Contains(t, log.String(), `"list":"unguarded"`)
	assert.Equal(t, 1, strings.Count(log.String(), `"via":"context"`))
}
