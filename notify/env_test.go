package notify

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testEnv returns the environment of a function in Lambda, with changes.
func testEnv(changes map[string]string) *Env {
	env := map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_SESSION_TOKEN": "session",
	}
	maps.Copy(env, changes)
	return ReadEnv(func(name string) string { return env[name] })
}

func TestServiceURL(t *testing.T) {
	for _, c := range []struct {
		service int
		env     map[string]string
		region  string
		want    string // "": an error
	}{
		{serviceSNS, nil, "eu-west-1", "https://sns.eu-west-1.amazonaws.com/"},
		{serviceEvents, nil, "cn-north-1", "https://events.cn-north-1.amazonaws.com.cn/"},
		{serviceSSM, map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "us-east-1", "https://ssm-fips.us-east-1.amazonaws.com/"},
		{serviceSecrets, map[string]string{"AWS_ENDPOINT_URL": "http://localhost:4566"}, "us-east-1", "http://localhost:4566/"},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_SNS": "https://b/base/"}, "us-east-1", "https://b/base/"},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL_SNS": "https://b/base"}, "us-east-1", "https://b/base/"},
		{serviceSSM, map[string]string{"AWS_ENDPOINT_URL_SNS": "https://b"}, "us-east-1", "https://ssm.us-east-1.amazonaws.com/"},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "http://a:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, "us-east-1", "https://sns.us-east-1.amazonaws.com/"},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "localhost:4566"}, "us-east-1", ""},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "https://sns.example@evil.example"}, "us-east-1", ""},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "https://a:99999"}, "us-east-1", ""},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "https://a/?x=y"}, "us-east-1", ""},
		{serviceSNS, map[string]string{"AWS_ENDPOINT_URL": "ftp://a/"}, "us-east-1", ""},
	} {
		u, err := testEnv(c.env).serviceURL(c.service, c.region)
		if c.want == "" {
			assert.ErrorContains(t, err, "is not a URL of the form", c.env)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, u.String())
	}
}

func TestServiceURLOfEveryPartition(t *testing.T) {
	for region, suffix := range map[string]string{
		"eu-west-1": "amazonaws.com", "us-gov-west-1": "amazonaws.com", "cn-north-1": "amazonaws.com.cn", "eusc-de-east-1": "amazonaws.eu",
		"us-iso-east-1": "c2s.ic.gov", "us-isob-east-1": "sc2s.sgov.gov", "eu-isoe-west-1": "cloud.adc-e.uk", "us-isof-south-1": "csp.hci.ic.gov",
	} {
		for service, name := range map[int]string{serviceSNS: "sns", serviceEvents: "events", serviceSecrets: "secretsmanager", serviceSSM: "ssm"} {
			u, err := testEnv(nil).serviceURL(service, region)
			require.NoError(t, err)
			assert.Equal(t, "https://"+name+"."+region+"."+suffix+"/", u.String())
		}
	}
}

func TestTheEnvironmentIsReadOnce(t *testing.T) {
	calls := 0
	env := ReadEnv(func(string) string { calls++; return "" })
	read := calls
	_ = (&EventBridge{Bus: "b", Env: env}).Notify(t.Context(), examples["seen_http"])
	assert.Equal(t, read, calls)
}

func TestPortsAreDigits(t *testing.T) {
	for s, want := range map[string]bool{
		"1": true, "2773": true, "65535": true,
		"": false, "0": false, "65536": false, "+80": false, "2773@evil.example": false, "80/x": false, "８０": false,
	} {
		assert.Equal(t, want, isPort(s), s)
	}
}

func TestPlainHTTPOnThisMachineGoesWithoutAProxy(t *testing.T) {
	for _, spell := range []func(string) string{strings.ToUpper, strings.ToLower} {
		env := testEnv(map[string]string{spell("HTTP_PROXY"): "http://proxy.example:3128", spell("HTTPS_PROXY"): "http://proxy.example:3128", spell("NO_PROXY"): "sns.eu-west-1.amazonaws.com"})
		for to, want := range map[string]string{
			"https://hooks.slack.com/x": "http://proxy.example:3128", "https://sns.eu-west-1.amazonaws.com/": "",
			"http://169.254.170.2/creds": "", "http://[fd00:ec2::23]/creds": "", "http://127.0.0.1:9/": "", "http://emulator:4566/": "http://proxy.example:3128",
		} {
			r := mustRequest(t, to)
			proxy, err := env.proxyFor()(r)
			require.NoError(t, err)
			got := ""
			if proxy != nil {
				got = proxy.String()
			}
			assert.Equal(t, want, got, to)
		}
	}
}
