package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The template has the functions of the policy with the layer, and the alarm.
func TestStack(t *testing.T) {
	if testing.Short() {
		t.Skip("CDK takes a minute to make a template")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("CDK needs node, which is not installed here")
	}
	build, out := t.TempDir(), t.TempDir()
	for _, file := range []string{"checkout/bootstrap", "refund/bootstrap", "layer/policies/policy.yaml"} {
		name := filepath.Join(build, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(file), 0o755))
	}
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out)})
	newShop(app, "dev", build)
	app.Synth(nil)

	file := filepath.Join(out, "Shop-dev.template.json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(text, &template))
	functions := 0
	for name, r := range template.Resources {
		if r.Type != "AWS::Lambda::Function" {
			continue
		}
		functions++
		variables := r.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)
		assert.Equal(t, "/opt/policies/policy.yaml", variables["OUTGUARD_POLICY"], name)
		assert.Equal(t, "aggregate", variables["OUTGUARD_METRICS"], name)
		assert.Equal(t, []any{map[string]any{"Ref": "Policy"}}, r.Properties["Layers"], name)
	}
	assert.Equal(t, 2, functions)
	alarm := template.Resources["CallsBlocked"].Properties
	assert.Equal(t, "Outguard", alarm["Namespace"])
	assert.Equal(t, "Violations", alarm["MetricName"])
	assert.Equal(t, []any{map[string]any{"Name": "Stage", "Value": "dev"}, map[string]any{"Name": "Verdict", "Value": "block"}}, alarm["Dimensions"])

	// The template's functions are those of the policy, and each file of the build is uploaded.
	made, err := exec.Command("go", "run", "github.com/outguard/outguard/cmd/outguard", "init", "-from", file, "-o", "-").Output()
	require.NoError(t, err)
	assert.Contains(t, string(made), "  checkout-dev:\n")
	assert.Contains(t, string(made), "  refund-dev:\n")
	assets, err := os.ReadFile(filepath.Join(out, "Shop-dev.assets.json"))
	require.NoError(t, err)
	var manifest struct {
		Files map[string]struct {
			Source struct{ Path, Packaging string }
		}
	}
	require.NoError(t, json.Unmarshal(assets, &manifest))
	zips := 0
	for _, f := range manifest.Files {
		if f.Source.Packaging == "zip" {
			zips++
			assert.DirExists(t, filepath.Join(out, f.Source.Path))
		}
	}
	assert.Equal(t, 3, zips)
}
