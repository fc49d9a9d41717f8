package guard

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// securityTeam is a central file: it forbids a call of pay in prod, and allows it to reports.
const securityTeam = `version: 1
stage: {accounts: {"111122223333": prod}}
on_violation: {prod: block, dev: log}
functions:
  pay:
    whitelist: [{http: "https://api.stripe.com/**"}]
  "report-*":
    whitelist: [{http: any, reason: reports}]
`

// ownKey is the id of an access key of account 111122223333.
const ownKey = "ASIARTX3GSDSQAABCDEF"

// started is the environment with which Lambda starts the function pay.
var started = []string{functionName, "pay", "AWS_REGION", "eu-west-1", "AWS_ACCESS_KEY_ID", ownKey}

// decideBeside returns what a guard with a central file, and a policy of its own that allows
// everything, decides on a call to evil.example.
func decideBeside(t *testing.T, central string, o Options, process ...string) (*Guard, policy.Decision) {
	t.Helper()
	o.Policy, o.Stdout = []byte("version: 1\nblacklist: []\n"), new(buffer)
	s := o.withDefaults()
	g, err := loadFor(s, dir(t, "security.yaml", central), centralFor(&o, s, process...))
	require.NoError(t, err)
	r, err := http.NewRequest("POST", "https://evil.example/collect", nil)
	require.NoError(t, err)
	return g, g.policy().Decide(policy.Call{HTTP: r, Via: policy.ViaTransport})
}

func centralFor(o *Options, s *settings, process ...string) central {
	return central{options: o, settings: s, process: environment(process...)}
}

func TestNothingOfTheFunctionLoosensACentralFile(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      Options
		warned string
	}{
		{"as deployed", Options{Getenv: environment(started...)}, ""},
		{"a stage in the environment", Options{Getenv: environment(append([]string{"OUTGUARD_STAGE", "dev"}, started...)...)}, `OUTGUARD_STAGE is "dev", which has no effect on the central file`},
		{"a stage in the options", Options{Stage: "dev", Getenv: environment(started...)}, `Options.Stage is "dev", which has no effect on the central file`},
		{"another function", Options{Function: "report-x", Getenv: environment(started...)}, `Options.Function is "report-x", which has no effect on central files`},
		{"another account", Options{Account: "999999999999", Getenv: environment(started...)}, `Options.Account is "999999999999"`},
		{"another region", Options{Region: "us-east-1", Getenv: environment(started...)}, `Options.Region is "us-east-1"`},
		{"a function of Getenv", Options{Getenv: environment(functionName, "report-x")}, functionName + ` of Options.Getenv is "report-x"`},
		{"a key of Getenv", Options{Getenv: environment("AWS_ACCESS_KEY_ID", "test")}, `AWS_ACCESS_KEY_ID of Options.Getenv is "test"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, d := decideBeside(t, securityTeam, c.o, started...)
			assert.Equal(t, policy.Block, d.Verdict)
			assert.Contains(t, d.Policy.File, "security.yaml")
			assert.Equal(t, "prod", d.Policy.Stage)
			if c.warned == "" {
				assert.Empty(t, g.warnings)
			} else {
				assert.Contains(t, strings.Join(g.warnings, "\n"), c.warned)
			}
		})
	}
}

func TestCentralFileOnALaptop(t *testing.T) {
	g, d := decideBeside(t, securityTeam, Options{Function: "report-x", Getenv: environment()})
	assert.Equal(t, policy.Allow, d.Verdict, "without a function's name in the environment, the option counts")
	assert.Contains(t, strings.Join(g.warnings, "\n"), `AWS_LAMBDA_FUNCTION_NAME is not set: central files are compiled for Options.Function, "report-x"`)

	_, d = decideBeside(t, securityTeam, Options{Function: "pay", Getenv: environment()})
	assert.Equal(t, policy.Block, d.Verdict, "an unknown account has no stage: the strictest entry counts")
}

func TestCentralFileAndAFunctionThatItDoesNotName(t *testing.T) {
	process := append([]string{}, started...)
	process[1] = "other"
	_, d := decideBeside(t, securityTeam, Options{}, process...)
	assert.Equal(t, policy.Allow, d.Verdict)
}

// The variables with which the process was started count, whatever the program sets or the options
// return. So the program is a process of its own.
func TestCentralFileReadsTheStartOfTheProcess(t *testing.T) {
	if os.Getenv("OUTGUARD_TEST_CENTRAL") != "" {
		for name, value := range map[string]string{functionName: "report-x", "OUTGUARD_STAGE": "dev", "AWS_ACCESS_KEY_ID": "test"} {
			require.NoError(t, os.Setenv(name, value))
		}
		o := &Options{Policy: []byte("version: 1\nblacklist: []\n"), Stdout: new(buffer), Function: "report-x", Stage: "dev", Getenv: os.Getenv}
		g, err := load(o, dir(t, "security.yaml", securityTeam))
		require.NoError(t, err)
		r, err := http.NewRequest("POST", "https://evil.example/collect", nil)
		require.NoError(t, err)
		d := g.policy().Decide(policy.Call{HTTP: r})
		t.Log("decided", d.Verdict, d.Policy.Function, d.Policy.Stage)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = []string{"OUTGUARD_TEST_CENTRAL=1", functionName + "=pay", "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=" + ownKey}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.True(t, bytes.Contains(out, []byte("decided block pay prod")), string(out))
}
