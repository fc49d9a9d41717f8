package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/outguard/outguard/policy"
)

// outguard returns the command, which is built once.
var outguard = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "outguard")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "outguard")
	return path, exec.Command("go", "build", "-o", path, "github.com/outguard/outguard/cmd/outguard").Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := outguard(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// run runs a command in a folder and returns what it prints.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, out)
	return string(out)
}

// reviewed wants a policy without faults, whose tests pass and leave no rule undecided. It returns
// the sections.
func reviewed(t *testing.T, dir string) []string {
	command, err := outguard()
	require.NoError(t, err)
	run(t, dir, nil, command, "validate", "policy.yaml")
	text, err := os.ReadFile(filepath.Join(dir, "policy.yaml"))
	require.NoError(t, err)
	file, err := policy.ParseFile("policy.yaml", text)
	require.NoError(t, err)
	ci, err := os.ReadFile(filepath.Join(dir, "ci.yml"))
	require.NoError(t, err)
	step := regexp.MustCompile(`uses: outguard/outguard@[^"]*region: (\S+)[^"]*account: "(\d+)"`).FindStringSubmatch(string(ci))
	require.NotNil(t, step)
	run(t, dir, nil, command, "test", "-region", step[1], "-account", step[2], "-min-cover", "100")
	cases, err := os.ReadFile(filepath.Join(dir, "policy.policytest"))
	require.NoError(t, err)
	assert.Contains(t, string(cases), "# outguard test -region "+step[1]+" -account "+step[2]+"\n")
	return file.Functions()
}

func TestSAM(t *testing.T) {
	sections := reviewed(t, "sam")
	text, err := os.ReadFile("sam/template.yaml")
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &template))
	makefile, err := os.ReadFile("sam/Makefile")
	require.NoError(t, err)
	for name, r := range template.Resources {
		switch r.Type {
		case "AWS::Serverless::Function":
			// sam build runs this target, on arm64 for the function and here for this machine.
			_, recipe, ok := strings.Cut(string(makefile), "build-"+name+":\n\t")
			require.True(t, ok, name)
			line, _, _ := strings.Cut(recipe, "\n")
			dir := t.TempDir()
			line = strings.ReplaceAll(strings.ReplaceAll(line, "$(ARTIFACTS_DIR)", dir), "GOARCH=arm64", "GOARCH="+runtime.GOARCH)
			run(t, "sam", nil, "sh", "-c", line)
			assert.FileExists(t, filepath.Join(dir, "bootstrap"))
		case "AWS::CloudWatch::Alarm":
			assert.Equal(t, "Outguard", r.Properties["Namespace"])
			assert.Equal(t, "Violations", r.Properties["MetricName"])
			assert.Equal(t, []any{map[string]any{"Name": "Stage", "Value": "Stage"}, map[string]any{"Name": "Verdict", "Value": "block"}}, r.Properties["Dimensions"])
		}
	}
	assert.Contains(t, string(text), "OUTGUARD_METRICS: aggregate")

	// The template's functions are those of the policy.
	command, err := outguard()
	require.NoError(t, err)
	made := run(t, "sam", nil, command, "init", "-from", "template.yaml", "-o", "-")
	for _, s := range sections {
		assert.Contains(t, made, "  "+s+":\n")
	}
}

// The module in cdk tests what CDK makes of it.
func TestCDK(t *testing.T) {
	sections := reviewed(t, "cdk")
	build := t.TempDir()
	run(t, "cdk", []string{"BUILD=" + build, "GOARCH=" + runtime.GOARCH}, "sh", "build.sh")
	for _, s := range sections {
		assert.FileExists(t, filepath.Join(build, strings.TrimSuffix(s, "-*"), "bootstrap"))
	}
	reviewed, err := os.ReadFile("cdk/policy.yaml")
	require.NoError(t, err)
	built, err := os.ReadFile(filepath.Join(build, "layer/policies/policy.yaml"))
	require.NoError(t, err)
	assert.Equal(t, string(reviewed), string(built))
}

func TestTerraform(t *testing.T) {
	sections := reviewed(t, "terraform")
	command, err := outguard()
	require.NoError(t, err)
	build := t.TempDir()
	run(t, "terraform", []string{"BUILD=" + build, "GOARCH=" + runtime.GOARCH, "OUTGUARD=" + command}, "sh", "build.sh")

	file, diagnostics := hclparse.NewParser().ParseHCLFile("terraform/main.tf")
	require.False(t, diagnostics.HasErrors(), diagnostics.Error())
	content, _, diagnostics := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "resource", LabelNames: []string{"type", "name"}}, {Type: "locals"}}})
	require.False(t, diagnostics.HasErrors(), diagnostics.Error())
	types := map[string]hcl.Attributes{}
	for _, block := range content.Blocks {
		attributes, _ := block.Body.JustAttributes() // blocks inside are left aside
		types[strings.Join(append([]string{block.Type}, block.Labels...), ".")] = attributes
	}
	alarm := types["resource.aws_cloudwatch_metric_alarm.calls_blocked"]
	for name, want := range map[string]string{"namespace": "Outguard", "metric_name": "Violations"} {
		require.Contains(t, alarm, name)
		value, diagnostics := alarm[name].Expr.Value(nil)
		require.False(t, diagnostics.HasErrors(), diagnostics.Error())
		assert.Equal(t, want, value.AsString())
	}
	functions, diagnostics := types["locals.0"], hcl.Diagnostics(nil)
	if functions == nil {
		functions = types["locals"]
	}
	value, diagnostics := functions["functions"].Expr.Value(nil)
	require.False(t, diagnostics.HasErrors(), diagnostics.Error())
	names := value.AsValueMap()
	assert.Len(t, names, len(sections))
	for name := range names {
		assert.Contains(t, sections, name+"-*")
		assert.FileExists(t, filepath.Join(build, name, "bootstrap"))
		text, err := os.ReadFile(filepath.Join(build, name, "policy.yaml"))
		require.NoError(t, err)
		bundled, err := policy.ParseFile("policy.yaml", text)
		require.NoError(t, err)
		assert.Equal(t, []string{name + "-*"}, bundled.Functions(), "a function has its own section alone")
	}
}

// Each example's page names files that exist.
func TestPages(t *testing.T) {
	for _, dir := range []string{"sam", "terraform"} {
		text, err := os.ReadFile(filepath.Join(dir, "README.md"))
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([a-zA-Z0-9._/-]+)\)`).FindAllStringSubmatch(string(text), -1) {
			assert.FileExists(t, filepath.Join(dir, link[1]))
		}
	}
}
