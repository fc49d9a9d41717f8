package httpguard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
)

// A checker judges by a policy, and by nothing else. The Guard of package guard also alerts, and
// knows the modes log and alert.
type checker struct{ policy *policy.Policy }

var errRefused = errors.New("refused")

func (c checker) Check(_ context.Context, call policy.Call) error {
	if d := c.policy.Decide(call); !d.Allowed() {
		return fmt.Errorf("%w: %s", errRefused, d.Reason)
	}
	return nil
}

func rules(text string) checker {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\n"+text), policy.Env{})
	if err != nil {
		panic(err)
	}
	return checker{p}
}

// A client with a transport of its own. The server listens on 127.0.0.1.
func ExampleTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "paid") }))
	defer server.Close()
	g := rules("whitelist:\n- http: http://127.0.0.1:*/v1/**\n  methods: [POST]\n")
	client := http.Client{Transport: &httpguard.Transport{Guard: g, Base: &http.Transport{MaxConnsPerHost: 4}}}

	response, err := client.Post(server.URL+"/v1/charges", "text/plain", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	fmt.Printf("%s\n", body)

	_, err = client.Get("http://169.254.169.254/latest/meta-data")
	fmt.Println(errors.Is(err, errRefused), err)
	// Output:
	// paid
	// true Get "http://169.254.169.254/latest/meta-data": refused: no whitelist rule matches host 169.254.169.254
}

// A transport without a guard refuses every request.
func ExampleTransport_withoutGuard() {
	client := http.Client{Transport: &httpguard.Transport{}}
	_, err := client.Get("https://example.com/")
	fmt.Println(errors.Is(err, httpguard.ErrNoGuard))
	// Output: true
}

// For a database driver, or another library that takes a dial function. The name is judged before
// it is looked up, and then each address before it is connected to.
func ExampleDialContext() {
	dial := httpguard.DialContext(rules("whitelist:\n- net: db.internal.example:5432\n"), new(net.Dialer))
	_, err := dial(context.Background(), "tcp", "evil.example:5432")
	fmt.Println(err)
	// Output: refused: no whitelist rule matches evil.example:5432
}

// The guard of http.DefaultTransport, and with it of http.Get and of clients without a transport.
// Guard.Install and Wrap of package guard call Install.
func ExampleInstall() {
	installation := httpguard.Install(rules("whitelist: []\n"))
	defer installation.Uninstall()
	_, err := http.Get("https://evil.example/")
	fmt.Println(err)
	// Output: Get "https://evil.example/": refused: no whitelist rule matches host evil.example
}
