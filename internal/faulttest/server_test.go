//go:build linux

package faulttest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A receiver is the server of a sink. It fails until it recovers.
type receiver struct {
	t     *testing.T
	sink  string
	fault string
	addr  string

	mu        sync.Mutex
	recovered bool
	over      chan struct{} // closed when it recovers
	listener  net.Listener
	socket    int        // of refuse and connect-hang
	fillers   []net.Conn // that fill its backlog
	arrived   map[string]time.Time
	bodies    [][]byte // of what arrived
}

func serve(t *testing.T, sink, fault string) *receiver {
	r := &receiver{t: t, sink: sink, fault: fault, over: make(chan struct{}), arrived: map[string]time.Time{}}
	switch fault {
	case "connect-hang":
		r.bind()
		r.fill()
	case "refuse":
		r.bind()
	default:
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		r.addr, r.listener = ln.Addr().String(), ln
		go r.accept(ln)
	}
	t.Cleanup(func() {
		r.recover()
		r.listener.Close()
	})
	return r
}

// bind takes a port without listening on it: connections are refused.
func (r *receiver) bind() {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(r.t, err)
	require.NoError(r.t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := syscall.Getsockname(fd)
	require.NoError(r.t, err)
	r.socket, r.addr = fd, fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}

// fill listens without room for another connection: connecting takes for ever.
func (r *receiver) fill() {
	require.NoError(r.t, syscall.Listen(r.socket, 0))
	for range 3 {
		if c, err := net.DialTimeout("tcp", r.addr, 100*time.Millisecond); err == nil {
			r.fillers = append(r.fillers, c)
		}
	}
}

// recover lets the receiver work.
func (r *receiver) recover() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recovered {
		return
	}
	r.recovered = true
	close(r.over)
	switch r.fault {
	case "refuse", "connect-hang":
		require.NoError(r.t, syscall.Listen(r.socket, 128))
		f := os.NewFile(uintptr(r.socket), "listener")
		ln, err := net.FileListener(f)
		require.NoError(r.t, err)
		f.Close()
		for _, c := range r.fillers {
			c.Close()
		}
		r.listener = ln
		go r.accept(ln)
	}
}

func (r *receiver) works() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recovered || r.fault == "ok"
}

func (r *receiver) accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go r.handle(c)
	}
}

// reset ends a connection without the end of its stream.
func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

func (r *receiver) handle(c net.Conn) {
	defer c.Close()
	if n, ok := strings.CutPrefix(r.fault, "reset-request-"); ok && !r.works() {
		bytes, _ := strconv.Atoi(n)
		_, _ = io.CopyN(io.Discard, c, int64(bytes))
		reset(c)
		return
	}
	if strings.HasPrefix(r.fault, "tls-") {
		raw := c
		if c = r.overTLS(raw); c == nil {
			return
		}
	}
	buffered := bufio.NewReader(c)
	for {
		request, err := http.ReadRequest(buffered)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil || !r.respond(c, body) {
			return
		}
	}
}

var word = regexp.MustCompile(`/v/([a-z]+)`)

// take notes what has arrived.
func (r *receiver) take(body []byte) {
	text := string(body)
	if r.sink == "sns" {
		text, _ = url.QueryUnescape(text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, body)
	for _, m := range word.FindAllStringSubmatch(text, -1) {
		if _, ok := r.arrived[m[1]]; !ok {
			r.arrived[m[1]] = time.Now()
		}
	}
}

// missing returns which of the words have not arrived.
func (r *receiver) missing(words []string) (missing []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range words {
		if _, ok := r.arrived[w]; !ok {
			missing = append(missing, w)
		}
	}
	return missing
}

// yes is the response that confirms a request.
func (r *receiver) yes(body []byte) string {
	switch r.sink {
	case "slack":
		return "ok"
	case "slack token":
		return `{"ok":true,"channel":"C1","ts":"1.2"}`
	case "sns":
		form, _ := url.ParseQuery(string(body))
		if form.Get("Action") == "Publish" {
			return `<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`
		}
		var all strings.Builder
		for i := 1; form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i)) != ""; i++ {
			fmt.Fprintf(&all, "<member><Id>%s</Id><MessageId>m</MessageId></member>", form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i)))
		}
		return `<PublishBatchResponse><PublishBatchResult><Successful>` + all.String() + `</Successful></PublishBatchResult></PublishBatchResponse>`
	case "eventbridge":
		return entries(body, `{"EventId":"e"}`)
	}
	return ""
}

func entries(body []byte, each string) string {
	var in struct{ Entries []any }
	_ = json.Unmarshal(body, &in)
	return `{"FailedEntryCount":0,"Entries":[` + strings.TrimSuffix(strings.Repeat(each+",", len(in.Entries)), ",") + `]}`
}

// no is the body of a refusal.
func (r *receiver) no(code string) string {
	switch r.sink {
	case "sns":
		return `<ErrorResponse><Error><Code>` + code + `</Code></Error></ErrorResponse>`
	case "eventbridge":
		return `{"__type":"` + code + `"}`
	}
	return code
}

func response(status int, header, kind, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s", status, kind, len(body), header, body)
}
