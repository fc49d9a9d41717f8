package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// BenchmarkAlertStorm is one invocation that breaks the policy 100,000 times: at one place, as a
// loop gone wrong does, and at 1,000 places, with a sink that takes 20 ms for each message.
func BenchmarkAlertStorm(b *testing.B) {
	for _, c := range []struct {
		name  string
		hosts int
		calls int
	}{{"100000 of the same", 1, 100_000}, {"1000 different ones", 1_000, 1_000}} {
		b.Run(c.name, func(b *testing.B) {
			calls := make([]policy.Call, c.hosts)
			for i := range calls {
				r, err := http.NewRequest(http.MethodPost, fmt.Sprintf("https://evil-%d.example/collect", i), nil)
				if err != nil {
					b.Fatal(err)
				}
				calls[i] = policy.Call{HTTP: r, Via: policy.ViaTransport}
			}
			for b.Loop() {
				var log bytes.Buffer
				var sink slowSink
				g := stormGuard(b, &log, &sink)
				var looped, used time.Duration
				h := lambda.NewHandler(g.Wrap(func(ctx context.Context) error {
					start, cpu := time.Now(), cpuTime()
					for i := range c.calls {
						g.Check(ctx, calls[i%c.hosts])
					}
					looped, used = time.Since(start), cpuTime()-cpu
					return nil
				}))
				before := heap()
				start := time.Now()
				if _, err := h.Invoke(context.Background(), []byte("{}")); err != nil {
					b.Fatal(err)
				}
				took := time.Since(start)
				b.ReportMetric(float64(looped.Nanoseconds())/float64(c.calls), "ns/violation")
				b.ReportMetric(float64(used.Nanoseconds())/float64(c.calls), "cpu-ns/violation")
				b.ReportMetric(float64((took - looped).Milliseconds()), "held-ms")
				b.ReportMetric(float64(bytes.Count(log.Bytes(), []byte(notify.Schema))), "log-lines")
				b.ReportMetric(float64(sink.messages), "messages")
				b.ReportMetric(max(float64(heap())-float64(before), 0)/1024, "heap-KB")
				runtime.KeepAlive(g)
			}
		})
	}
}

func stormGuard(b *testing.B, log *bytes.Buffer, sink notify.Notifier) *guard.Guard {
	p, err := policy.Parse("policy.yaml", []byte(tenRules), policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"})
	if err != nil {
		b.Fatal(err)
	}
	g := guard.New(p, &guard.Options{Function: "checkout", Stdout: log, Notifiers: []notify.Notifier{sink}})
	b.Cleanup(g.Uninstall)
	return g
}

// A slowSink counts messages. A guard calls it from one goroutine at a time.
type slowSink struct{ messages int }

func (s *slowSink) Notify(context.Context, []notify.Alert) error {
	time.Sleep(20 * time.Millisecond)
	s.messages++
	return nil
}

// cpuTime is what the process has used, which says more than time passed on a shared
// machine.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
