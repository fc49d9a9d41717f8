package vet

import (
	"go/types"
	"path"
	"strings"
)

// A row is a library that calls out past net/http's default transport, and how to guard it.
type row struct {
	name string // of the library
	kind kind
	pkgs string // import paths without major versions; "/..." at the end stands for any path below
	// entries are what begins a call: "F" a function, "T.M" a method, "V.M" a method of a package
	// variable, "T{}" a literal or a zero value. F and M may be patterns of package path.
	entries string
	// settings are functions and variables of the package that guard all of its calls once they got
	// a guarded value.
	settings string
	sql      string // names of its database/sql drivers
	fix      string
	recipe   string // heading in docs/recipes.md; "": no tested recipe
}

// Parts of the fixes, written as a user would.
const (
	dialContext = "httpguard.DialContext(g, nil)"
	dialer      = "&httpguard.Dialer{Guard: g}"
	transport   = "g.Transport(nil)"
	httpClient  = "&http.Client{Transport: g.Transport(nil)}"
)

// rows is the closed table of drivers, libraries and recipes.
// Order matters where two rows share a package: the first entry that matches counts.
var rows = []row{
	// HTTP clients
	{name: "resty", kind: kindLibrary, pkgs: "github.com/go-resty/resty resty.dev", entries: "New NewWith*",
		fix: "resty.New().SetTransport(" + transport + ")", recipe: "resty"},
	{name: "go-retryablehttp", kind: kindLibrary, pkgs: "github.com/hashicorp/go-retryablehttp", entries: "NewClient Client{} Get Head Post PostForm",
		fix: "c.HTTPClient.Transport = g.Transport(c.HTTPClient.Transport)", recipe: "go-retryablehttp"},
	{name: "go-cleanhttp", kind: kindLibrary, pkgs: "github.com/hashicorp/go-cleanhttp", entries: "Default*",
		fix: "c.Transport = g.Transport(c.Transport)", recipe: "go-cleanhttp"},
	{name: "vault", kind: kindLibrary, pkgs: "github.com/hashicorp/vault/api", entries: "NewClient",
		fix: "cfg.HttpClient.Transport = g.Transport(cfg.HttpClient.Transport)", recipe: "vault"},
	{name: "fasthttp", kind: kindLibrary, pkgs: "github.com/valyala/fasthttp",
		entries: "Client{} HostClient{} PipelineClient{} Get GetTimeout GetDeadline Post Do DoTimeout DoDeadline DoRedirects Dial*",
		fix:     "c.Dial = func(addr string) (net.Conn, error) { return (" + dialer + ").Dial(\"tcp\", addr) }", recipe: "fasthttp"},
	{name: "gorilla/websocket", kind: kindLibrary, pkgs: "github.com/gorilla/websocket", entries: "DefaultDialer.* Dialer{}",
		fix: "&websocket.Dialer{NetDialContext: " + dialContext + "}", recipe: "gorilla/websocket"},
	{name: "Google APIs", kind: kindLibrary, pkgs: "google.golang.org/api/... cloud.google.com/go/...", entries: "NewService NewClient New*Client",
		fix: "option.WithHTTPClient(" + httpClient + ")", recipe: "Google APIs"},
	{name: "go.podman.io/image", kind: kindLibrary, pkgs: "go.podman.io/image/types github.com/containers/image/types", entries: "SystemContext{}",
		fix: "sys.DockerProxy = a function that returns g.Check(ctx, policy.Call{Net: u.Host, Via: policy.ViaDial})", recipe: "go.podman.io/image"},
	{name: "go-containerregistry", kind: kindLibrary, pkgs: "github.com/google/go-containerregistry/pkg/remote github.com/google/go-containerregistry/pkg/crane",
		entries:  "Image Index Get Head Put Push Write WriteIndex WriteLayer MultiWrite Layer List Catalog* Delete Tag Copy Pull* Manifest Digest Config Append CheckPush* NewPuller NewPusher Referrers",
		settings: "DefaultTransport", fix: "WithTransport(" + transport + ")"},
	{name: "minio-go", kind: kindLibrary, pkgs: "github.com/minio/minio-go", entries: "New",
		fix: "minio.Options{Transport: " + transport + "}"},
	{name: "x/net/http2", kind: kindTransport, pkgs: "golang.org/x/net/http2", entries: "Transport{}",
		fix: "g.Transport(t) in place of t"},
	{name: "HTTP/3", kind: kindTransport, pkgs: "github.com/quic-go/quic-go/http3", entries: "Transport{} RoundTripper{}",
		fix: "g.Transport(t) in place of t"},

	// RPC
	{name: "gRPC", kind: kindDriver, pkgs: "google.golang.org/grpc", entries: "NewClient Dial DialContext",
		fix: "grpc.WithContextDialer over " + dialContext + ", and passthrough:/// before the address", recipe: "gRPC"},
	{name: "net/rpc", kind: kindDriver, pkgs: "net/rpc net/rpc/jsonrpc", entries: "Dial DialHTTP*",
		fix: "dial with " + dialContext + " and give the connection to rpc.NewClient"},

	// Databases and queues
	{name: "pgx", kind: kindDriver, pkgs: "github.com/jackc/pgx github.com/jackc/pgx/pgxpool github.com/jackc/pgx/pgconn github.com/jackc/pgx/stdlib github.com/jackc/pgconn",
		entries: "Connect* New NewWithConfig OpenDB* RegisterConnConfig", sql: "pgx",
		fix: "cfg.DialFunc = " + dialContext + ", and cfg.LookupFunc", recipe: "pgx"},
	{name: "lib/pq", kind: kindDriver, pkgs: "github.com/lib/pq", entries: "Open DialOpen NewConnector NewConnectorConfig NewListener", sql: "postgres",
		fix: "use pgx, whose recipe takes " + dialContext + ", or give the connector a Dialer over " + dialer},
	{name: "mysql", kind: kindDriver, pkgs: "github.com/go-sql-driver/mysql", entries: "NewConnector", settings: "RegisterDialContext", sql: "mysql",
		fix: "cfg.DialFunc = " + dialContext + " and sql.OpenDB of mysql.NewConnector(cfg)", recipe: "mysql"},
	{name: "go-mssqldb", kind: kindDriver, pkgs: "github.com/microsoft/go-mssqldb github.com/denisenkom/go-mssqldb", entries: "NewConnector*", sql: "sqlserver mssql",
		fix: "connector.Dialer = " + dialer},
	{name: "go-redis", kind: kindDriver, pkgs: "github.com/redis/go-redis github.com/go-redis/redis",
		entries: "NewClient NewClusterClient NewFailoverClient NewFailoverClusterClient NewRing NewUniversalClient NewSentinelClient",
		fix:     "opts.Dialer = " + dialContext + " (with TLS, see the recipe)", recipe: "go-redis"},
	{name: "redigo", kind: kindDriver, pkgs: "github.com/gomodule/redigo/redis github.com/garyburd/redigo/redis", entries: "Dial DialContext DialURL DialURLContext DialTimeout",
		fix: "redis.DialContextFunc(" + dialContext + ")"},
	{name: "mongo", kind: kindDriver, pkgs: "go.mongodb.org/mongo-driver/mongo", entries: "Connect NewClient",
		fix: "opts.SetDialer(" + dialer + ")", recipe: "mongo"},
	{name: "kafka-go, a reader", kind: kindDriver, pkgs: "github.com/segmentio/kafka-go", entries: "NewReader Dial* DefaultDialer.* Dialer{} NewConsumerGroup",
		fix: "&kafka.Dialer{DialFunc: " + dialContext + "} as Dialer", recipe: "kafka-go, a reader"},
	{name: "kafka-go, a writer", kind: kindDriver, pkgs: "github.com/segmentio/kafka-go", entries: "NewWriter Writer{} Client{} Transport{}",
		fix: "w.Transport = &kafka.Transport{Dial: " + dialContext + "}", recipe: "kafka-go, a writer"},
	{name: "sarama", kind: kindDriver, pkgs: "github.com/IBM/sarama github.com/Shopify/sarama",
		entries: "NewClient NewClusterAdmin NewConsumer NewConsumerGroup NewSyncProducer NewAsyncProducer Broker.Open",
		fix:     "cfg.Net.Proxy.Enable, cfg.Net.Proxy.Dialer = true, " + dialer},
	{name: "franz-go", kind: kindDriver, pkgs: "github.com/twmb/franz-go/pkg/kgo", entries: "NewClient",
		fix: "kgo.Dialer(" + dialContext + ")"},
	{name: "confluent-kafka-go", kind: kindLibrary, pkgs: "github.com/confluentinc/confluent-kafka-go/kafka", entries: "NewConsumer NewProducer NewAdminClient",
		fix: "it is C code, which no guard sees: use a client in Go, for example kafka-go"},
	{name: "nats", kind: kindDriver, pkgs: "github.com/nats-io/nats.go", entries: "Connect Options.Connect",
		fix: "nats.SetCustomDialer(" + dialer + ") and nats.SkipHostLookup()", recipe: "nats"},
	{name: "amqp", kind: kindDriver, pkgs: "github.com/rabbitmq/amqp091-go github.com/streadway/amqp", entries: "Dial DialTLS* DialConfig",
		fix: "amqp.DialConfig with amqp.Config{Dial: (" + dialer + ").Dial}"},
	{name: "gocql", kind: kindDriver, pkgs: "github.com/gocql/gocql github.com/apache/cassandra-gocql-driver", entries: "NewCluster NewSession",
		fix: "cluster.Dialer = " + dialer},
	{name: "gomemcache", kind: kindDriver, pkgs: "github.com/bradfitz/gomemcache/memcache", entries: "New NewFromSelector Client{}",
		fix: "c.DialContext = " + dialContext},

	// Mail and shells
	{name: "net/smtp", kind: kindDriver, pkgs: "net/smtp", entries: "SendMail Dial",
		fix: "dial with " + dialContext + " and give the connection to smtp.NewClient"},
	{name: "go-mail", kind: kindDriver, pkgs: "github.com/wneessen/go-mail", entries: "NewClient",
		fix: "mail.WithDialContextFunc(" + dialContext + ")"},
	{name: "gomail", kind: kindLibrary, pkgs: "gopkg.in/gomail gopkg.in/mail github.com/go-mail/mail", entries: "NewDialer NewPlainDialer Dialer{}",
		fix: "it takes no dial function: use go-mail with mail.WithDialContextFunc(" + dialContext + ")"},
	{name: "x/crypto/ssh", kind: kindDriver, pkgs: "golang.org/x/crypto/ssh", entries: "Dial",
		fix: "dial with " + dialContext + " and give the connection to ssh.NewClientConn"},

	// Telemetry
	{name: "sentry", kind: kindLibrary, pkgs: "github.com/getsentry/sentry-go", entries: "Init NewClient",
		fix: "opts.HTTPTransport = " + transport, recipe: "sentry"},
	{name: "OTLP over HTTP", kind: kindLibrary, entries: "New NewClient",
		pkgs: "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp " +
			"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp",
		fix: "WithHTTPClient(" + httpClient + ")", recipe: "OTLP over HTTP"},
	{name: "OTLP over gRPC", kind: kindDriver, entries: "New NewClient",
		pkgs: "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc " +
			"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc",
		fix: "WithDialOption(grpc.WithContextDialer over " + dialContext + ")", recipe: "OTLP over gRPC"},
	{name: "syslog", kind: kindDriver, pkgs: "log/syslog", entries: "Dial",
		fix: "log to standard output, or dial with " + dialContext},

	// Dials of the standard library
	{name: "net", kind: kindDial, pkgs: "net", entries: "Dial DialTimeout DialTCP DialUDP DialIP Dialer.Dial Dialer.DialContext ListenUDP ListenPacket",
		fix: dialContext + " in its place"},
	{name: "crypto/tls", kind: kindDial, pkgs: "crypto/tls", entries: "Dial DialWithDialer Dialer.Dial Dialer.DialContext",
		fix: "dial with " + dialContext + " and give the connection to tls.Client"},
}

// passing are the recipes of libraries that use the transport they are given, or net/http's own,
// which the guard covers in place. Nothing is reported for them, only for the transports they get.
var passing = []string{"X-Ray SDK", "go-redis with TLS", "go-github", "slack-go", "stripe-go"}

// find returns the row that has a function or method as an entry.
func find(f *types.Func) *row {
	// Builtins have no package.
	if f.Pkg() == nil {
		return nil
	}
	return lookUp(plain(f.Pkg().Path()), funcName(f))
}

// lookUp returns the row with this entry of a package.
func lookUp(pkg, entry string) *row {
	for i := range rows {
		if rows[i].of(pkg) && matches(rows[i].entries, entry) {
			return &rows[i]
		}
	}
	return nil
}

// findSQL returns the row of a database/sql driver.
func findSQL(driver string) *row {
	for i := range rows {
		// Most rows have no drivers.
		if driver != "" && matches(rows[i].sql, driver) {
			return &rows[i]
		}
	}
	return nil
}

// of reports whether the row is about a package, given without its major version.
func (r *row) of(pkg string) bool {
	for p := range strings.FieldsSeq(r.pkgs) {
		// Some modules have a package for each service, such as the clients of Google APIs.
		if below, ok := strings.CutSuffix(p, "..."); p == pkg || ok && strings.HasPrefix(pkg, below) {
			return true
		}
	}
	return false
}

// matches compares a name to patterns that blanks separate.
func matches(patterns, name string) bool {
	for p := range strings.FieldsSeq(patterns) {
		// A bad pattern matches nothing. The test of the table finds it.
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return false
}

// anchor returns a heading's anchor, as GitHub makes it.
// GitHub drops everything but letters, digits and hyphens.
func anchor(heading string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(heading) {
		switch {
		case c == ' ':
			b.WriteByte('-')
		case c == '-' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		}
	}
	return b.String()
}

// advice is the fix in one line, with its recipe.
func (r *row) advice() string {
	// What has no tested recipe has its advice in the table alone.
	if r.recipe == "" {
		return r.fix
	}
	return r.fix + " (docs/recipes.md#" + anchor(r.recipe) + ")"
}
