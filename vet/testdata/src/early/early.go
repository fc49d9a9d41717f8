package main

import (
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/outguard/outguard/guard"
)

var page, pageErr = http.Get("https://example.com/") // want `http.Get calls out before the guard is loaded, because a package variable is set first`

var later = func() (*http.Response, error) { return http.Get("https://example.com/") }

var now = func() *http.Response {
	r, _ := http.Get("https://example.com/") // want `http.Get calls out before the guard is loaded`
	return r
}()

var client = &http.Client{}

func init() {
	_, _ = client.Do(nil) // want `client.Do calls out before the guard is loaded, because init runs first`
	_ = fetch()           // want `fetch calls out by client.Head \(early.go:\d+\) before the guard is loaded`
	_ = func() { _ = fetch() }
}

func fetch() error {
	_, err := client.Head("https://example.com/")
	return err
}

func main() {
	_ = fetch() // want `fetch calls out by client.Head \(early.go:\d+\) before the guard is loaded, because main has run so far first`
	g := setUp()
	_ = fetch()
	lambda.Start(g.Wrap(fetch))
}

func setUp() *guard.Guard {
	g, err := guard.Load(nil)
	if err != nil {
		panic(err)
	}
	return g
}
