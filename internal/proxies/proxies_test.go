package proxies

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// urls are what each environment is asked for.
var urls = []string{
	"http://a.test/", "https://a.test/", "https://a.test:443/", "https://a.test:8443/", "https://A.Test/", "https://a.test./",
	"https://b.a.test/", "https://ba.test/", "http://b.a.test:8080/", "https://test/",
	"http://localhost/", "https://LOCALHOST/", "http://localhost.a.test/", "http://127.0.0.1/", "https://127.8.9.1:99/", "https://[::1]/",
	"http://10.1.2.3/", "https://10.1.2.3:8080/", "https://11.1.2.3/", "http://192.0.2.7:8080/", "http://192.0.2.7/", "https://[2001:db8::1]:80/",
	"https://[2001:db8::1]/", "https://[2001:db8::2]/", "https://[::ffff:203.0.113.5]/", "https://203.0.113.5/", "https://[fe80::1%25eth0]/",
	"https://bücher.test/", "https://xn--bcher-kva.test/", "https://BÜCHER.test/", "https://x.bücher.test/", "https://straße.test/", "https://a.test\u200d/",
	"ftp://a.test/", "http:///", "https://:443/",
}

// answers is what net/http, and what this package, has as the proxy for each of urls.
type answers struct{ NetHTTP, Own []string }

// net/http reads the environment once, so the test binary runs itself for each environment.
func TestMain(m *testing.M) {
	if os.Getenv("PROXIES_CHILD") == "" {
		os.Exit(m.Run())
	}
	text := func(u *url.URL) string {
		if u == nil {
			return ""
		}
		return u.String()
	}
	var all answers
	p := Read(os.Getenv)
	for _, s := range urls {
		u, err := url.Parse(s)
		if err != nil {
			os.Exit(2)
		}
		proxy, _ := http.ProxyFromEnvironment(&http.Request{URL: u}) // with an error, nothing is sent
		all.NetHTTP = append(all.NetHTTP, text(proxy))
		all.Own = append(all.Own, text(p.For(u)))
	}
	_ = json.NewEncoder(os.Stdout).Encode(all)
	os.Exit(0)
}

func TestAsNetHTTP(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	const http, https = "HTTP_PROXY=http://p.test:3128", "HTTPS_PROXY=http://p.test:3129"
	for _, c := range []struct {
		env     []string
		proxied bool // some URL has a proxy
	}{
		{nil, false},
		{[]string{http}, true},
		{[]string{https}, true},
		{[]string{"http_proxy=p.test:3128", "https_proxy=https://user:secret@p.test"}, true},
		{[]string{http, "http_proxy=http://q.test"}, true},
		{[]string{"HTTPS_PROXY=", "https_proxy=socks5://p.test:1080"}, true},
		{[]string{"HTTPS_PROXY=socks5h://p.test:1080"}, true},
		{[]string{"HTTP_PROXY=p.test", "HTTPS_PROXY=10.0.0.1:80"}, true},
		{[]string{"HTTP_PROXY=http://%zz", "HTTPS_PROXY=:"}, true},
		{[]string{"HTTP_PROXY=\x7f", "HTTPS_PROXY=http://\x7f"}, false},
		{[]string{http, "REQUEST_METHOD=GET"}, false},
		{[]string{http, https, "REQUEST_METHOD=GET"}, true},
		{[]string{http, https, "NO_PROXY=*"}, false},
		{[]string{http, https, "NO_PROXY=b.test, * ,c.test"}, false},
		{[]string{http, https, "no_proxy=a.test"}, true},
		{[]string{http, https, "NO_PROXY=.a.test"}, true},
		{[]string{http, https, "NO_PROXY=*.a.test"}, true},
		{[]string{http, https, "NO_PROXY=*a.test,*"}, false},
		{[]string{http, https, "NO_PROXY=*a.test"}, true},
		{[]string{http, https, "NO_PROXY= A.Test:443 ,, :80,.,*.,-"}, true},
		{[]string{http, https, "NO_PROXY=.a.test:8080,test:443"}, true},
		{[]string{http, https, "NO_PROXY=10.0.0.0/8,2001:db8::/64,10.0.0.0/99"}, true},
		{[]string{http, https, "NO_PROXY=192.0.2.7:8080,[2001:db8::1]:80,::ffff:203.0.113.5"}, true},
		{[]string{http, https, "NO_PROXY=203.0.113.5,2001:db8::2,[2001:db8::1]"}, true},
		{[]string{http, https, "NO_PROXY=3,113.5"}, true},
		{[]string{http, https, "NO_PROXY=bücher.test"}, true},
		{[]string{http, https, "NO_PROXY=.XN--bcher-kva.test,strasse.test"}, true},
		{[]string{http, https, "NO_PROXY=*.bücher.test,a.test\u200d"}, true},
	} {
		cmd := exec.Command(self)
		cmd.Env = append([]string{"PROXIES_CHILD=1"}, c.env...)
		out, err := cmd.Output()
		require.NoError(t, err, c.env)
		var got answers
		require.NoError(t, json.Unmarshal(out, &got))
		proxied := false
		for i, want := range got.NetHTTP {
			assert.Equal(t, want, got.Own[i], "%q: %s", c.env, urls[i])
			proxied = proxied || want != ""
		}
		assert.Equal(t, c.proxied, proxied, "%q", c.env)
	}
}

func TestNoProxies(t *testing.T) {
	assert.Nil(t, Read(func(string) string { return "" }))
	assert.Nil(t, (*Proxies)(nil).For(&url.URL{Scheme: "https", Host: "a.test"}))
}
