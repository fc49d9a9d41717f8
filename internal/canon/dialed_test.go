package canon

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/corpustest"
)

// dials returns what a client of net/http dials for an https URL with the given host; "" if it
// refuses the request.
func dials(host string) (addr string) {
	c := http.Client{Transport: &http.Transport{DialContext: func(_ context.Context, _, to string) (net.Conn, error) {
		addr = to
		return nil, net.ErrClosed
	}}}
	_, _ = c.Do(&http.Request{URL: &url.URL{Scheme: "https", Host: host, Path: "/"}, Header: http.Header{}}) // the dial fails
	return addr
}

// asDialed is the text of a destination that is the address that net/http dials, or of a refusal.
func asDialed(host string) string {
	if addr := dials(host); isASCII(addr) {
		return "https://" + addr
	}
	return "malformed: the host is not a name that IDNA can map"
}

// Every character, in a label and as one, is judged under the name that net/http dials, or refused:
// 2.2 million hosts with LONG=1. The tables of Unicode are those of the Go that runs this test.
func TestEveryCharacterInAHost(t *testing.T) {
	step := corpustest.Times(61, 1)
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			for n := worker * step; n <= utf8.MaxRune; n += 4 * step {
				for _, host := range [...]string{"a" + string(rune(n)) + ".example", string(rune(n)) + "b"} {
					judgedAsDialed(t, host)
				}
			}
		})
	}
	workers.Wait()
}

func judgedAsDialed(t *testing.T, host string) {
	q, err := Parse(&http.Request{URL: &url.URL{Scheme: "https", Host: host, Path: "/"}}, nil)
	if err != nil {
		return
	}
	addr := dials(host)
	name, port, err := net.SplitHostPort(addr)
	if !assert.NoError(t, err, "%q is judged, and dialed as %q", host, addr) {
		return
	}
	d := q.Dests[0]
	want := strings.ToLower(strings.TrimSuffix(name, "."))
	if d.Addr.IsValid() {
		want = netip.MustParseAddr(want).Unmap().String()
	}
	if hostText(&d) != want || itoa(d.Port) != port {
		t.Errorf("%q is judged as %s:%d, and dialed as %s", host, hostText(&d), d.Port, addr)
	}
}

// The answer is that of the same host, also when others ask at the same time.
func TestDialedConcurrently(t *testing.T) {
	var workers sync.WaitGroup
	for _, host := range []string{"bücher.example", "straße.example", "日本.example", "ａ.example"} {
		want, _, _ := net.SplitHostPort(dials(host))
		workers.Go(func() {
			for range 100 {
				got, ok := Dialed(host)
				assert.True(t, ok)
				assert.Equal(t, want, got)
			}
		})
	}
	workers.Wait()
}

func TestAQuestionIsOne(t *testing.T) {
	assert.True(t, IsQuestion(asking()))
	assert.False(t, IsQuestion(context.Background()))
	for _, forged := range []any{true, new(byte), (*byte)(nil)} {
		assert.False(t, IsQuestion(context.WithValue(context.Background(), question{}, forged)), "%T", forged)
	}
}
