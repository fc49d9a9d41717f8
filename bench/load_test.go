package bench

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

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

// BenchmarkPolicyLoad is a cold start's part: from the file's bytes to a policy that decides. yaml
// is the floor: the parser alone.
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
