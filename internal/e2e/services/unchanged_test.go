package services

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/policy"
)

// layersAsked counts what a guard is asked by each layer, and lets everything pass.
type layersAsked struct {
	mu sync.Mutex
	by map[policy.Via]int
}

func (l *layersAsked) Check(_ context.Context, c policy.Call) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by[c.Via]++
	return nil
}

// TestNoCallOfTheSDKsOwnLooksChanged makes every operation of every client: what the SDK does to a
// request after the serializer (endpoint, checksums, signature) makes it no other call.
func TestNoCallOfTheSDKsOwnLooksChanged(t *testing.T) {
	made := 0
	for _, name := range slices.Sorted(maps.Keys(clients)) {
		g := &layersAsked{by: map[policy.Via]int{}}
		client := reflect.ValueOf(clients[name](aws.Config{
			Region: "eu-west-1", HTTPClient: &nowhere{}, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider(ownKey, "s", ""),
			APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(g), unvalidated},
		}))
		prefix, _ := awsops.Service(name)
		for i := range client.NumMethod() {
			method, operation := client.Method(i), client.Type().Method(i).Name
			if method.Type().NumIn() != 3 || method.Type().NumOut() != 2 || isStream(method.Type().Out(0)) {
				continue
			}
			input := reflect.New(method.Type().In(1).Elem())
			filled(input.Elem(), prefix, "", 0)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			func() {
				defer func() { _ = recover() }() // some responses cannot be empty
				method.Call([]reflect.Value{reflect.ValueOf(ctx), input})
			}()
			cancel()
			if !assert.Zero(t, g.by[policy.ViaTransport], "%s %s", name, operation) {
				g.by[policy.ViaTransport] = 0
			}
		}
		made += g.by[policy.ViaWire]
	}
	t.Logf("%d calls went out", made)
	assert.Greater(t, made, 2000)
}

// isStream reports whether an operation has an event stream, which waits for a server.
func isStream(output reflect.Type) bool {
	_, ok := output.MethodByName("GetStream")
	return ok
}
