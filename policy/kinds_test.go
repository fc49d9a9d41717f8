package policy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What looks like one destination and is another, or only looks odd: by the kinds of the corpus.
func TestKinds(t *testing.T) {
	stripe := parse(t, "on_violation: block\nwhitelist:\n  - http: https://api.stripe.com/v1/**\n")
	plain := parse(t, "on_violation: block\nwhitelist:\n  - http: http://api.stripe.com/v1/**\n")
	suffix := parse(t, "on_violation: block\nwhitelist:\n  - http: ['http://*.example.com:*', 'https://*.example.com:*']\n")
	evil := parse(t, "on_violation: block\nblacklist:\n  - http: evil.com\n")
	deepEvil := parse(t, "on_violation: block\nblacklist:\n  - http: '*.evil.com'\n")
	admin := parse(t, "on_violation: block\nblacklist:\n  - http: https://api.example.com/admin/**\n")
	local := parse(t, "on_violation: block\nblacklist:\n  - ip: [loopback, link-local, private]\n")
	get := parse(t, "on_violation: block\nwhitelist:\n  - http: https://api.example.com/**\n    methods: [GET, HEAD]\n")
	noDelete := parse(t, "on_violation: block\nblacklist:\n  - http: https://api.example.com/**\n    methods: DELETE\n")
	ten := parse(t, "on_violation: block\nwhitelist:\n  - ip: 10.0.0.0/8\n")
	globs := parse(t, "on_violation: block\nwhitelist:\n  - http: ['https://api.example.com/v1/*/items/**', 'https://files.example.com/*.json', 'https://login.*.example.com/**']\n")
	port := parse(t, "on_violation: block\nblacklist:\n  - http: evil.com:8080\n")
	buecher := parse(t, "on_violation: block\nwhitelist:\n  - http: bücher.example\n")
	const yes, no = "allow", "block"
	for _, c := range []struct {
		p    *Policy
		want string
		call string // "METHOD url [Host]"
	}{
		// host
		{stripe, yes, "GET https://api.stripe.com./v1/x"},
		{stripe, yes, "GET hTTpS://aPi.sTripe.com:443/v1/x"},
		{stripe, no, "GET https://api.stripe.com.evil.com/v1/x"},
		{stripe, no, "GET https://evil.com/https://api.stripe.com/v1/x"},
		{stripe, no, "GET https://api-stripe.com/v1/x"},
		{stripe, no, "GET https://api.stripe.co/v1/x"},
		{stripe, no, "GET https://stripe.com/v1/x"},
		{stripe, no, "GET https://x.api.stripe.com/v1/x"},
		{stripe, no, "GET https://api.stripe.com%2eevil.com/v1/x"},
		{stripe, no, "GET https://api.stripe.com_/v1/x"},
		{suffix, yes, "GET https://a.example.com/"},
		{suffix, yes, "GET https://a.b.c.example.com/"},
		{suffix, yes, "GET http://A_b.example.com.:8080/x"},
		{suffix, yes, "GET https://-a-.example.com/"},
		{suffix, yes, "GET https://xn--a.example.com/"},
		{suffix, yes, "GET https://123.example.com/"},
		{suffix, no, "GET https://example.com/"},
		{suffix, no, "GET https://aexample.com/"},
		{suffix, no, "GET https://a.example.com.evil.com/"},
		{suffix, no, "GET https://evil.com/.example.com"},
		{suffix, no, "GET https://evil.com?.example.com"},
		{suffix, no, "GET https://evil.com#.example.com"},
		{suffix, no, "GET https://a..example.com/"},
		{suffix, no, "GET https://..example.com/"},
		{suffix, no, "GET https://evil.com;.example.com/"},
		{suffix, no, "GET https://evil.com!.example.com/"},
		{suffix, no, "GET https://evil.com(.example.com/"},
		{suffix, no, "GET https://evil.com'.example.com/"},
		{suffix, no, "GET https://evil.com=.example.com/"},
		{suffix, no, "GET https://evil.com+.example.com/"},
		{suffix, no, "GET https://evil.com~.example.com/"},
		{evil, no, "GET http://EVIL.COM/"},
		{evil, no, "GET http://evil.com./"},
		{evil, no, "POST https://evil.com:1/a?b#c"},
		{evil, no, "GET http://evil.com:/"},
		{evil, yes, "GET http://notevil.com/"},
		{evil, yes, "GET http://evil.com.example/"},
		{evil, yes, "GET http://good.example/evil.com"},
		{evil, yes, "GET http://good.example/?u=http://evil.com"},
		{deepEvil, no, "GET http://a.evil.com/"},
		{deepEvil, no, "GET http://A.B.EVIL.com./"},
		{deepEvil, yes, "GET http://evil.com/"},
		{deepEvil, yes, "GET http://xevil.com/"},
		// hosthdr
		{stripe, no, "GET https://api.stripe.com/v1/x evil.com"},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com:80"},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com:8443"},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com,evil.com"},
		{stripe, no, "GET https://api.stripe.com/v1/x evil.com@api.stripe.com"},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com@evil.com"},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com/evil"},
		{stripe, no, "GET https://api.stripe.com/v1/x 127.0.0.1"},
		{stripe, no, "GET https://api.stripe.com/v1/x [::1]"},
		{stripe, no, "GET https://api.stripe.com/v1/x :443"},
		{stripe, no, "GET https://api.stripe.com/v1/x ."},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com.evil.com"},
		{stripe, no, "GET https://api.stripe.com/v1/x ａpi.stripe.com.evil。com"},
		{stripe, no, "GET https://api.stripe.com/v1/x evil。com"},
		{stripe, no, "GET https://api.stripe.com/v1/x api.stripe.com:https"},
		{stripe, yes, "GET https://api.stripe.com/v1/x API.stripe.com."},
		{stripe, yes, "GET https://api.stripe.com/v1/x api.stripe.com:443"},
		{stripe, yes, "GET https://api.stripe.com/v1/x api.stripe.com:"},
		{stripe, yes, "GET https://api.stripe.com/v1/x api.stripe.com:0443"},
		{evil, no, "GET https://cdn.example/ evil.com"},
		{evil, no, "GET https://cdn.example/ ｅvil.com"},
		{evil, no, "GET https://cdn.example/ evil.com:444"},
		{evil, yes, "GET https://cdn.example/ other.example"},
		{local, no, "GET http://good.example/ 127.0.0.1"},
		{local, no, "GET http://good.example/ [::ffff:10.0.0.1]"},
		{local, no, "GET http://good.example/ localhost:9001"},
		{local, no, "GET http://good.example/ 0x7f.1"},
		// idn
		{evil, no, "GET http://ｅｖｉｌ．ｃｏｍ/"},
		{evil, no, "GET http://evil｡com"},
		{evil, no, "GET http://ev\u00adil.com/"},
		{evil, no, "GET http://evil.com\u200b/"},
		{evil, no, "GET http://ⓔⓥⓘⓛ.com/"},
		{evil, no, "GET http://𝐞𝐯𝐢𝐥.com/"},
		{evil, no, "GET http://evil.ⅽom/"},
		{evil, no, "GET http://evil.c\ufe0fom/"},
		{evil, no, "GET http://evil.%EF%BD%83om/"},
		{evil, no, "GET http://evil%E3%80%82com/"},
		{evil, yes, "GET http://еvil.com/"},
		{evil, yes, "GET http://évil.com/"}, // Cyrillic and accented letters are other names
		{deepEvil, no, "GET http://a。evil．com/"},
		{deepEvil, no, "GET http://bücher.evil.com/"},
		{suffix, no, "GET https://evil.com＃.example.com/"},
		{suffix, no, "GET https://evil.com＠.example.com/"},
		{suffix, no, "GET https://evil.com．．example.com/"},
		{suffix, no, "GET https://evil.com％2f.example.com/"},
		{suffix, yes, "GET https://bücher.example.com/"},
		{buecher, no, "GET https://BÜCHER.example/"},
		{buecher, no, "GET https://bu\u0308cher.example/"},
		{buecher, yes, "GET https://XN--BCHER-KVA.EXAMPLE./"},
		{buecher, no, "GET https://bücher.example.evil.com/"},
		{buecher, no, "GET https://buecher.example/"},
		{local, no, "GET http://①②⑦.⓪.⓪.①/"},
		{local, no, "GET http://１２７．１/"},
		{local, no, "GET http://\u00ad/"},
		{local, no, "GET http://localhost\u00ad/"},
		{local, no, "GET http://ⓛocalhost/"},
		{local, no, "GET http://①⑥⑨。254。169。254/latest/"},
		// ip
		{local, no, "GET http://127.0.0.1./"},
		{local, no, "GET http://127.255.255.254:9001/"},
		{local, no, "GET http://[::ffff:7f00:1]/"},
		{local, no, "GET http://[::FFFF:10.1.1.1]/"},
		{local, no, "GET http://[0000:0000:0000:0000:0000:ffff:c0a8:0001]/"},
		{local, no, "GET http://[::7f00:1]/"},
		{local, no, "GET http://[64:ff9b::7f00:1]/"},
		{local, no, "GET http://[2002:a9fe:a9fe::]/"},
		{local, no, "GET http://[fe80::1%25en0]/"},
		{local, no, "GET http://[::1%25lo]:80/"},
		{local, no, "GET http://0.0.0.0:80/"},
		{local, no, "GET http://[::]/"},
		{local, no, "GET http://[fd00::1]/"},
		{local, no, "GET http://100.64.0.1/"},
		{local, no, "GET http://2130706433/"},
		{local, no, "GET http://017700000001/"},
		{local, no, "GET http://0x7f000001/"},
		{local, no, "GET http://0xA9.0xFE.0xA9.0xFE/"},
		{local, no, "GET http://169.254.43518/"},
		{local, no, "GET http://10.1/"},
		{local, no, "GET http://192.168.257/"},
		{local, no, "GET http://127.0.0.1:09001/"},
		{local, no, "GET http://localhost/"},
		{local, no, "GET http://LocalHost.:1/"},
		{local, yes, "GET http://128.0.0.1/"},
		{local, yes, "GET http://[2001:db8::1]/"},
		{local, yes, "GET http://172.15.0.1/"},
		{local, yes, "GET http://172.32.0.1/"},
		{local, yes, "GET http://9.255.255.255/"},
		{local, yes, "GET http://127.0.0.1.evil.com/"},
		{local, yes, "GET http://good.example/127.0.0.1"},
		{local, yes, "GET http://[::ffff:8.8.8.8]/"},
		{local, yes, "GET http://8.8.8.8:53/"},
		{local, yes, "GET http://a1.example/"},
		{ten, yes, "GET http://10.1.2.3/"},
		{ten, yes, "GET https://10.255.255.255:8443/"},
		{ten, no, "GET http://11.0.0.1/"},
		{ten, no, "GET http://10.0.0.1.evil.com/"},
		{ten, no, "GET http://10.1/"},
		{ten, no, "GET http://012.0.0.1/"},
		{ten, no, "GET http://167772161/"},
		{ten, no, "GET http://ten.example/"},
		{ten, no, "GET http://10.1.2.3/ evil.com"},
		{ten, no, "GET http://[64:ff9b::a00:1]/"},
		// method
		{get, yes, "HEAD https://api.example.com/x"},
		{get, no, "get https://api.example.com/x"},
		{get, no, "Get https://api.example.com/x"},
		{get, no, "OPTIONS https://api.example.com/x"},
		{get, no, "CONNECT https://api.example.com/x"},
		{get, no, "TRACE https://api.example.com/x"},
		{get, no, "GETS https://api.example.com/x"},
		{get, no, "PROPFIND https://api.example.com/x"},
		{noDelete, no, "DELETE https://api.example.com/x"},
		{noDelete, no, "dElEtE https://api.example.com/x"},
		{noDelete, yes, "GET https://api.example.com/x"},
		{noDelete, yes, "DELETED https://api.example.com/x"},
		{noDelete, yes, "DELETE https://other.example.com/x"},
		{noDelete, no, "DELETE https://api.example.com:444/x"},
		// path
		{stripe, yes, "GET https://api.stripe.com/v1/x?a=../../admin"},
		{stripe, yes, "GET https://api.stripe.com/v1/a%20b%3Fc"},
		{stripe, yes, "GET https://api.stripe.com/v1/x...y/..z/.w"},
		{stripe, yes, "GET https://api.stripe.com/v1/ü"},
		{stripe, yes, "GET https://api.stripe.com/v1/a:b@c,d=e$f&g"},
		{stripe, yes, "GET https://api.stripe.com/v1/customers/cus_1%2F2"},
		{stripe, yes, "GET https://api.stripe.com/v1/a/./b"},
		{stripe, no, "GET https://api.stripe.com/v1"},
		{stripe, no, "GET https://api.stripe.com"},
		{stripe, no, "GET https://api.stripe.com?/v1/x"},
		{stripe, no, "GET https://api.stripe.com/V1/x"},
		{stripe, no, "GET https://api.stripe.com/v1/.."},
		{stripe, no, "GET https://api.stripe.com/v1/../"},
		{stripe, no, "GET https://api.stripe.com/v1/..%2F"},
		{stripe, no, "GET https://api.stripe.com/v1/.%2e/admin"},
		{stripe, no, "GET https://api.stripe.com/v1%2F%2e%2E%2Fadmin"},
		{stripe, no, "GET https://api.stripe.com/v1/a/../../admin"},
		{stripe, no, "GET https://api.stripe.com/v1/%2E%2E%5Cadmin"},
		{stripe, no, "GET https://api.stripe.com/v1/%252e%252e%252fadmin"},
		{stripe, no, "GET https://api.stripe.com/v1/%25252e%25252e/admin"},
		{stripe, no, "GET https://api.stripe.com/v1/x/..;/..;/admin"},
		{stripe, no, "GET https://api.stripe.com/v1/..%3B/admin"},
		{stripe, no, "GET https://api.stripe.com/v1/.%00./admin"},
		{stripe, no, "GET https://api.stripe.com/v1/%c0%ae%c0%ae/admin"},
		{stripe, no, "GET https://api.stripe.com/v1//../../admin"},
		{stripe, no, "GET https://api.stripe.com/v2/../admin/v1/x"},
		{stripe, no, "GET https://api.stripe.com/x/v1/x"},
		{admin, no, "GET https://api.example.com/admin"},
		{admin, no, "GET https://api.example.com//admin/x"},
		{admin, no, "GET https://api.example.com/%61dmin/x"},
		{admin, no, "GET https://api.example.com/%2561dmin/x"},
		{admin, no, "GET https://api.example.com/admin%2Fx"},
		{admin, no, "GET https://api.example.com/a/..//admin/x"},
		{admin, no, "GET https://api.example.com/./admin/./x"},
		{admin, no, "GET https://api.example.com/x/%2E%2E/admin"},
		{admin, no, "GET https://api.example.com/;a/admin/x"},
		{admin, no, "GET https://api.example.com/admin/../x/../admin"},
		{admin, no, "GET https://api.example.com/%5cadmin"},
		{admin, no, "GET https://api.example.com/adm%0din/x"},
		{admin, yes, "GET https://api.example.com/adminx"},
		{admin, yes, "GET https://api.example.com/x/admin"},
		{admin, yes, "GET https://api.example.com/?/admin/x"},
		{admin, no, "GET https://api.example.com:8443/admin/x"},
		{admin, yes, "GET https://api.example.com/a%20dmin"},
		// glob
		{globs, yes, "GET https://api.example.com/v1/a/items/b/c"},
		{globs, no, "GET https://api.example.com/v1/a/b/items/c"},
		{globs, no, "GET https://api.example.com/v1//items/c"},
		{globs, no, "GET https://api.example.com/v1/a/items"},
		{globs, no, "GET https://api.example.com/v1/a/items/../x"},
		{globs, no, "GET https://api.example.com/v1/a%2Fb/items/c"},
		{globs, yes, "GET https://files.example.com/a.b.json?x=1"},
		{globs, no, "GET https://files.example.com/a/b.json"},
		{globs, no, "GET https://files.example.com/ajson"},
		{globs, no, "GET https://files.example.com/a%2fb.json"},
		{globs, yes, "GET https://login.eu.example.com/"},
		{globs, no, "GET https://login.eu.x.example.com/"},
		{globs, no, "GET https://login.example.com/"},
		{globs, no, "GET https://xlogin.eu.example.com/"},
		// port
		{stripe, no, "GET https://api.stripe.com:444/v1/x"},
		{stripe, no, "GET https://api.stripe.com:80/v1/x"},
		{stripe, no, "GET http://api.stripe.com:443/v1/x"},
		{stripe, no, "GET https://api.stripe.com:65979/v1/x"},
		{stripe, yes, "GET https://api.stripe.com:000443/v1/x"},
		{stripe, yes, "GET https://api.stripe.com:/v1/x"},
		{port, no, "GET https://evil.com:08080/"},
		{port, no, "GET http://good.example/ evil.com:8080"},
		{port, no, "GET http://evil.com:73616/"},
		{port, yes, "GET http://evil.com:808/"},
		{port, yes, "GET http://evil.com/:8080"},
		{port, no, "GET http://evil.com:80800/x"},
		// userinfo
		{stripe, no, "GET https://api.stripe.com@evil.com/v1/x"},
		{stripe, no, "GET https://api.stripe.com:x@evil.com/v1/x"},
		{stripe, no, "GET https://api.stripe.com%2f@evil.com/v1/x"},
		{stripe, yes, "GET https://user:pass@api.stripe.com/v1/x"},
		{stripe, yes, "GET https://evil.com@api.stripe.com/v1/x"},
		{stripe, yes, "GET https://evil.com:443@api.stripe.com:443/v1/x"},
		{evil, no, "GET https://good.example@evil.com"},
		{evil, no, "GET https://a@b@evil.com"},
		{evil, yes, "GET https://evil.com@good.example/"},
		// scheme
		{stripe, no, "GET http://api.stripe.com/v1/x"},
		{stripe, no, "GET ws://api.stripe.com/v1/x"},
		{stripe, no, "GET wss://api.stripe.com/v1/x"},
		{stripe, no, "GET https:api.stripe.com/v1/x"},
		{stripe, no, "GET https:///api.stripe.com/v1/x"},
		{stripe, no, "GET //api.stripe.com/v1/x"},
		{stripe, no, "GET unix://api.stripe.com/v1/x"},
		{stripe, no, "GET https+unix://api.stripe.com/v1/x"},
		{stripe, no, "GET javascript:alert(1)//api.stripe.com/v1/x"},
		{stripe, no, "GET ftp://api.stripe.com/v1/x"},
		{stripe, no, "GET HTTP://api.stripe.com/v1/x"},
		{plain, yes, "GET HTTP://api.stripe.com/v1/x"},
		{plain, no, "GET https://api.stripe.com/v1/x"},
		// proxy
		{plain, no, "CONNECT http://api.stripe.com/v1/x"},
		{plain, no, "CONNECT http://api.stripe.com/ api.stripe.com:443"},
		{evil, no, "CONNECT http://proxy.example/ evil.com:443"},
		{admin, no, "CONNECT https://api.example.com/"},
		{admin, no, "CONNECT https://proxy.example/ api.example.com:443"},
		{admin, no, "CONNECT http://proxy.example/ api.example.com:443"},
		{noDelete, no, "CONNECT http://proxy.example/ api.example.com:443"},
		{noDelete, yes, "CONNECT http://proxy.example/ other.example.com:443"},
	} {
		got := no
		if c.p.Decide(asked(c.call)).Allowed() {
			got = yes
		}
		assert.Equal(t, c.want, got, c.call)
	}

	const x = "GET https://api.stripe.com/v1/x"
	header := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header[k] = []string{v} } }
	on := func(f func(u *url.URL)) func(*http.Request) { return func(r *http.Request) { r.Host = ""; f(r.URL) } }
	hostIs := func(h string) func(*http.Request) { return on(func(u *url.URL) { u.Host = h }) }
	pathIs := func(p, raw string) func(*http.Request) { return on(func(u *url.URL) { u.Path, u.RawPath = p, raw }) }
	opaque := func(o string) func(*http.Request) { return on(func(u *url.URL) { u.Opaque = o }) }
	for _, c := range []struct {
		p      *Policy
		want   string
		change func(*http.Request)
	}{
		// smuggle
		{stripe, no, header("X-A", "b\nHost: evil.com")},
		{stripe, no, header("X-A", "b\rc")},
		{stripe, no, header("X-A", "b\x7f")},
		{stripe, no, header("X-A", "a longer value\x7fb")},
		{stripe, no, header("X-A", "\x01")},
		{stripe, no, header("X A", "b")},
		{stripe, no, header("X-A\r\nHost", "b")},
		{stripe, no, header("X-\u00c4", "b")},
		{stripe, no, header("X-A-Longer-Name(", "b")},
		{stripe, no, header("X-A/B", "b")},
		{stripe, no, header("X-\x7f", "b")},
		{stripe, no, header("", "b")},
		{stripe, no, header("[X-A]-Longer", "b")},
		{stripe, no, header("X{a}", "b")},
		{stripe, no, header("X@Y-Longer-Name", "b")},
		{stripe, yes, header("X-A", "b\tc ü\xff")},
		{stripe, yes, header("x_a!#$%&'*+.^`|~", "b")},
		{stripe, yes, header("X-A", "")},
		{stripe, yes, header("X-Forwarded-Host", "evil.com")},
		{stripe, yes, header("X-A_Longer~Name", "a long enough value ü")},
		// hosthdr
		{stripe, no, header("host", "evil.com")},
		{stripe, no, header("HosT", "api.stripe.com:80")},
		{stripe, no, header("HOST", "")},
		{stripe, yes, header("hOST", "api.stripe.com")},
		{evil, no, header("host", "EVIL.com.")},
		// urlstruct
		{stripe, no, opaque("//api.stripe.com@evil.com/v1/x")},
		{stripe, no, opaque("//api.stripe.com:443@evil.com/v1/x")},
		{stripe, no, opaque("//evil.com/v1/x?@api.stripe.com/v1/x")},
		{stripe, no, opaque("//evil.com\\@api.stripe.com/v1/x")},
		{stripe, no, opaque("http://api.stripe.com/v1/x")},
		{stripe, no, opaque("https://evil.com/v1/x")},
		{stripe, no, opaque("https:///v1/x")},
		{stripe, no, opaque("//api.stripe.com:8443/v1/x")},
		{stripe, no, opaque("/v1/../admin")},
		{stripe, no, opaque("/v1/%2e%2e%2fadmin")},
		{stripe, no, opaque("v1/x")},
		{stripe, no, opaque("/v1/x\r\nHost: evil.com")},
		{stripe, no, opaque("//ｅｖｉｌ.com/v1/x")},
		{stripe, no, opaque("/v1")},
		{stripe, no, opaque("api.stripe.com:443")},
		{stripe, yes, opaque("/v1/x?y=/../..")},
		{stripe, yes, opaque("//api.stripe.com/v1/x")},
		{stripe, yes, opaque("//API.stripe.com:443/v1/x")},
		{stripe, yes, opaque("https://api.stripe.com/v1/x")},
		{stripe, no, hostIs("evil.com\\.api.stripe.com")},
		{stripe, no, hostIs("api.stripe.com@evil.com")},
		{stripe, no, hostIs("evil.com@api.stripe.com")},
		{stripe, no, hostIs("api.stripe.com:443@evil.com")},
		{stripe, no, hostIs("api.stripe.com:443:443")},
		{stripe, no, hostIs("api.stripe.com ")},
		{stripe, no, hostIs(" api.stripe.com")},
		{stripe, no, hostIs("api.stripe.com\t")},
		{stripe, no, hostIs("api.stripe.com/")},
		{stripe, no, hostIs("api.stripe.com:-443")},
		{stripe, no, hostIs("[api.stripe.com")},
		{stripe, no, hostIs("[api.stripe.com]x")},
		{stripe, no, hostIs("[[api.stripe.com]]")},
		{stripe, no, hostIs("[evil.com]:443")},
		{stripe, no, hostIs("api.stripe.com:４４３")},
		{stripe, no, hostIs("%61pi.stripe.com")},
		{stripe, no, hostIs("api\x00.stripe.com")},
		{stripe, no, hostIs(".")},
		{stripe, no, hostIs("[]")},
		{stripe, yes, hostIs("API.Stripe.com.:443")},
		{stripe, no, hostIs("ａｐｉ。stripe.com")},
		{stripe, no, hostIs("ａｐｉ.stripe.com")},
		{local, no, hostIs("[127.0.0.1]")},
		{local, no, hostIs("[::1%25lo]")},
		{local, no, hostIs("[fe80::1%1]:80")},
		{local, no, hostIs("::1")},
		{local, no, hostIs("[127.1]")},
		{local, no, hostIs("[localhost]:9001")},
		{local, no, hostIs("①②⑦.1")},
		{stripe, no, pathIs("v1/x", "")},
		{stripe, no, pathIs("*", "")},
		{stripe, no, pathIs("@evil.com/v1/x", "")},
		{stripe, no, pathIs(".evil.com/v1/x", "")},
		{stripe, no, pathIs(":80/v1/x", "")},
		{stripe, no, pathIs("/v1/../admin", "")},
		{stripe, no, pathIs("/admin", "/v1/x")},
		{stripe, no, pathIs("/v1/%2e%2e/admin", "")},
		{stripe, no, pathIs("", "")},
		{stripe, no, pathIs("/v1/..\\admin", "")},
		{stripe, yes, pathIs("/v1/x", "/admin")},
		{stripe, yes, pathIs("/v1/a b?c#d", "")},
		{stripe, yes, pathIs("/v1/x", "/v1/%78")},
		{stripe, yes, pathIs("/v1/100%", "")},
		{stripe, no, pathIs("/v1/x/../../y", "/v1/x%2f..%2f..%2fy")},
		{stripe, yes, pathIs("/v1/"+strings.Repeat("x/", 3000), "")},
		{stripe, no, on(func(u *url.URL) { u.RawQuery = "a\r\nHost: evil.com" })},
		{stripe, no, on(func(u *url.URL) { u.RawQuery = "a long query\x7f" })},
		{stripe, no, on(func(u *url.URL) { u.RawQuery = "\x7f" })},
		{stripe, no, on(func(u *url.URL) { u.Scheme = "Https" })},
		{stripe, no, on(func(u *url.URL) { u.Scheme = "" })},
		{stripe, no, on(func(u *url.URL) { u.Host = "" })},
		{stripe, yes, on(func(u *url.URL) { u.ForceQuery = true; u.Fragment = "../x" })},
		{stripe, yes, on(func(u *url.URL) { u.User = url.UserPassword("evil.com", "@") })},
		// h2, method
		{stripe, no, func(r *http.Request) { r.Method = "CONNECT" }},
		{stripe, no, func(r *http.Request) { r.Method, r.Host = "CONNECT", "evil.com:443" }},
		{stripe, no, func(r *http.Request) { r.Method = "GET " }},
		{stripe, no, func(r *http.Request) { r.Method = "G\tET" }},
		{stripe, no, header(":authority", "evil.com")},
		{stripe, no, header(":path", "/admin")},
		{stripe, no, header(":protocol", "websocket")},
		{stripe, yes, func(r *http.Request) { r.Method = "" }},
		{stripe, yes, func(r *http.Request) { r.RequestURI = "http://evil.com/" }},
	} {
		r := asked(x).HTTP
		c.change(r)
		got := no
		if c.p.Decide(Call{HTTP: r}).Allowed() {
			got = yes
		}
		assert.Equal(t, c.want, got, "%s %+v host %q header %q", r.Method, r.URL, r.Host, r.Header)
	}
}

// asked is the call that "METHOD url [Host]" makes; an empty one when net/http cannot make it.
func asked(text string) Call {
	f := strings.Fields(text)
	r, err := http.NewRequest(f[0], f[1], nil)
	if err != nil {
		return Call{}
	}
	if len(f) > 2 {
		r.Host = f[2]
	}
	return Call{HTTP: r, Via: ViaTransport}
}
