// Command stripped makes two calls that its policy does not allow.
package main

import (
	"log"
	"net/http"

	"checkout/pay"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

func main() {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\non_violation: block\n"), policy.Env{Function: "f"})
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: guard.New(p, nil).Transport(nil)}
	(&pay.Desk{Client: client}).Charge()
	//nolint:errcheck // it fails
	client.Get("http://main.example/")
}
