package matrixtest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/matrixtest/dns"
)

// A row is one way to call out.
type row struct {
	name string
	to   kind   // the recorder
	rule string // the entries that allow the call; see target.text
	seen sight

	address bool   // the target is "address:port", not "name:port"
	path    string // of the request; default: /a
	only    string // the path of requests that count; default: all
	other   string // what Request.Other is; see target.resolve
	deny    string // entries of the policy that denies; default: []
	at      string // the environment variable that makes the call before the handler runs
	word    string // what log lines about the row have beside names and addresses
}

// sight says which aims a row has.
type sight uint8

const (
	byName        sight = iota // a call by a name, or through net/http with the handler's context
	unaimed                    // neither
	early                      // a call before code can load the guard; the lower layers report its name
	reported                   // a child or a Unix socket, which the build word reports and does not refuse
	reportedBelow              // a Unix socket that the recipe and the lower layers report too
)

const (
	allowHTTP  = "- http: http://HOST"
	allowHTTPS = "- http: https://HOST"
	allowNet   = "- net: HOST"
	// AWS's rules vouch for AWS's own hosts; the recorder is another.
	allowSNS = "- {aws: sns:Publish, resources: 'arn:aws:sns:eu-west-1:111122223333:OTHER'}\n- http: http://HOST"
)

// A group is a heading of the documentation.
type group struct {
	name string
	rows []row
}

var groups = []group{
	{"net/http", []row{
		{name: "http.Get", rule: allowHTTP},
		{name: "http.DefaultClient", rule: allowHTTP},
		{name: "http.Client without a Transport", rule: allowHTTP},
		{name: "http.Transport literal", rule: allowHTTP},
		{name: "http.Transport literal, without the context", rule: allowHTTP},
		{name: "http.Transport literal, to an address", rule: allowHTTP, address: true},
		{name: "http.Transport literal, to an address, without the context", rule: allowHTTP, address: true, seen: unaimed},
		{name: "Clone of http.DefaultTransport", rule: allowHTTP},
		{name: "Clone with Proxy nil", rule: allowHTTP},
		{name: "pooled HTTP/2 connection of a Clone", to: webTLS, rule: allowHTTPS, path: "/b", only: "/b",
			deny: "- http: https://HOST/open"},
		{name: "HTTP/2 by prior knowledge", rule: allowHTTP},
		{name: "golang.org/x/net/http2.Transport", rule: allowHTTP},
		{name: "http.Transport.NewClientConn", rule: allowHTTP},
		{name: "http.Transport with DialTLSContext", to: webTLS, rule: allowHTTPS},
		{name: "httputil.ReverseProxy", rule: allowHTTP},
		{name: "redirect from an allowed to a denied host", rule: allowHTTP + "\n- http: http://OTHER", other: "front",
			deny: "- http: http://OTHER"},
		{name: "WebSocket upgrade through DefaultTransport", rule: allowHTTP},
		{name: "HTTP over a Unix socket", to: webUnix, rule: "- http: http://HOST", other: "unix"},
		{name: "another scheme on DefaultTransport", to: stream, rule: allowNet},
		{name: "goroutine after the handler's return", rule: allowHTTP},
	}},
	{"Through a proxy", []row{
		{name: "HTTP proxy", rule: "- http: http://OTHER\n- net: HOST", other: "behind"},
		{name: "CONNECT proxy", rule: "- http: https://OTHER\n- net: HOST", other: "behind"},
		{name: "SOCKS proxy", to: socks, rule: "- http: http://OTHER\n- net: HOST", other: "behind"},
		{name: "os/exec, a child with HTTP_PROXY", rule: allowNet, other: "behind", seen: reported},
	}},
	{"Before the handler", []row{
		{name: "a call in the init function of a package", rule: allowHTTP, at: "MATRIX_INIT", seen: early},
		{name: "a call in an init function before Outguard's", rule: allowHTTP, address: true, at: "MATRIX_BEFORE", seen: early},
		{name: "a call in main before Load", rule: allowHTTP, at: "MATRIX_MAIN", seen: early},
	}},
	{"HTTP libraries", []row{
		{name: "resty", rule: allowHTTP},
		{name: "go-retryablehttp", rule: allowHTTP},
		{name: "go-cleanhttp", rule: allowHTTP},
		{name: "vault", rule: allowHTTP},
		{name: "fasthttp", rule: allowNet},
		{name: "gorilla/websocket", rule: allowNet},
		{name: "sentry", rule: allowHTTP},
		{name: "OTLP over HTTP", rule: allowHTTP},
		{name: "Google APIs", rule: allowHTTP},
		{name: "go-github", rule: allowHTTP},
		{name: "slack-go", rule: allowHTTP},
		{name: "stripe-go", rule: allowHTTP},
		{name: "X-Ray SDK", rule: allowHTTP},
		{name: "go.podman.io/image", rule: "- http: http://HOST\n- http: https://HOST\n- net: HOST"},
	}},
	{"RPC, databases and queues", []row{
		{name: "gRPC", rule: allowNet},
		{name: "OTLP over gRPC", rule: allowNet},
		{name: "pgx", to: stream, rule: allowNet},
		{name: "mysql", to: mysql, rule: allowNet},
		{name: "go-redis", to: stream, rule: allowNet},
		{name: "go-redis with TLS", to: tlsBytes, rule: allowNet},
		{name: "mongo", to: stream, rule: allowNet},
		{name: "kafka-go, a reader", to: stream, rule: allowNet},
		{name: "kafka-go, a writer", to: stream, rule: allowNet},
		{name: "nats", to: nats, rule: allowNet},
	}},
	{"AWS", []row{
		{name: "AWS SDK v2", rule: allowSNS, other: "topic"},
		{name: "AWS SDK v2, the option is forgotten", rule: allowSNS, other: "topic"},
		{name: "AWS SDK v2, an event stream", rule: "- aws: kinesis:SubscribeToShard\n" + allowHTTP, word: "SubscribeToShard"},
		{name: "AWS SDK v2, an event stream of both sides", to: webTLS, word: "InvokeModelWithBidirectionalStream",
			rule: "- aws: bedrock:InvokeModelWithBidirectionalStream\n" + allowHTTPS},
		{name: "AWS SDK v2, web identity credentials", rule: "- aws: sts:AssumeRoleWithWebIdentity\n" + allowHTTP,
			word: "AssumeRoleWithWebIdentity"},
		{name: "AWS SDK v2, SSO credentials", rule: "- aws: sso:GetRoleCredentials\n" + allowHTTP, word: "GetRoleCredentials"},
		{name: "AWS SDK v1", rule: allowSNS, other: "topic"},
		{name: "presigned URL", rule: allowHTTP},
	}},
	{"net", []row{
		{name: "net.Dial", to: stream, rule: allowNet},
		{name: "net.Dial, to an address", to: stream, rule: allowNet, address: true, seen: unaimed},
		{name: "net.Dialer with the context", to: stream, rule: allowNet},
		{name: "net.Dialer with the context, to an address", to: stream, rule: allowNet, address: true, seen: unaimed},
		{name: "net.DialTCP", to: stream, rule: allowNet, address: true, seen: unaimed},
		{name: "LookupHost, then Dial", to: stream, rule: allowNet},
		{name: "tls.Dial", to: tlsBytes, rule: allowNet},
		{name: "net/smtp", to: smtp, rule: allowNet},
		{name: "UDP, net.Dial", to: datagram, rule: allowNet},
		{name: "UDP, net.Dial to an address", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "UDP, WriteTo", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "UDP, WriteMsgUDP", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "a resolver with another name server", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "UDP, golang.org/x/net/ipv4 WriteTo", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "UDP, golang.org/x/net/ipv4 WriteBatch", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "Unix socket", to: unix, seen: reported},
		{name: "Unix socket, net.Dialer with the context", to: unix, seen: reportedBelow},
	}},
	{"System calls", []row{
		{name: "syscall.Connect", to: stream, rule: allowNet, address: true, seen: unaimed},
		{name: "syscall.Sendto", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "syscall.Sendmsg", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "golang.org/x/sys/unix.Connect", to: stream, rule: allowNet, address: true, seen: unaimed},
		{name: "golang.org/x/sys/unix.Sendto", to: datagram, rule: allowNet, address: true, seen: unaimed},
		{name: "golang.org/x/sys/unix.SendmsgN", to: datagram, rule: allowNet, address: true, seen: unaimed},
	}},
}

// rows are those of all groups, and their numbers are their places, from 1.
func rows() (all []row) {
	for _, g := range groups {
		all = append(all, g.rows...)
	}
	return all
}

// alone reports whether the row needs a process of its own.
func (r *row) alone() bool { return r.at != "" || r.deny != "" }

// A target is where a row calls.
type target struct {
	row         *row
	n           int // of the row
	main, front *recorder
	host, other string // Request.Target and Request.Other
	result      string // what the handler returned
}

// resolve names the target and what else the request needs: the recorder that redirects, the Unix
// socket, the SNS topic, or the host behind the proxy.
func (t *target) resolve() {
	t.host = t.main.addr
	_, port, isPort := strings.Cut(t.main.addr, ":")
	switch {
	case t.row.other == "unix":
		t.host, t.other = dns.Host(t.row.name, t.n), t.main.addr
	case isPort && !t.row.address:
		t.host = dns.Host(t.row.name, t.n) + ":" + port
	}
	switch t.row.other {
	case "front":
		_, port, _ := strings.Cut(t.front.addr, ":")
		t.other = dns.Host("front", t.n) + ":" + port
	case "topic":
		t.other = t.topic()
	case "behind":
		t.other = dns.Host("behind", t.n)
	}
}

// topic is the name of an SNS topic. It has no number: alerts take the likes of it for one.
func (t *target) topic() string {
	return strings.TrimSuffix(dns.Host(t.row.name, t.n), fmt.Sprintf("-%d.matrix.test", t.n))
}

// text fills an entry: HOST is where the recorder is, OTHER what stands before or behind it.
func (t *target) text(entries string) string {
	return strings.NewReplacer("HOST", t.host, "OTHER", t.other).Replace(entries)
}

// concerns reports whether a log line is about the row.
func (t *target) concerns(line string) bool {
	n := strconv.Itoa(t.n)
	for _, its := range []string{"-" + n + ".matrix.test", ":" + t.topic() + `"`, "127.8.0." + n + ":", t.main.addr} {
		if strings.Contains(line, its) {
			return true
		}
	}
	return t.row.word != "" && strings.Contains(line, t.row.word)
}
