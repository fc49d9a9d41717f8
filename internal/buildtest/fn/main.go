// Command fn is a Lambda function that calls out in every way that the tests ask for. It knows
// nothing of Outguard.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"
)

// A request names a way to call out, and where to.
type request struct {
	Way    string
	Target string // host:port, or the path of a Unix socket
	Path   string // of an HTTP request
	Times  int    // how often; default: once
}

func handle(ctx context.Context, r request) (string, error) {
	way, ok := ways[r.Way]
	if !ok {
		return "", fmt.Errorf("no way %q", r.Way)
	}
	for range max(1, r.Times) {
		if err := way(ctx, r); err != nil {
			return fmt.Sprintf("%T %v", err, err), nil // swallowed: a block fails the invocation all the same
		}
	}
	return "sent", nil
}

func main() { lambda.Start(handle) }
