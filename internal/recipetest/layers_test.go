package recipetest

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/http2"

	"github.com/outguard/outguard/netguard"
)

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
	t.Setenv("AWS_XRAY_SDK_DISABLED", "TRUE") // its daemon is not here
	resolveAll(t)
	calls := maps.Clone(Unwired)
	calls["AWS SDK"] = func(ctx context.Context, addr string) error {
		_, err := s3Client(addr).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
		return err
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			to := record(t)
			g, log := newGuard(t, "whitelist:\n- net: good.test:"+to.port()+"\n- ip: 127.0.0.1\n")
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			names := netguard.InstallNames(g)
			defer names.Close()
			require.Empty(t, names.Gap())

			err := call(netguard.Context(ctx, g), "evil.test:"+to.port())
			if name != "sentry" { // its delivery is silent
				require.Error(t, err)
			}
			assert.Zero(t, to.conns.Load(), "a refused call reaches nobody")
			assert.Contains(t, log.String(), `"verdict":"block"`)
			assert.NoError(t, ctx.Err())

			g2, log := newGuard(t, "whitelist:\n- net: good.test:"+to.port()+"\n- ip: 127.0.0.1\n")
			names.Close()
			defer netguard.InstallNames(g2).Close()
			_ = call(netguard.Context(ctx, g2), "good.test:"+to.port())
			assert.Eventually(t, func() bool { return to.conns.Load() > 0 }, 5*time.Second, time.Millisecond, "an allowed call arrives")
			assert.Empty(t, violations(log, "evil.test"))
		})
	}
}

// violations returns the lines of the log, but not those about the host late. A pool that its
// client has closed may still dial that host in the background, after the guard was replaced.
func violations(log *lockedBuffer, late string) (lines []string) {
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, `"verdict":`) && !strings.Contains(line, late) {
			lines = append(lines, line)
		}
	}
	return lines
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

// A request that is made while httputil.DumpRequestOut runs is not the one that is dumped.
func TestACallDuringADumpIsJudged(t *testing.T) {
	g, log := newGuard(t, "whitelist:\n- http: http://dumped.test")
	to := record(t)
	ctx := netguard.Context(t.Context(), g)
	var err error
	hooked := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) {
		//lint:ignore SA1019 programs still have such transports
		c := &http2.Transport{AllowHTTP: true, DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		}}
		var r *http.Request
		if r, err = http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost:"+to.port()+"/x", nil); err == nil {
			//lint:ignore SA1019 as above
			err = Drain(c.RoundTrip(r))
		}
	}})
	r, failed := http.NewRequestWithContext(hooked, http.MethodGet, "http://dumped.test/", nil)
	require.NoError(t, failed)
	_, failed = httputil.DumpRequestOut(r, false)
	require.NoError(t, failed)
	require.Error(t, err)
	assert.Contains(t, log.String(), `"net":"localhost:`+to.port()+`","via":"context"`)
}
