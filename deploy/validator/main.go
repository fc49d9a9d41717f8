// Command validator is the Lambda function that AppConfig asks before it deploys a policy. A
// document that functions would refuse is refused here, so that no rollout of it begins.
//
// $OUTGUARD_KEYS has public keys, as Options.Keys does. With keys, a document must be signed by one
// of them; without, it must be unsigned or have any signature.
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/internal/fetchapi"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/policy"
)

// A request is what AppConfig sends to a validator.
type request struct {
	ApplicationID string `json:"applicationId"`
	Content       string `json:"content"` // in base64
	URI           string `json:"uri"`
}

func main() { lambda.Start(handle) }

// handle implements a validator of AppConfig: an error refuses the document.
func handle(_ context.Context, r request) error {
	// AppConfig sends the content in base64, whatever its type.
	document, err := base64.StdEncoding.DecodeString(r.Content)
	if err != nil {
		return errors.New("the content is not base64")
	}
	return check(document, os.Getenv("OUTGUARD_KEYS"), time.Now())
}

// check returns why functions would refuse a document.
func check(document []byte, keyText string, now time.Time) error {
	text, sig := signedpolicy.Split(document)
	// Functions refuse longer documents, and the bound of unsigned ones is another.
	most := fetchapi.MaxDocument
	if sig == nil {
		most = fetchapi.MaxUnsigned
	}
	if len(document) > most {
		return fmt.Errorf("the document has more than %d KB", most>>10)
	}
	if keyText != "" {
		keys, err := signedpolicy.ParseKeys([]byte(keyText))
		if err != nil {
			return fmt.Errorf("OUTGUARD_KEYS: %w", err)
		}
		if sig == nil {
			return fmt.Errorf("%w; outguard sign signs a policy", signedpolicy.Unsigned(document))
		}
		// The same steps as in the function, so that both come to the same result.
		claims, _, err := signedpolicy.Verify(keys, text, sig)
		if err != nil {
			return err
		}
		// the name of a function that it is for
		if err := claims.Check(strings.ReplaceAll(claims.Function, "*", ""), now); err != nil {
			return err
		}
	}
	file, err := policy.ParseFile("policy.yaml", text)
	if err == nil { // a policy from a source has no folder with feeds
		_, err = file.CheckFeeds(nil)
	}
	if err == nil {
		_, err = file.CheckNext(policy.Env{FS: signedpolicy.Beside(text)})
	}
	return err
}
