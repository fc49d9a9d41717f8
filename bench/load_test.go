package bench

import (
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/outguard/outguard/policy"
)

// writeRules writes a section of n rules, three of five http:, the others aws: and ip:.
func writeRules(b *strings.Builder, n int) {
	b.WriteString("    whitelist:\n")
	for i := range n {
		switch i % 5 {
		case 3:
			fmt.Fprintf(b, "      - aws: [dynamodb:*Item, dynamodb:Query]\n        resources: [table/orders%d, table/orders%d/index/*]\n", i, i)
		case 4:
			fmt.Fprintf(b, "      - ip: 10.%d.0.0/16\n        reason: the office\n", i%256)
		default:
			fmt.Fprintf(b, "      - http: https://api%d.partner.example/v1/**\n        methods: [GET, POST]\n", i)
		}
	}
}

func document(functions, each int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nstage: prod\non_violation: {dev: block, prod: alert}\nfunctions:\n")
	for i := range functions {
		fmt.Fprintf(&b, "  function-%d:\n", i)
		writeRules(&b, each)
	}
	return []byte(b.String())
}

var environment = policy.Env{Function: "function-0", Region: "eu-west-1", Account: "111122223333"}

// BenchmarkPolicyLoad is a cold start's part: from the file's bytes to a policy that decides. yaml is the floor: the parser alone.
func BenchmarkPolicyLoad(b *testing.B) {
	for _, size := range []struct{ functions, each int }{{1, 20}, {1, 100}, {200, 10}} {
		data := document(size.functions, size.each)
		b.Run(fmt.Sprintf("functions=%d/rules=%d", size.functions, size.each), func(b *testing.B) {
			b.Run("yaml", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var n yaml.Node
					if err := yaml.Unmarshal(data, &n); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("outguard", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := policy.Parse("policy.yaml", data, environment); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// feedOf is a threat list of n hosts.
func feedOf(n int, hostsFile bool) fs.FS {
	var b strings.Builder
	b.WriteString("# a threat list\n")
	for i := range n {
		if hostsFile {
			b.WriteString("0.0.0.0 ")
		}
		fmt.Fprintf(&b, "host%d.ads-%d.example.net\n", i, i%977)
	}
	return fstest.MapFS{"feed.txt": {Data: []byte(b.String())}}
}

// BenchmarkPolicyFeed loads a policy with a feed. heap-MB is what stays on the heap, total-MB all that was allocated.
func BenchmarkPolicyFeed(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, form := range []string{"plain", "hosts"} {
			e := environment
			e.FS = feedOf(n, form == "hosts")
			b.Run(fmt.Sprintf("hosts=%d/%s", n, form), func(b *testing.B) {
				var p *policy.Policy
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				runs := 0
				for b.Loop() {
					runs++
					var err error
					if p, err = policy.Parse("policy.yaml", []byte("version: 1\nblacklist: [{feed: feed.txt}]\n"), e); err != nil {
						b.Fatal(err)
					}
				}
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(runs)/1e6, "total-MB")
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "heap-MB")
				runtime.KeepAlive(p)
			})
		}
	}
}
