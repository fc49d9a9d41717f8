package buildtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forkedHTTP2 is program tiny with HTTP/2 of golang.org/x/net, which a fork has changed.
const forkedHTTP2 = `package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"

	"golang.org/x/net/http2"
)

func main() {
	fmt.Println(http2.Forked)
	t := &http2.Transport{AllowHTTP: true, DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	for _, url := range os.Args[1:] {
		resp, err := (&http.Client{Transport: t}).Get(url)
		if err != nil {
			fmt.Println(err)
			continue
		}
		resp.Body.Close()
		fmt.Println("sent")
	}
}
`

// A program may build golang.org/x/net with changes of its own: by a replace directive, in a
// workspace, or in its vendor folder. A request on an open connection is judged all the same.
func TestAForkOfHTTP2(t *testing.T) {
	r := web(t, false)
	env := policyFor(t, r)
	calls := func(t *testing.T, dir string, args ...string) {
		t.Helper()
		before := r.got.Load()
		args = append(append([]string{"go", "run"}, args...), ".", "http://"+r.target+"/a", "http://"+r.target+"/b")
		got := outguard(t, dir, env, args...)
		assert.Contains(t, got.stdout, "forked\nsent\n", got.stderr)
		assert.Contains(t, got.stdout, "blocked by policy", got.stderr)
		assert.Equal(t, int64(1), r.got.Load()-before)
	}
	t.Run("replace", func(t *testing.T) {
		dir := newModule(t)
		write(t, dir, "main.go", forkedHTTP2)
		fork(t, filepath.Join(dir, "fork"))
		write(t, dir, "go.mod", read(t, filepath.Join(dir, "go.mod"))+"\nreplace golang.org/x/net => ./fork\n")
		calls(t, dir, "-mod=mod")
	})
	t.Run("workspace", func(t *testing.T) {
		dir := newModule(t)
		write(t, dir, "main.go", forkedHTTP2)
		fork(t, filepath.Join(dir, "fork"))
		write(t, dir, "go.work", "go 1.26.0\n\nuse .\nuse ./fork\n")
		calls(t, dir)
	})
	t.Run("vendor", func(t *testing.T) {
		dir := newModule(t)
		write(t, dir, "main.go", strings.Replace(forkedHTTP2, "http2.Forked", `"forked"`, 1))
		vendored := run(t, dir, nil, "go", "mod", "vendor")
		require.Zero(t, vendored.exit, vendored.stderr)
		write(t, dir, "main.go", forkedHTTP2)
		write(t, dir, "vendor/golang.org/x/net/http2/forked.go", forked)
		calls(t, dir, "-mod=vendor")
	})
	t.Run("vendored workspace", func(t *testing.T) {
		dir := newModule(t)
		write(t, dir, "main.go", strings.Replace(forkedHTTP2, "http2.Forked", `"forked"`, 1))
		write(t, dir, "go.work", "go 1.26.0\n\nuse .\n")
		vendored := run(t, dir, nil, "go", "work", "vendor")
		require.Zero(t, vendored.exit, vendored.stderr)
		write(t, dir, "main.go", forkedHTTP2)
		write(t, dir, "vendor/golang.org/x/net/http2/forked.go", forked)
		calls(t, dir)
	})
}

const forked = "package http2\n\nconst Forked = \"forked\"\n"

// fork copies golang.org/x/net to dir, and changes it.
func fork(t *testing.T, dir string) {
	t.Helper()
	list := run(t, ".", nil, "go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net")
	require.Zero(t, list.exit, list.stderr)
	require.NoError(t, os.CopyFS(dir, os.DirFS(strings.TrimSpace(list.stdout))))
	write(t, dir, "http2/forked.go", forked)
}

// hooksTaken is a program that tries to put functions of its own where the guard's are, and to get
// at a connect that is not judged.
const hooksTaken = `package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"syscall"
)

func init() {
	http.OutguardSet(func(http.RoundTripper, *http.Request) (*http.Response, error, bool) { return nil, nil, false })
	net.OutguardSet(net.OutguardHooks{
		Dial:    func(ctx context.Context, _, _ string) (context.Context, error) { return ctx, nil },
		Connect: func(context.Context, string, string) error { return nil },
	})
	syscall.OutguardSet(func(any) error { return nil }, func(string) {})
}

func main() {
	_, err := (&http.Client{Transport: new(http.Transport)}).Get("http://" + os.Args[1] + "/b")
	fmt.Println("request:", err)
	_, err = net.Dial("tcp", os.Args[1])
	fmt.Println("dial:", err)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		panic(err)
	}
	to := netip.MustParseAddrPort(os.Args[1])
	fmt.Println("connect:", syscall.OutguardConnect()(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}))
}
`

// The guard's functions are put in place once, before code of the program runs.
func TestHooksCannotBeReplaced(t *testing.T) {
	r := stream(t, "tcp")
	dir := newModule(t)
	write(t, dir, "main.go", hooksTaken)
	write(t, dir, "policy.yaml", denyAll)
	env := []string{"OUTGUARD_POLICY=" + filepath.Join(dir, "policy.yaml"), "AWS_LAMBDA_FUNCTION_NAME=checkout"}
	got := outguard(t, dir, env, "go", "run", "main.go", r.target)
	for _, call := range []string{"request", "dial", "connect"} {
		assert.Regexp(t, "(?m)^"+call+": .*blocked by policy", got.stdout, got.stderr)
	}
	assert.Zero(t, r.got.Load())
}
