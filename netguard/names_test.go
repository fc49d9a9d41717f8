package netguard

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/policy"
)

// install puts g in front of a resolver that asks a DNS server on loopback.
func install(t testing.TB, g Guard, records map[string][]string) *dnsServer {
	t.Helper()
	s := newDNS(t, records)
	setResolver(t, &net.Resolver{Dial: s.dial})
	setConf(t, "search corp.test\n")
	InstallNames(g)
	return s
}

var world = map[string][]string{
	"good.test":                {"203.0.113.1", "2001:db8::1"},
	"evil.test":                {"203.0.113.2"},
	"db.corp.test":             {"203.0.113.3"},
	"alias.test":               {"cdn.test", "203.0.113.4"},
	"local.test":               {"127.0.0.1"},
	"_db._tcp.good.test":       {},
	"_db._tcp.evil.test":       {},
	"_x.good.test":             {},
	"target.test":              {"203.0.113.5"},
	"1.113.0.203.in-addr.arpa": {},
	"2.113.0.203.in-addr.arpa": {},
}

func TestNamesAreJudgedBeforeAQueryLeaves(t *testing.T) {
	r := func() *net.Resolver { return net.DefaultResolver }
	host := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := r().LookupHost(ctx, name)
			return err
		}
	}
	for _, c := range []struct {
		name    string
		policy  string
		look    func(context.Context) error
		refused bool
		asked   string   // what the guard is asked about first
		sent    []string // queries that arrive
	}{
		{"an allowed name", "- net: good.test", host("good.test"), false, "name good.test", []string{"good.test A", "good.test AAAA"}},
		{"whatever the port of the rule", "- net: good.test:5432", host("good.test"), false, "name good.test", []string{"good.test A", "good.test AAAA"}},
		{"whatever the case", "- net: good.test", host("GOOD.test."), false, "name good.test", []string{"good.test A", "good.test AAAA"}},
		{"a refused name", "- net: good.test", host("evil.test"), true, "name evil.test", nil},
		{"one family", "- net: good.test", func(ctx context.Context) error {
			_, err := r().LookupIP(ctx, "ip4", "evil.test")
			return err
		}, true, "name evil.test", nil},
		{"an alias goes by its name", "- net: alias.test", host("alias.test"), false, "name alias.test", []string{"alias.test A", "alias.test AAAA"}},
		{"the target of an alias does not vouch", "- net: cdn.test", host("alias.test"), true, "name alias.test", nil},
		{"search suffix, the short name", "- net: db", host("db.corp.test."), false, "name db db.corp.test", []string{"db.corp.test A", "db.corp.test AAAA"}},
		{"search suffix, the full name", "- net: db.corp.test", host("db.corp.test"), false, "name db db.corp.test", []string{"db.corp.test A", "db.corp.test AAAA"}},
		{"search suffix, refused", "- net: good.test", host("db.corp.test."), true, "name db db.corp.test", nil},
		{"SRV", "- net: good.test", func(ctx context.Context) error {
			_, _, err := r().LookupSRV(ctx, "db", "tcp", "good.test")
			return err
		}, false, "name good.test", []string{"_db._tcp.good.test SRV"}},
		{"SRV, refused", "- net: good.test", func(ctx context.Context) error {
			_, _, err := r().LookupSRV(ctx, "db", "tcp", "evil.test")
			return err
		}, true, "name evil.test", nil},
		{"TXT", "- net: good.test", func(ctx context.Context) error {
			_, err := r().LookupTXT(ctx, "_x.good.test")
			return err
		}, false, "name good.test", []string{"_x.good.test TXT"}},
		{"TXT, refused", "- net: good.test", func(ctx context.Context) error {
			_, err := r().LookupTXT(ctx, "secrets.evil.test")
			return err
		}, true, "name secrets.evil.test", nil},
		{"MX, refused", "- net: good.test", func(ctx context.Context) error {
			_, err := r().LookupMX(ctx, "evil.test")
			return err
		}, true, "name evil.test", nil},
		{"CNAME, refused", "- net: good.test", func(ctx context.Context) error {
			_, err := r().LookupCNAME(ctx, "evil.test")
			return err
		}, true, "name evil.test", nil},
		{"PTR", "- net: 203.0.113.1", func(ctx context.Context) error {
			_, err := r().LookupAddr(ctx, "203.0.113.1")
			return err
		}, false, "name 203.0.113.1", []string{"1.113.0.203.in-addr.arpa PTR"}},
		{"PTR, refused", "- net: 203.0.113.1", func(ctx context.Context) error {
			_, err := r().LookupAddr(ctx, "203.0.113.2")
			return err
		}, true, "name 203.0.113.2", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGuard(t, "whitelist:\n"+c.policy+"\n")
			s := install(t, g, world)
			err := c.look(t.Context())
			if c.refused {
				require.ErrorContains(t, err, "blocked by policy: no whitelist rule matches")
				var dns *net.DNSError
				require.ErrorAs(t, err, &dns)
				assert.False(t, dns.IsTemporary || dns.IsTimeout || dns.IsNotFound)
			} else {
				require.NoError(t, err)
			}
			sent := s.queries()
			slices.Sort(sent)
			assert.Equal(t, append([]string{}, c.sent...), sent)
			assert.Equal(t, c.asked, g.asked()[0])
		})
	}
}

func TestTheHostsFileIsReadAsBefore(t *testing.T) {
	g := newGuard(t, "whitelist: []")
	s := install(t, g, world)
	addrs, err := net.DefaultResolver.LookupHost(t.Context(), "localhost")
	require.NoError(t, err)
	assert.Contains(t, addrs, "127.0.0.1")
	assert.Empty(t, g.asked())
	assert.Empty(t, s.queries())
}

func TestSettingsOfTheResolverStay(t *testing.T) {
	g := newGuard(t, good)
	var dials atomic.Int64
	s := newDNS(t, world)
	r := &net.Resolver{StrictErrors: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return s.dial(ctx, network, address)
	}}
	setResolver(t, r)
	n := InstallNames(g)
	assert.Same(t, r, net.DefaultResolver)
	assert.True(t, r.StrictErrors)
	assert.True(t, r.PreferGo)
	_, err := net.DefaultResolver.LookupHost(t.Context(), "good.test")
	require.NoError(t, err)
	assert.EqualValues(t, 2, dials.Load())
	assert.Empty(t, n.Gap())

	InstallNames(g)
	_, err = net.DefaultResolver.LookupIP(t.Context(), "ip4", "good.test")
	require.NoError(t, err)
	assert.EqualValues(t, 3, dials.Load(), "the resolver is hooked once")
}

func TestADialOfTheResolverThatFailsSaysSo(t *testing.T) {
	setResolver(t, &net.Resolver{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no server")
	}})
	InstallNames(newGuard(t, good))
	_, err := net.DefaultResolver.LookupHost(t.Context(), "good.test")
	assert.ErrorContains(t, err, "no server")
}

func TestWithoutADialTheServerIsAskedDirectly(t *testing.T) {
	g := newGuard(t, good)
	s := newDNS(t, world)
	direct := new(hook).dial
	setResolver(t, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return direct(ctx, network, s.addr())
	}})
	all := []*Names{{g}}
	joined.Store(&all)
	_, err := net.DefaultResolver.LookupHost(t.Context(), "good.test")
	require.NoError(t, err)
	_, err = net.DefaultResolver.LookupHost(t.Context(), "evil.test")
	require.Error(t, err)
}

func TestATruncatedResponseIsAskedForOverTCP(t *testing.T) {
	g := newGuard(t, good)
	s := install(t, g, world)
	s.truncate.Store(true)
	addrs, err := net.DefaultResolver.LookupHost(t.Context(), "good.test")
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"203.0.113.1", "2001:db8::1"}, addrs)
	assert.Contains(t, s.networks(), "tcp")
	assert.Equal(t, []string{"good.test"}, dnsnames.Process.Names(parseAddr("203.0.113.1")))
}

func TestGapsOfTheResolverAreKnown(t *testing.T) {
	setResolver(t, new(net.Resolver))
	n := InstallNames(newGuard(t, good))
	assert.Empty(t, n.Gap())
	require.NoError(t, TestNames())
	own := net.DefaultResolver
	net.DefaultResolver = new(net.Resolver)
	assert.Contains(t, n.Gap(), "replaced")
	net.DefaultResolver = own
	assert.Empty(t, n.Gap())
	own.Dial = new(net.Dialer).DialContext
	assert.Contains(t, n.Gap(), "Dial")
	InstallNames(newGuard(t, good))
	assert.Empty(t, n.Gap(), "a later guard hooks it again")
}

func TestGuardsOfNamesAddUp(t *testing.T) {
	first := newGuard(t, "whitelist:\n- net: good.test\n- net: evil.test\n")
	install(t, first, world)
	second := InstallNames(newGuard(t, "whitelist:\n- net: good.test\n"))
	look := func(name string) error {
		_, err := net.DefaultResolver.LookupHost(t.Context(), name)
		return err
	}
	require.NoError(t, look("good.test"))
	require.Error(t, look("evil.test"))
	second.Close()
	require.NoError(t, look("evil.test"))
	refuses := InstallNames(nil)
	require.ErrorContains(t, look("good.test"), ErrNoGuard.Error())
	refuses.Close()
	require.NoError(t, look("good.test"))
}

func TestADialerCannotReachARefusedName(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, good)
	install(t, g, map[string][]string{"*": {"127.0.0.1"}})
	_, err := new(net.Dialer).DialContext(t.Context(), "tcp", "evil.test:"+s.port())
	require.ErrorContains(t, err, "blocked by policy")
	assert.Zero(t, s.counter.conns.Load())
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", "good.test:"+s.port())
	require.NoError(t, err)
	conn.Close()
}

func TestANameThatTurnsLocalIsRefused(t *testing.T) {
	g := newGuard(t, "whitelist:\n- net: local.test\n")
	install(t, g, world)
	_, err := net.DefaultResolver.LookupHost(t.Context(), "local.test")
	require.Error(t, err) // "no such host" if the other family's response came last
	assert.Contains(t, g.violations(), "dial local.test")
	assert.False(t, dnsnames.Process.Has(parseAddr("127.0.0.1")))
}

func TestABlacklistedAddressOfAnAllowedNameIsRefused(t *testing.T) {
	install(t, newGuard(t, "whitelist:\n- net: good.test\nblacklist:\n- ip: 203.0.113.0/24\n- ip: 2001:db8::/32\n"), world)
	_, err := net.DefaultResolver.LookupHost(t.Context(), "good.test")
	require.ErrorContains(t, err, "blacklist rule")
}

func TestMarksReachTheLayerOfNames(t *testing.T) {
	s := serve(t, "http")
	for _, c := range []struct {
		name string
		mark func(context.Context, Guard) context.Context
		host string
		want []string
	}{
		{"a request that has been judged", func(ctx context.Context, g Guard) context.Context {
			return judgedRequest(t, ctx, "http://good.test:"+s.port(), g, true).Context()
		}, "good.test", []string{}},
		{"a request to another host", func(ctx context.Context, g Guard) context.Context {
			return judgedRequest(t, ctx, "http://other.test", g, true).Context()
		}, "good.test", []string{"name good.test"}},
		{"the request of another guard", func(ctx context.Context, _ Guard) context.Context {
			return judgedRequest(t, ctx, "http://good.test:"+s.port(), newGuard(t, good), true).Context()
		}, "good.test", []string{"name good.test"}},
		{"a dial that is judged", func(ctx context.Context, g Guard) context.Context {
			return judged.WithDial(ctx, g, "good.test:"+s.port())
		}, "good.test", []string{}},
		{"a dial of another host", func(ctx context.Context, g Guard) context.Context {
			return judged.WithDial(ctx, g, "other.test:"+s.port())
		}, "good.test", []string{"name good.test"}},
		{"the delivery of an alert", func(ctx context.Context, _ Guard) context.Context {
			return sinkmark.With(ctx)
		}, "evil.test", []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGuard(t, good)
			install(t, g, world)
			_, err := net.DefaultResolver.LookupIPAddr(c.mark(t.Context(), g), c.host)
			require.NoError(t, err)
			assert.Equal(t, c.want, slices.Compact(g.asked()))
		})
	}
}

func TestInAHandlersContextANameIsJudgedOnce(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, "on_violation: alert\nwhitelist:\n- ip: 127.0.0.1\n")
	install(t, g, map[string][]string{"*": {"127.0.0.1"}})
	ctx := Context(t.Context(), g)
	_, err := get(ctx, &http.Client{Transport: &http.Transport{}}, "http://evil.test:"+s.port())
	require.NoError(t, err)
	assert.Equal(t, []string{"context evil.test:" + s.port()}, g.violations(), "not by its name, and not at its dial")

	_, err = net.DefaultResolver.LookupIPAddr(Context(t.Context(), g), "evil.test")
	require.NoError(t, err)
	assert.Equal(t, []string{"name evil.test"}, g.violations())
}

func TestALaterDialByAddressHasAName(t *testing.T) {
	s := serve(t, "http")
	addr := s.Listener.Addr().String()
	both := map[string][]string{"good.test": {"127.0.0.1"}, "evil.test": {"127.0.0.1"}}
	for _, c := range []struct {
		name   string
		policy string
		look   []string
		want   []string
	}{
		{"an allowed name", "on_violation: alert\nwhitelist:\n- net: good.test:" + s.port(), []string{"good.test"}, nil},
		{"another port", "on_violation: alert\nwhitelist:\n- net: good.test:1", []string{"good.test"}, []string{"connect good.test:" + s.port()}},
		{"a refused name", "on_violation: alert\nwhitelist:\n- net: good.test", []string{"evil.test"}, []string{"connect evil.test:" + s.port()}},
		{"several names, one of them allowed", "on_violation: alert\nwhitelist:\n- net: good.test", []string{"good.test", "evil.test"}, nil},
		{"several names, all refused", "on_violation: alert\nwhitelist: []", []string{"evil.test", "good.test"}, []string{"connect good.test:" + s.port()}},
		{"by its address", "on_violation: alert\nwhitelist:\n- net: 127.0.0.0/8:" + s.port(), []string{"evil.test"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGuard(t, c.policy)
			install(t, g, both)
			for _, name := range c.look { // without the handler's context, as pools and resolvers of drivers do
				_, err := net.DefaultResolver.LookupHost(t.Context(), name)
				require.NoError(t, err)
			}
			g.violations()
			conn, err := new(net.Dialer).DialContext(Context(t.Context(), g), "tcp", addr)
			require.NoError(t, err)
			conn.Close()
			assert.Equal(t, append([]string{}, c.want...), g.violations())
		})
	}
}

func TestOfManyLookUpsTheRefusedDoNotLeaveAndTheAllowedArrive(t *testing.T) {
	each := int64(corpustest.Times(corpustest.Sample(300, 2_000), 10_000))
	g := newGuard(t, "whitelist:\n- net: \"*.good.test\"\n")
	s := install(t, g, map[string][]string{"*": {"203.0.113.1"}})
	var wg sync.WaitGroup
	var n atomic.Int64
	for range 16 {
		wg.Go(func() {
			for i := n.Add(1); i <= each; i = n.Add(1) {
				name := strings.Repeat("x", int(i%20)+1)
				_, err := net.DefaultResolver.LookupIP(t.Context(), "ip4", name+".evil.test")
				assert.Error(t, err)
				_, err = net.DefaultResolver.LookupIP(t.Context(), "ip4", name+".good.test")
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	asked := s.queries()
	assert.False(t, slices.ContainsFunc(asked, func(q string) bool { return strings.Contains(q, "evil") }))
	assert.Positive(t, len(asked), "look-ups of one name at once are one query")
}

// Names that are looked up before a guard judges are let through and noted, each once.
func TestNamesBeforeAGuardAreRemembered(t *testing.T) {
	s := newDNS(t, world)
	setResolver(t, &net.Resolver{Dial: s.dial})
	setConf(t, "search corp.test\n")
	t.Cleanup(func() { remembering.Store(nil) })
	assert.Nil(t, Early())
	Remember()
	for _, name := range []string{"evil.test", "good.test", "evil.test", "db.corp.test"} {
		_, err := net.DefaultResolver.LookupHost(t.Context(), name)
		require.NoError(t, err)
	}
	g := newGuard(t, "whitelist:\n- net: good.test\n")
	n := InstallNames(g)
	assert.Empty(t, n.Gap())
	_, err := net.DefaultResolver.LookupHost(t.Context(), "alias.test")
	require.Error(t, err)
	var asked []string
	for _, c := range Early() {
		assert.Equal(t, policy.ViaName, c.Via)
		asked = append(asked, strings.Join(append([]string{c.Net}, c.Names...), " "))
	}
	assert.Equal(t, []string{"evil.test", "good.test", "db db.corp.test"}, asked)

	for i := range 2 * maxEarly {
		_ = remembering.Load().Check(t.Context(), policy.Call{Net: "x" + strings.Repeat("y", i), Via: policy.ViaName})
	}
	assert.Len(t, Early(), maxEarly)
}
