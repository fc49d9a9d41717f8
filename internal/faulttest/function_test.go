//go:build linux

package faulttest

import (
	"context"
	"fmt"
	logger "log"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// This file is the function that the tests of processes run.

// An event says what the function does.
type event struct {
	URLs  []string // it calls these
	Flood int      // it makes so many further calls, each of another word
	Times int      // each of these so often
	At    string   // what stands before the word; a %s in it is the word
	Then  string   // how it ends
}

// A result says what came of it.
type result struct {
	Took   time.Duration // the calls of the flood
	Memory int64         // resident bytes of the process, at most
}

// function is the main of the process: handle under the real lambda.Start.
func function() {
	g, err := guard.Load(nil)
	if err != nil {
		logger.Print(err)
	}
	check := func(ctx context.Context, url string) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			r = (&http.Request{Method: http.MethodGet, Host: url}).WithContext(ctx)
		}
		_ = g.Check(ctx, policy.Call{HTTP: r, Via: policy.ViaTransport}) // the log and the sinks have it
	}
	lambda.Start(g.Wrap(func(ctx context.Context, e event) (result, error) {
		for _, u := range e.URLs {
			check(ctx, u)
		}
		start := time.Now()
		for i := range e.Flood {
			for range max(e.Times, 1) {
				check(ctx, strings.ReplaceAll(e.At, "%s", wordOf(i)))
			}
		}
		took := time.Since(start)
		end(ctx, e.Then)
		return result{took, memory()}, nil
	}))
}

// end ends the handler or the process.
func end(ctx context.Context, how string) {
	switch how {
	case "":
	case "exit":
		os.Exit(3)
	case "fatal":
		logger.Fatal("the end")
	case "panic":
		panic("the end")
	case "panic_elsewhere":
		go panic("the end")
		select {}
	case "goexit":
		runtime.Goexit()
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "term":
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		select {}
	case "timeout":
		select {}
	case "overflow":
		panic(overflow(1))
	case "close":
		os.Stdout.Close()
	case "close_descriptor":
		_ = syscall.Close(1)
	case "replace":
		os.Stdout, _ = os.Open(os.DevNull)
	default:
		panic("no such end: " + how)
	}
}

// overflow needs more stack than there is.
func overflow(n int) int {
	if n == 0 {
		return 0
	}
	return overflow(n+1) + n
}

// memory returns the resident bytes that the process has had at most.
func memory() (bytes int64) {
	status, _ := os.ReadFile("/proc/self/status")
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	_, _ = fmt.Sscan(most, &bytes)
	return bytes << 10
}

// wordOf returns the i-th word of letters.
func wordOf(i int) string {
	var b strings.Builder
	for n := i + 26*26*26; n > 0; n /= 26 {
		fmt.Fprint(&b, string(rune('a'+n%26)))
	}
	return b.String()
}
