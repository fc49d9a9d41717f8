package awsname

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/alloctest"
)

// regionsOf has real regions of each partition, and one that does not exist yet.
var regionsOf = map[string][]string{
	"aws":        {"us-east-1", "eu-west-1", "ap-southeast-7", "mx-central-1", "il-central-1", "ca-west-1"},
	"aws-us-gov": {"us-gov-west-1", "us-gov-east-1", "us-gov-central-2"},
	"aws-cn":     {"cn-north-1", "cn-northwest-1", "cn-south-12"},
	"aws-eusc":   {"eusc-de-east-1", "eusc-de-west-2"},
	"aws-iso":    {"us-iso-east-1", "us-iso-west-1", "us-iso-south-1"},
	"aws-iso-b":  {"us-isob-east-1", "us-isob-west-1"},
	"aws-iso-e":  {"eu-isoe-west-1", "eu-isoe-east-1"},
	"aws-iso-f":  {"us-isof-south-1", "us-isof-east-1"},
}

func TestRegionsOfEveryPartition(t *testing.T) {
	assert.Len(t, regionsOf, len(partitions))
	for _, p := range All() {
		assert.NotEmpty(t, regionsOf[p.ID], p.ID)
		assert.Equal(t, p.ID, PartitionOf(p.GlobalRegion))
		assert.Equal(t, p.GlobalRegion, GlobalRegion(p.ID))
		for _, region := range append(regionsOf[p.ID], p.GlobalRegion) {
			assert.Equal(t, p.ID, PartitionOf(region), region)
			assert.True(t, LooksLikeRegion(region), region)
			assert.True(t, ValidRegion(region), region)
			assert.Equal(t, region, Region(region))
			assert.Equal(t, region, Region("fips-"+region))
			assert.Equal(t, region, Region(region+"-fips"))
		}
		if p.Global != "" {
			assert.Equal(t, p.GlobalRegion, Region(p.Global))
			assert.Equal(t, p.GlobalRegion, Region("fips-"+p.Global))
			assert.Equal(t, p.ID, PartitionOf(p.Global))
			assert.True(t, LooksLikeRegion(p.Global))
		}
	}
}

// Every form of host is made from the table and must lead back to the row that it was made from.
func TestHostsOfEveryPartition(t *testing.T) {
	for _, p := range All() {
		for _, suffix := range []string{p.Suffix, p.DualStack} {
			for _, region := range regionsOf[p.ID] {
				for before, want := range map[string]Host{
					"sqs.":                       {Name: "sqs"},
					"sqs-fips.":                  {Name: "sqs-fips"},
					"streams.dynamodb.":          {Name: "streams.dynamodb"},
					"receipts.s3.":               {Name: "receipts.s3"},
					"receipts.s3.dualstack.":     {Name: "receipts.s3"},
					"receipts.s3-fips.":          {Name: "receipts.s3-fips"},
					"s3-website.":                {Name: "s3-website"},
					"vpce-0a1b.sqs.":             {Name: "vpce-0a1b.sqs"},
					"111122223333.data-kinesis.": {Name: "111122223333.data-kinesis"},
				} {
					want.Partition, want.Region = p.ID, region
					assertHost(t, want, before+region+"."+suffix)
					want.VPC = true
					assertHost(t, want, before+region+".vpce."+suffix)
				}
				for before, name := range map[string]string{
					"s3-": "s3", "s3-fips-": "s3", "a.b.s3-": "a.b.s3", "b.s3-website-": "b.s3-website",
				} {
					assertHost(t, Host{Partition: p.ID, Region: region, Name: name}, before+region+"."+suffix)
				}
				assertHost(t, Host{Partition: p.ID, Region: region, Name: "queue"}, region+".queue."+suffix)
			}
			if p.ID == "aws-us-gov" {
				assertHost(t, Host{Partition: p.ID, Name: "iam", Global: true}, "iam.us-gov."+suffix)
				assertHost(t, Host{Partition: p.ID, Name: "places.iam", Global: true}, "places.iam.us-gov."+suffix)
				assertHost(t, Host{Partition: p.ID, Region: "us-gov-west-1", Name: "places.geo"}, "places.geo.us-gov-west-1.us-gov."+suffix)
				continue // a host of its without a region is another partition's
			}
			assertHost(t, Host{Partition: p.ID, Name: "iam"}, "iam."+suffix)
			assertHost(t, Host{Partition: p.ID, Name: "iam", Global: true}, "iam.global."+suffix)
			assertHost(t, Host{Partition: p.ID, Name: "receipts.s3-accelerate"}, "receipts.s3-accelerate.dualstack."+suffix)
		}
	}
}

func TestSignInOfEveryPartition(t *testing.T) {
	for _, p := range All() {
		for _, label := range []string{"signin", "signin-fips"} {
			assertHost(t, Host{Partition: p.ID, Name: label}, label+"."+p.Console)
			assertHost(t, Host{Partition: p.ID, Region: p.GlobalRegion, Name: label}, p.GlobalRegion+"."+label+"."+p.Console)
		}
		for _, host := range []string{"console", "x.signin", "eu-west-1.console", "signin.eu-west-1", "a.eu-west-1.signin"} {
			_, ok := Parse(host + "." + p.Console)
			assert.False(t, ok, host+"."+p.Console)
		}
		for _, q := range All() {
			_, ok := Parse(q.GlobalRegion + ".signin." + p.Console)
			assert.Equal(t, p.ID == q.ID, ok)
		}
	}
	assertHost(t, Host{Partition: "aws", Region: "us-west-2", Name: "signin"}, "us-west-2.oauth.signin.aws")
	_, ok := Parse("x.oauth.signin.aws")
	assert.False(t, ok)
}

func assertHost(t *testing.T, want Host, host string) {
	t.Helper()
	got, ok := Parse(host)
	assert.True(t, ok, host)
	assert.Equal(t, want, got, host)
	assert.True(t, MayBeEndpoint(host), host)
}

func TestEndpointsOfEveryPartition(t *testing.T) {
	for _, p := range All() {
		for _, region := range regionsOf[p.ID] {
			for _, fips := range []bool{false, true} {
				host := Endpoint("events", region, fips)
				assert.True(t, strings.HasSuffix(host, "."+region+"."+p.Suffix), host)
				got, ok := Parse(host)
				assert.True(t, ok, host)
				assert.Equal(t, region, got.Region)
				assert.Equal(t, fips, got.Name == "events-fips")
				assert.Equal(t, "events", WithoutFIPS(got.Name))
			}
		}
	}
	assert.Equal(t, "events-fips.us-gov-west-1.amazonaws.com", Endpoint("events", "us-gov-west-1", true))
	assert.Equal(t, "ssm.eusc-de-east-1.amazonaws.eu", Endpoint("ssm", "eusc-de-east-1", false))
}

// A region of one partition under another partition's suffix is not a host of AWS's.
func TestPartitionsDoNotMix(t *testing.T) {
	for _, p := range All() {
		assert.Equal(t, []string{p.Suffix, p.DualStack}, Suffixes(p.GlobalRegion))
		for _, q := range All() {
			for _, suffix := range []string{q.Suffix, q.DualStack} {
				host := "sqs." + p.GlobalRegion + "." + suffix
				_, ok := Parse(host)
				assert.Equal(t, p.Suffix == q.Suffix, ok, host)
			}
		}
	}
}

func TestResourcesAreNoEndpoints(t *testing.T) {
	n := 0
	for _, p := range All() {
		if p.Resources == "" {
			continue
		}
		n++
		host := "abc.lambda-url." + p.GlobalRegion + "." + p.Resources
		_, ok := Parse(host)
		assert.False(t, ok, host)
		assert.True(t, MayBeEndpoint(host), host)
		assert.True(t, Shared("lambda-url."+p.GlobalRegion+"."+p.Resources))
		assert.True(t, Shared(p.Resources))
	}
	assert.Equal(t, 4, n)
}

func TestHostsThatAreNotOfAWS(t *testing.T) {
	for _, host := range []string{
		"", ".", "amazonaws.com", ".amazonaws.com", "evilamazonaws.com", "api.aws", "aws", "amazonaws.eu",
		"sqs.eu-west-1.amazonaws.com.evil.com", "sqs.eu-west-1.amazonaws.com.", "x.cloudfront.net",
		"abc.lambda-url.eu-west-1.on.aws", "sqs.us-iso-east-1.amazonaws.com", "sqs.cn-north-1.api.aws",
		"sqs.us-gov-west-1.amazonaws.com.cn",
	} {
		_, ok := Parse(host)
		assert.False(t, ok, host)
	}
	for _, host := range []string{
		"", "m", "s", "n", "api.stripe.com", "amazonaws.com", "evilamazonaws.com", "aws", "evil.laws", "example.cn",
		"example.eu", "whitehouse.gov", "bbc.co.uk", "web.dev", "local.scloud", "evilic.gov", "amazonwebservices.eu",
		"10.0.0.1", "::1", "localhost", "sqs.eu-west-1.amazonaws.com.",
	} {
		assert.False(t, MayBeEndpoint(host), host)
	}
}

func TestHostsWithoutAForm(t *testing.T) {
	for host, want := range map[string]Host{
		"evil-1234.us-east-1.elb.amazonaws.com":          {Partition: "aws", Name: "evil-1234.us-east-1.elb"},
		"dynamodb.us-east-1.evil.com.amazonaws.com":      {Partition: "aws", Name: "dynamodb.us-east-1.evil.com"},
		"iam.us-gov.amazonaws.com.cn":                    {Partition: "aws-cn", Name: "iam.us-gov"},
		"eu-west-1.amazonaws.com":                        {Partition: "aws", Name: "eu-west-1"},
		"a.amazonaws.com":                                {Partition: "aws", Name: "a"},
		"s3-eu-west-1a.amazonaws.com":                    {Partition: "aws", Name: "s3-eu-west-1a"},
		"s3-eu-west-1.vpce.amazonaws.com":                {Partition: "aws", Name: "s3-eu-west-1", VPC: true},
		"s3-control.eu-west-1.amazonaws.com":             {Partition: "aws", Region: "eu-west-1", Name: "s3-control"},
		"eu-west-1.queue.eu-west-2.amazonaws.com":        {Partition: "aws", Region: "eu-west-2", Name: "eu-west-1.queue"},
		"x.queue.amazonaws.com":                          {Partition: "aws", Name: "x.queue"},
		"eu-west-1.x.amazonaws.com":                      {Partition: "aws", Name: "eu-west-1.x"},
		"s3-eu-west-1.eu-west-2.amazonaws.com":           {Partition: "aws", Region: "eu-west-2", Name: "s3-eu-west-1"},
		"ap.s3-accesspoint-fips.eu-west-1.amazonaws.com": {Partition: "aws", Region: "eu-west-1", Name: "ap.s3-accesspoint-fips"},
	} {
		got, ok := Parse(host)
		assert.True(t, ok, host)
		assert.Equal(t, want, got, host)
	}
}

func TestRegion(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "eu-west-1": "eu-west-1", "local": "local", "us-fips-east-1": "us-east-1", "fips-aws-global": "us-east-1",
		"aws-cn-global": "cn-north-1", "aws-global": "us-east-1", "aws-iso-f-global": "us-isof-south-1",
		"eusc-de-east-1": "eusc-de-east-1", "x-global": "x-global", "fips-": "", "-global": "-global",
	} {
		assert.Equal(t, want, Region(name), name)
	}
	for _, name := range []string{"", "EU-WEST-1", "eu west 1", "eu_west_1", "eu-west-1/..", "é", strings.Repeat("a", 33)} {
		assert.False(t, ValidRegion(name), name)
	}
	assert.True(t, ValidRegion(strings.Repeat("a", 32)))
	for _, region := range []string{"az09-", "a", "0", "9", "z"} {
		assert.True(t, ValidRegion(region), region)
	}
	for _, label := range []string{"eu-az-0", "eu-az-9", "az-a-10", "eu-isoe-west-1"} {
		assert.True(t, LooksLikeRegion(label), label)
	}
	for _, label := range []string{
		"", "-", "eu", "eu-west", "eu-west-", "eu-1", "eu-west-1a", "eu-west-100", "e-west-1", "e1-west-1", "europe-west-1", "EU-west-1",
		"eu-west_1-1", "1-2-3", "xx-global", "-global",
	} {
		assert.False(t, LooksLikeRegion(label), label)
	}
	assert.Equal(t, "aws", PartitionOf(""))
	assert.Empty(t, GlobalRegion("aws-x"))
	assert.Equal(t, "aws", PartitionOf("local"))
}

func TestWithoutFIPS(t *testing.T) {
	for name, want := range map[string]string{
		"sqs": "sqs", "sqs-fips": "sqs", "fips.batch": "batch", "runtime-fips.sagemaker": "runtime.sagemaker", "sqs-fipsy": "sqs-fipsy",
		"": "", "fips": "fips", "111122223333.ddb-fips": "111122223333.ddb",
	} {
		assert.Equal(t, want, WithoutFIPS(name), name)
	}
}

func TestShared(t *testing.T) {
	for _, domain := range []string{
		"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "on.aws", "on.amazonwebservices.com.cn", "eu-west-1.amazonaws.com",
		"s3.eu-west-1.amazonaws.com", "execute-api.eusc-de-east-1.amazonaws.eu", "s3.us-iso-east-1.c2s.ic.gov", "eu-west-1.on.aws",
		"compute.amazonaws.com.cn", "elasticbeanstalk.amazonaws.com",
		"iot.eu-west-1.amazonaws.com", "compute.amazonaws.com", "lambda-url.eu-west-1.on.aws", "us-east-1.elb.amazonaws.com", "elb.eu-west-1.amazonaws.com",
	} {
		assert.True(t, Shared(domain), domain)
	}
	for _, domain := range []string{
		"", "com", "example.com", "api.aws", "sqs.eu-west-1.amazonaws.com", "receipts.s3.eu-west-1.amazonaws.com", "xon.aws", "s3.example.com",
		"id.execute-api.eu-west-1.amazonaws.com",
	} {
		assert.False(t, Shared(domain), domain)
	}
}

func TestMostHostsCostNothing(t *testing.T) {
	for _, host := range []string{"api.stripe.com", "hooks.slack.io", "bbc.co.uk", "sqs.eu-west-1.amazonaws.com", "sqs.us-isof-south-1.csp.hci.ic.gov"} {
		alloctest.AtMost(t, 0, func() {
			MayBeEndpoint(host)
			Parse(host)
		}, host)
	}
}

func BenchmarkMayBeEndpoint(b *testing.B) {
	for _, host := range []string{"hooks.slack.io", "api.stripe.com", "bbc.co.uk", "sqs.eu-west-1.amazonaws.com"} {
		b.Run(host, func(b *testing.B) {
			for b.Loop() {
				MayBeEndpoint(host)
			}
		})
	}
}
