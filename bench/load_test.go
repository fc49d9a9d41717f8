package bench

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/outguard/outguard/policy"
)

// writeRules writes a section of n rules, three of five http:, the others aws: and ip:. They are
// numbered from first, so that two sections of different numbers have no rule in common.
func writeRules(b *strings.Builder, first, n int) {
	b.WriteString("    whitelist:\n")
	for i := first; i < first+n; i++ {
		switch i % 5 {
		case 3:
			fmt.Fprintf(b, "      - aws: [dynamodb:*Item, dynamodb:Query]\n        resources: [table/orders%d, table/orders%d/index/*]\n", i, i)
		case 4:
			fmt.Fprintf(b, "      - ip: %d.%d.0.0/16\n        reason: the office\n", 10+i/256, i%256)
		default:
			fmt.Fprintf(b, "      - http: https://api%d.partner.example/v1/**\n        methods: [GET, POST]\n", i)
		}
	}
}

// document writes a policy of so many functions, each with so many rules: all with the same ones,
// as functions of one service mostly have, or each with its own.
func document(functions, each int, same bool) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nstage: prod\non_violation: {dev: block, prod: alert}\nfunctions:\n")
	for i := range functions {
		fmt.Fprintf(&b, "  function-%d:\n", i)
		first := i * each
		if same {
			first = 0
		}
		writeRules(&b, first, each)
	}
	return []byte(b.String())
}

var environment = policy.Env{Function: "function-0", Region: "eu-west-1", Account: "111122223333"}

// BenchmarkPolicyLoad is a cold start's part: from the file's bytes to a policy that decides. yaml
// is the floor: the parser alone.
func BenchmarkPolicyLoad(b *testing.B) {
	for _, size := range []struct {
		name            string
		functions, each int
		same            bool
	}{
		{"functions=1/rules=20", 1, 20, true},
		{"functions=1/rules=100", 1, 100, true},
		{"functions=200/rules=10", 200, 10, true},
		{"functions=200/rules=10/no rule twice", 200, 10, false},
	} {
		data := document(size.functions, size.each, size.same)
		b.Run(size.name, func(b *testing.B) {
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
