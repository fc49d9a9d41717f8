package recipetest

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecipes(t *testing.T) {
	t.Setenv("AWS_XRAY_SDK_DISABLED", "TRUE") // its daemon is not here
	for _, r := range All {
		t.Run(r.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			to := record(t)
			addr := "localhost:" + to.port()

			g, log := newGuard(t, "whitelist: []")
			err := r.Call(ctx, g, addr)
			assert.Zero(t, to.conns.Load(), "a refused call reaches nobody")
			assert.Contains(t, log.String(), `"verdict":"block"`)
			if r.Name != "sentry" {
				assert.ErrorContains(t, err, "policy")
			}

			rule := "- net: " + addr
			if r.HTTP {
				rule = "- http: http://" + addr
			}
			g, log = newGuard(t, "whitelist:\n"+rule)
			_ = r.Call(ctx, g, addr) // the recorder speaks no protocol
			assert.Eventually(t, func() bool { return to.conns.Load() > 0 }, 5*time.Second, time.Millisecond, "an allowed call arrives")
			if strings.HasSuffix(r.Name, "with TLS") {
				assert.Eventually(t, func() bool { return to.first.Load() == 0x16 }, 5*time.Second, time.Millisecond, "a TLS handshake")
			}
			assert.NotContains(t, log.String(), `"verdict":"block"`)
		})
	}
}

// The documentation has each recipe as it is tested.
func TestTheDocumentationHasTheRecipes(t *testing.T) {
	doc, err := os.ReadFile("../../docs/recipes.md")
	require.NoError(t, err)
	source, err := os.ReadFile("recipes.go")
	require.NoError(t, err)
	tested := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)// recipe: ([^\n]+)\n(.*?)// end\n`).FindAllSubmatch(source, -1) {
		var code []string
		for line := range strings.Lines(string(m[2])) {
			code = append(code, strings.TrimRight(strings.TrimPrefix(line, "\t\t"), "\n"))
		}
		tested[string(m[1])] = strings.TrimSpace(strings.Join(code, "\n"))
	}
	for _, r := range All {
		code, ok := tested[r.Name]
		require.True(t, ok, r.Name)
		section := regexp.MustCompile("(?s)\n### " + regexp.QuoteMeta(r.Name) + "\n.*?```go\n(.*?)```").FindSubmatch(doc)
		if assert.NotNil(t, section, "docs/recipes.md has no section %q", r.Name) {
			assert.Equal(t, code, strings.TrimSpace(string(section[1])), r.Name)
		}
	}
}
