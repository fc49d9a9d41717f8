// Command fleetfn is a function that follows a source, for the test of a fleet. Its policy is in
// the deployment package, and blocks what the document of the source allows.
package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/signedpolicy"
	_ "github.com/outguard/outguard/source" // for OUTGUARD_SOURCE
)

// policyYAML is what the function comes with.
const policyYAML = "version: 1\non_violation: block\nwhitelist: [{http: api.stripe.com}]\n"

func main() {
	// the key of the test, which a real function would have from its security team
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{17}, ed25519.SeedSize))
	public := signedpolicy.FromEd25519(key.Public().(ed25519.PublicKey)).Text()
	g, err := guard.Load(&guard.Options{Policy: []byte(policyYAML), Keys: []string{string(public)}})
	if err != nil {
		panic(err)
	}
	lambda.Start(g.Wrap(handle))
}

// handle calls a URL.
func handle(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
