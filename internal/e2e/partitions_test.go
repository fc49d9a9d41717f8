package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsname"
)

// TestPartitionsAreTheSDKs compares the table of partitions with the one that the pinned SDK takes
// its endpoints from, so that an update of the SDK shows a new partition or region.
func TestPartitionsAreTheSDKs(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2").Output()
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal/endpoints/awsrulesfn/partitions.json"))
	require.NoError(t, err)
	var sdk struct {
		Partitions []struct {
			ID      string
			Outputs struct{ DNSSuffix, DualStackDNSSuffix, ImplicitGlobalRegion string }
			Regions map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(data, &sdk))
	ours := map[string]awsname.Partition{}
	for _, p := range awsname.All() {
		ours[p.ID] = p
	}
	assert.GreaterOrEqual(t, len(sdk.Partitions), 8)
	for _, want := range sdk.Partitions {
		p, ok := ours[want.ID]
		delete(ours, want.ID)
		if !assert.True(t, ok, "partition %s is missing", want.ID) {
			continue
		}
		assert.Equal(t, want.Outputs.DNSSuffix, p.Suffix, p.ID)
		assert.Equal(t, want.Outputs.DualStackDNSSuffix, p.DualStack, p.ID)
		if p.ID != "aws-cn" { // where it depends on the service
			assert.Equal(t, want.Outputs.ImplicitGlobalRegion, p.GlobalRegion, p.ID)
		}
		assert.Contains(t, want.Regions, p.GlobalRegion)
		if p.Global != "" {
			assert.Contains(t, want.Regions, p.Global)
		}
		for region := range want.Regions {
			assert.Equal(t, p.ID, awsname.PartitionOf(region), region)
			assert.True(t, awsname.LooksLikeRegion(region), region)
			if strings.HasSuffix(region, "-global") {
				assert.Equal(t, p.Global, region)
				continue
			}
			for _, suffix := range []string{want.Outputs.DNSSuffix, want.Outputs.DualStackDNSSuffix} {
				host, ok := awsname.Parse("sqs." + region + "." + suffix)
				assert.True(t, ok, region)
				assert.Equal(t, awsname.Host{Partition: p.ID, Region: region, Name: "sqs"}, host)
				assert.True(t, awsname.MayBeEndpoint("sqs."+region+"."+suffix), region)
			}
		}
	}
	assert.Empty(t, ours, "partitions that the SDK does not have")
}
