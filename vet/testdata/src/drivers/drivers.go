package drivers

import (
	"context"
	"database/sql"
	"net/http"
	"net/smtp"

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
	"google.golang.org/grpc"
)

func bare(ctx context.Context) {
	_, _ = pgx.Connect(ctx, "postgres://") // want `pgx.Connect dials past the guard: cfg.DialFunc = .*docs/recipes.md#pgx`
	cfg, _ := pgx.ParseConfig("postgres://")
	_, _ = pgx.ConnectConfig(ctx, cfg)    // want `#pgx`
	_, _ = sql.Open("pgx", "postgres://") // want `sql.Open dials past the guard.*#pgx`
	_, _ = sql.Open("mysql", "tcp(x)/")   // want `#mysql`
	_, _ = sql.Open("sqlite3", "x.db")
	_, _ = mysql.NewConnector(mysql.NewConfig())                   // want `#mysql`
	redis.NewClient(&redis.Options{Addr: "x"})                     // want `#go-redis`
	_, _ = mongo.Connect(options.Client().ApplyURI("mongodb://x")) // want `#mongo`
	kafka.NewReader(kafka.ReaderConfig{})                          // want `#kafka-go-a-reader`
	_ = &kafka.Writer{}                                            // want `#kafka-go-a-writer`
	_, _ = nats.Connect("nats://x")                                // want `#nats`
	_, _ = amqp.Dial("amqp://x")                                   // want `amqp.DialConfig with amqp.Config`
	_, _ = grpc.NewClient("x:443")                                 // want `#grpc`
	_ = resty.New()                                                // want `resty.New dials past the guard: .*#resty`
	resty.New().SetBaseURL("https://x")                            // want `#resty`
	resty.NewWithClient(&http.Client{})                            // want `#resty`
	_ = retryablehttp.NewClient()                                  // want `#go-retryablehttp`
	_ = cleanhttp.DefaultPooledClient()                            // want `#go-cleanhttp`
	_, _ = vault.NewClient(vault.DefaultConfig())                  // want `#vault`
	_ = &fasthttp.Client{}                                         // want `#fasthttp`
	var fast fasthttp.Client                                       // want `#fasthttp`
	_ = fast
	_, _, _ = fasthttp.Get(nil, "https://x")              // want `#fasthttp`
	_, _, _ = websocket.DefaultDialer.Dial("ws://x", nil) // want `#gorillawebsocket`
	_ = sentry.Init(sentry.ClientOptions{})               // want `#sentry`
	_, _ = otlptracehttp.New(ctx)                         // want `#otlp-over-http`
	_, _ = otlptracegrpc.New(ctx)                         // want `#otlp-over-grpc`
	_, _ = oauth2.NewService(ctx)                         // want `#google-apis`
	_ = &types.SystemContext{}                            // want `#gopodmanioimage`
	_ = smtp.SendMail("x:25", nil, "", nil, nil)          // want `smtp.SendMail dials past the guard`
	_ = xray.Client(nil)
}
