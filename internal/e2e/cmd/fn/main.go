// Command fn is a function for the scripts of outguard local: it gets the URLs of its event.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/outguard/outguard/guard"
)

type event struct {
	URLs []string
	Fail bool
}

func handle(ctx context.Context, e event) (string, error) {
	log.Println("the function's own line, with", os.Getenv("GREETING"))
	if e.Fail {
		return "", errors.New("the event says so")
	}
	for _, url := range e.URLs {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", err
		}
		resp.Body.Close()
	}
	return fmt.Sprintf("%d calls", len(e.URLs)), nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) > 1 && os.Args[1] == "exit" {
		os.Exit(3)
	}
	var opts guard.Options
	if text := os.Getenv("EMBEDDED"); text != "" {
		opts.Policy = []byte(text) // as a file that is embedded
	}
	g, err := guard.Load(&opts)
	if err != nil {
		log.Println(err)
	}
	lambda.Start(g.Wrap(handle))
}
