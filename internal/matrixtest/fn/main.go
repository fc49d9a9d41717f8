// Command fn is a Lambda function that calls out in any of the ways of package ways. $MATRIX_COLUMN
// says what guards it:
//
//	wired   main loads the guard, and every library that a recipe is for is wired as it says
//	lower   main has one line, lambda.Start(guard.Wrap(handle)); no library is wired
//	""      main knows nothing of a guard, as it is without Outguard and with the build word
//
// Calls before main's first line are in package early, and in example.com/before.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	_ "example.com/before"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/matrixtest/fn/early"
	"github.com/outguard/outguard/internal/matrixtest/ways"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "child" { // see the way "os/exec, a child with HTTP_PROXY"
		early.Get(os.Args[2])
		return
	}
	http.DefaultTransport.(*http.Transport).RegisterProtocol(ways.Scheme, ways.Other{})
	early.Get(os.Getenv("MATRIX_MAIN"))
	switch os.Getenv("MATRIX_COLUMN") {
	case "wired":
		g, err := guard.Load(nil)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		lambda.Start(g.Wrap(handler(g)))
	case "lower":
		lambda.Start(guard.Wrap(handler(nil)))
	default:
		lambda.Start(handler(nil))
	}
}

// handler calls out, wired by g if there is one. It swallows the error: a block fails the
// invocation all the same.
func handler(g *guard.Guard) func(context.Context, ways.Request) (string, error) {
	return func(ctx context.Context, r ways.Request) (string, error) {
		fmt.Fprintf(os.Stderr, "way: %s\n", r.Way)
		way, ok := ways.All[r.Way]
		if !ok {
			return "", fmt.Errorf("there is no way %q", r.Way)
		}
		var err error
		if g != nil && way.Wired != nil {
			err = way.Wired(ctx, g, r)
		} else {
			err = way.Plain(ctx, r)
		}
		if err != nil {
			return err.Error(), nil
		}
		return "sent", nil
	}
}
