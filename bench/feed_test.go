package bench

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/outguard/outguard/policy"
)

// feed is a hosts file of n hosts that look like those of a threat list.
func feed(n int) []byte {
	var b strings.Builder
	b.WriteString("# a threat list\n")
	for i := range n {
		fmt.Fprintf(&b, "%s%d.%s.example\n", []string{"login", "cdn", "track", "update-flash"}[i%4], i, []string{"bad-host", "phish", "malware-site"}[i%3])
	}
	return []byte(b.String())
}

// BenchmarkFeedLoad is the text of a policy to a compiled Policy. heap-MB is what the policy keeps.
func BenchmarkFeedLoad(b *testing.B) {
	env := func(files fstest.MapFS) policy.Env {
		return policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333", FS: files}
	}
	load := func(b *testing.B, text []byte, e policy.Env) {
		var kept *policy.Policy
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for b.Loop() {
			p, err := policy.Parse("policy.yaml", text, e)
			if err != nil {
				b.Fatal(err)
			}
			kept = p
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/1e6, "heap-MB")
		runtime.KeepAlive(kept)
	}
	b.Run("rules=100", func(b *testing.B) { load(b, text(100), env(nil)) })
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("feed=%d", n), func(b *testing.B) {
			load(b, []byte("version: 1\nblacklist:\n  - feed: threats.txt\n"), env(fstest.MapFS{"threats.txt": {Data: feed(n)}}))
		})
	}
}
