package netguard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/policy"
)

// testName is looked up by TestNames and called by TestContext. Neither reaches a network, and the
// domain exists nowhere.
const testName = "self-test.outguard.invalid"

var errTest = errors.New("netguard: refused by the self-test")

// TestContext proves, without a packet, that the layer of the handler's context works with this
// version of net/http: a request that a guard refuses writes nothing, and one that it lets pass
// does. The error says what does not work.
func TestContext() error {
	if running() == 0 {
		return errors.New("netguard: the layer of the handler's context does not work: goroutines have no numbers")
	}
	// Both ways count: a layer that refuses everything would break the function, and its test of
	// refusals would pass.
	leaked, err := testRequest(errTest)
	if err != nil {
		return err
	}
	passed, err := testRequest(nil)
	if err != nil {
		return err
	}
	switch {
	case leaked:
		return errors.New("netguard: the layer of the handler's context does not work: a refused request was written")
	case !passed:
		return errors.New("netguard: the layer of the handler's context does not work: an allowed request was not written")
	}
	return nil
}

// testRequest reports whether a request is written when the guard says verdict.
func testRequest(verdict error) (written bool, err error) {
	asked := false
	g := guardFunc(func(_ context.Context, c policy.Call) error {
		asked = asked || c.Net == testName+":80"
		return verdict
	})
	ctx, cancel := context.WithTimeout(Context(context.Background(), &g), time.Second)
	defer cancel()
	conn := newNowhere()
	t := &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		DisableKeepAlives: true,
	}
	defer t.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+testName+"/", nil)
	if err != nil {
		return false, err
	}
	if resp, err := t.RoundTrip(r); err == nil {
		_ = resp.Body.Close()
	}
	if !asked {
		return false, errors.New("netguard: the layer of the handler's context does not work: the guard was not asked")
	}
	return conn.written.Load(), nil
}

// guardFunc makes a Guard of a function. Check needs a pointer, because guards have to compare and
// functions do not.
type guardFunc func(context.Context, policy.Call) error

func (f *guardFunc) Check(ctx context.Context, c policy.Call) error { return (*f)(ctx, c) }

// TestNames proves, without a packet, that net.DefaultResolver asks the layer of names. The error
// says why it does not.
func TestNames() error {
	p := new(probe)
	ctx := context.WithValue(context.Background(), probeKey{}, p)
	// The trailing dot keeps search suffixes off: there is one query and no second name.
	_, err := net.DefaultResolver.LookupTXT(ctx, testName+".")
	p.over.Store(true)
	if !p.dialed {
		return fmt.Errorf("netguard: the layer of names does not work: net.DefaultResolver does not ask it (%w)", err)
	}
	if len(p.names) == 0 || p.names[0] != testName {
		return fmt.Errorf("netguard: the layer of names does not work: it reads %q instead of %q", p.names, testName)
	}
	return nil
}

// A probe is a look-up that the self-test makes. It ends at the first query.
type probe struct {
	dialed bool
	names  []string
	// over ends what the probe's context stands for: code of the program gets that context if the
	// layer of names is not in place, and would look other names up with it.
	over atomic.Bool
}

// probing reports whether ctx is that of a probe that runs.
func probing(ctx context.Context) bool {
	p, ok := ctx.Value(probeKey{}).(*probe)
	return ok && p != nil && !p.over.Load()
}

// probeKey is the key under which a look-up's context holds its probe.
type probeKey struct{}

// dial returns a connection on which the probe's own guard notes the names. Nothing reaches a
// server.
func (p *probe) dial(ctx context.Context, network string) (net.Conn, error) {
	p.dialed = true
	if network != "udp" {
		return nil, errTest
	}
	n := &Names{p.guard()}
	return watch(ctx, packetNowhere{newNowhere()}, []*Names{n}), nil
}

// guard returns a guard that notes the names of a query and refuses it.
func (p *probe) guard() Guard {
	g := guardFunc(func(_ context.Context, c policy.Call) error {
		p.names = append([]string{c.Net}, c.Names...)
		return errTest
	})
	return &g
}
