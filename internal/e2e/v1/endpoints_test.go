package v1

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
)

// TestDefaultEndpoints evaluates the endpoint rules of every model in every region, with and
// without FIPS and dual-stack: every endpoint that they give is one of the service's own.
func TestDefaultEndpoints(t *testing.T) {
	partitions := rulePartitions(t)
	n, refused := 0, map[string][]string{}
	for _, m := range models(t) {
		data, err := os.ReadFile(filepath.Join(m.dir, "endpoint-rule-set-1.json"))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		var rules ruleSet
		require.NoError(t, json.Unmarshal(data, &rules))
		seen := map[string]bool{}
		for _, p := range partitions {
			for region := range p.Regions {
				for _, fips := range []bool{false, true} {
					for _, dual := range []bool{false, true} {
						text := rules.resolve(partitions, map[string]any{"Region": region, "UseFIPS": fips, "UseDualStack": dual})
						if text == "" {
							continue
						}
						u, err := url.Parse(text)
						require.NoError(t, err, text)
						if seen[u.Host] {
							continue
						}
						seen[u.Host] = true
						n++
						e, ok := awscall.ParseEndpoint(u.Host)
						if ok {
							_, ok = e.Of(m.name())
						}
						if !ok {
							refused[m.name()] = append(refused[m.name()], u.Host)
						}
					}
				}
			}
		}
	}
	assert.Greater(t, n, 60_000)
	t.Logf("%d endpoints", n)
	for name, hosts := range refused {
		slices.Sort(hosts)
		assert.Empty(t, hosts, name)
	}
}

// TestGlobalServices compares the services without regions with what the endpoint rules give: a
// host without a region, or the same host in all regions of a partition.
func TestGlobalServices(t *testing.T) {
	partitions := rulePartitions(t)
	regionless, onlyOne := map[string]bool{}, map[string]bool{}
	for _, m := range models(t) {
		data, err := os.ReadFile(filepath.Join(m.dir, "endpoint-rule-set-1.json"))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		var rules ruleSet
		require.NoError(t, json.Unmarshal(data, &rules))
		for _, p := range partitions {
			for region := range p.Regions {
				text := rules.resolve(partitions, map[string]any{"Region": region, "UseFIPS": false, "UseDualStack": false})
				u, err := url.Parse(text)
				require.NoError(t, err, text)
				host, ok := awsname.Parse(u.Host)
				if !ok {
					continue
				}
				if host.Region == "" && !host.Global {
					regionless[host.Name] = true
				}
				if pseudo := strings.HasSuffix(region, "-global"); !pseudo && p.ID == "aws" && host.Region != region {
					onlyOne[host.Name] = true
				}
			}
		}
	}
	assert.Contains(t, regionless, "iam")
	assert.Contains(t, onlyOne, "organizations")
	regionless["importexport"] = true // it has no rules, and this endpoint alone
	for _, m := range models(t) {
		label := m.Metadata.EndpointPrefix
		assert.Equal(t, regionless[label], awsops.Regionless(label), label)
		assert.Equal(t, onlyOne[label], awsops.OnlyOne(label), label)
	}
	for label := range regionless {
		assert.True(t, awsops.Regionless(label), label)
	}
	for label := range onlyOne {
		assert.True(t, awsops.OnlyOne(label), label)
	}
}

var (
	testedURL = regexp.MustCompile(`url\.Parse\("https?://([^"/]+)"\)`)
	overrides = regexp.MustCompile(`Endpoint: +ptr\.String\("`)
)

// TestEndpointsOfTheSDK takes the endpoints that the tests of each service module at hand expect.
// They are newer than the models, and have hosts of accounts and of streams.
func TestEndpointsOfTheSDK(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "all").Output()
	require.NoError(t, err)
	modules, n := 0, 0
	for dir := range strings.FieldsSeq(string(out)) {
		if filepath.Base(filepath.Dir(dir)) != "service" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, "endpoints_test.go"))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		modules++
		name, _, _ := strings.Cut(filepath.Base(dir), "@")
		for test := range strings.SplitSeq(string(data), "\nfunc ") {
			if overrides.MatchString(test) {
				continue // the user's own endpoint
			}
			for _, found := range testedURL.FindAllStringSubmatch(test, -1) {
				host := found[1]
				n++
				e, ok := awscall.ParseEndpoint(host)
				if ok {
					_, ok = e.Of(name)
				}
				assert.Equal(t, !madeUp(host) && !ofAccounts(host), ok, "%s of %s", host, name)
			}
		}
	}
	assert.Greater(t, modules, 40)
	assert.Greater(t, n, 1500)
	t.Logf("%d endpoints of %d modules", n, modules)
}
