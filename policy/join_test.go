package policy

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/syntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No policy that is joined to others loosens them: the verdict is the strictest of those that each
// gives alone.
func TestJoinNeverLoosens(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	hosts := []string{"a.com", "b.com", "x.a.com", "10.0.0.1", "c.com:8443"}
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	list := func(name string) string {
		if random.IntN(3) == 0 {
			return ""
		}
		var b strings.Builder
		b.WriteString(name + ":")
		n := random.IntN(4)
		if n == 0 {
			b.WriteString(" []")
		}
		for range n {
			b.WriteString("\n- {reason: x, " + pick("http: "+pick(hosts...), "http: '*.a.com'", "http: any", "ip: 10.0.0.0/8", "aws: s3:Get*", "aws: any", "net: db.com", "net: any") + "}")
		}
		return b.String() + "\n"
	}
	var calls []Call
	for _, h := range append(hosts, "d.com") {
		for _, url := range []string{"https://" + h, "http://" + h + "/x"} {
			r, err := http.NewRequest("GET", url, nil)
			require.NoError(t, err)
			calls = append(calls, Call{HTTP: r})
		}
	}
	calls = append(calls, Call{Net: "db.com:5432"}, Call{Net: "a.com:25"},
		Call{AWS: AWSCall{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::b/k"}}}, Call{AWS: AWSCall{Service: "sqs", Operation: "SendMessage"}})

	for range 300 {
		var alone []*Policy
		var sources []string
		for range 2 + random.IntN(2) {
			src := "on_violation: " + pick(syntax.ActionWords()...) + "\n" + list("whitelist") + list("blacklist")
			p, err := Parse("p", []byte(src), env("checkout"))
			require.NoError(t, err, src)
			alone, sources = append(alone, p), append(sources, src)
		}
		joined := Join(alone...)
		for _, c := range calls {
			strictest := Allow
			for _, p := range alone {
				strictest = min(strictest, p.Decide(c).Verdict) // the zero Verdict blocks
			}
			assert.Equal(t, strictest, joined.Decide(c).Verdict, "%+v\n%s", c, strings.Join(sources, "---\n"))
		}
	}
}
