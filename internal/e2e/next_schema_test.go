package e2e

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// next.schema.json holds for the lines that a guard logs about a next policy.
func TestLinesAboutANextPolicyKeepToTheirSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	data, err := os.ReadFile(filepath.Join("..", "..", "alert.schema.json"))
	require.NoError(t, err)
	alert, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, c.AddResource("https://github.com/outguard/outguard/alert.schema.json", alert))
	schema, err := c.Compile(filepath.Join("..", "..", "next.schema.json"))
	require.NoError(t, err)

	p, err := policy.Parse("policy.yaml", []byte("version: 1\nnext: next.yaml\non_violation: block\nwhitelist:\n- http: a.example\n- aws: s3:*\n- net: db.internal:5432\n"),
		policy.Env{Function: "checkout", Stage: "dev", Region: "eu-west-1", Account: "111122223333",
			FS: fstest.MapFS{"next.yaml": {Data: []byte("version: 1\nowner: us\non_violation: log\nwhitelist:\n- http: b.example\nblacklist:\n- aws: s3:*\n  access: read\n")}}})
	require.NoError(t, err)
	var out bytes.Buffer
	g := guard.New(p, &guard.Options{Function: "checkout", Stdout: &out, Getenv: func(string) string { return "" }})
	ctx := context.Background()
	for _, url := range []string{"https://a.example/files/17", "https://a.example/files/18", "https://b.example/", "https://c.example/", "http://:9/"} {
		r, err := http.NewRequest("GET", "https://x.example/", nil)
		require.NoError(t, err)
		r.URL, err = r.URL.Parse(url)
		require.NoError(t, err)
		r.Host = r.URL.Host
		_ = g.Check(ctx, policy.Call{HTTP: r, Via: policy.ViaTransport})
	}
	for _, c := range []policy.Call{
		{AWS: policy.AWSCall{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::b/17"}}, Via: policy.ViaSDK},
		{Net: "db.internal:5432"}, {Net: "a.example:443", Via: policy.ViaContext}, {},
	} {
		_ = g.Check(ctx, c)
	}
	_ = g.Flush(ctx)

	lines := 0
	for line := range bytes.Lines(out.Bytes()) {
		if !bytes.Contains(line, []byte(`"schema":"outguard.next/v1"`)) {
			continue
		}
		lines++
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(v), "%s", line)
	}
	assert.Equal(t, 9, lines, out.String())
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"schema":"outguard.next/v1"}`)))
	require.NoError(t, err)
	assert.Error(t, schema.Validate(v), "the schema does refuse")
}
