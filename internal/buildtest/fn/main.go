// Command fn is a Lambda function that calls out in every way that the tests ask for. It knows
// nothing of Outguard.
package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/internal/buildtest/ways"
)

func handle(ctx context.Context, r ways.Request) (string, error) {
	way, ok := ways.All[r.Way]
	if !ok {
		return "", fmt.Errorf("no way %q", r.Way)
	}
	errs := make([]error, max(1, r.Times))
	var calls sync.WaitGroup
	turn := make(chan struct{}, 100) // so many at once
	for i := range errs {
		turn <- struct{}{}
		calls.Go(func() {
			errs[i] = way(ctx, r)
			<-turn
		})
	}
	calls.Wait()
	refused := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if n := len(refused); n > 0 {
		// Swallowed: a block fails the invocation all the same.
		return fmt.Sprintf("%d failed: %T %v", n, refused[0], refused[0]), nil
	}
	return "sent", nil
}

func main() { lambda.Start(handle) }
