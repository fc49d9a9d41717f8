// Package awsname knows the names of AWS's partitions, regions and hosts.
//
// One table lists the partitions. [PartitionOf] and [Region] answer questions about regions,
// [Parse] takes the host of an API endpoint apart, and [MayBeEndpoint] sorts out the hosts that
// cannot be AWS's. Which service a host belongs to is not known here: see package awscall.
//
// Hosts are taken in canonical form: lower case, ASCII, without a port and without a trailing dot.
// All functions may be called concurrently. None of them allocates, except Endpoint, All, and
// Region and WithoutFIPS for names that they change.
package awsname

import "strings"

// A Partition is one of the separate clouds of AWS. Each has its own accounts, regions and domains.
type Partition struct {
	ID        string // as in ARNs: "aws-cn"
	Suffix    string // the end of every API endpoint: "amazonaws.com.cn"
	DualStack string // the end of endpoints that also speak IPv6: "api.amazonwebservices.com.cn"
	// Resources is the end of hosts that belong to customers' resources, such as function URLs:
	// "on.aws". No API endpoint ends so. It is "" where no such hosts are known.
	Resources string
	// Console is the domain of the web console. Of its hosts, only those of the sign-in service are
	// API endpoints.
	Console string
	// Global is the name that clients take in place of a region for services without regions,
	// "aws-cn-global"; it is "" where there is none. GlobalRegion is the region that signs for
	// them.
	Global, GlobalRegion string

	prefix      string    // the beginning of every region's code; "" is the partition of all others
	globalLabel string    // stands in the place of the region in hosts of global endpoints
	domains     [3]string // the domains of all the hosts above
}

// The domains of most hosts. MayBeEndpoint looks for these first.
// Each is without a dot in front.
const (
	commercial = "amazonaws.com"
	topLevel   = "aws"
	console    = "aws.amazon.com"
	govConsole = "amazonaws-us-gov.com"
)

// partitions is the one table of partitions. Where two share their domains, the region decides, and
// the first is the partition of a host without a region. The SDK's endpoint rules have the same
// suffixes and regions: a test in internal/e2e compares them.
var partitions = [...]Partition{
	{
		ID: "aws", Console: "aws.amazon.com", Suffix: "amazonaws.com", DualStack: "api.aws", Resources: "on.aws",
		Global: "aws-global", GlobalRegion: "us-east-1", domains: [3]string{commercial, topLevel, console},
	},
	{
		ID: "aws-us-gov", Console: "amazonaws-us-gov.com", Suffix: "amazonaws.com", DualStack: "api.aws", Resources: "on.aws",
		Global: "aws-us-gov-global", GlobalRegion: "us-gov-west-1",
		prefix: "us-gov-", globalLabel: "us-gov", domains: [3]string{commercial, topLevel, govConsole},
	},
	{
		ID: "aws-cn", Console: "amazonaws.cn", Suffix: "amazonaws.com.cn", DualStack: "api.amazonwebservices.com.cn",
		Resources: "on.amazonwebservices.com.cn",
		// IAM is in cn-north-1. The SDK's table has cn-northwest-1, where Route 53 is.
		Global: "aws-cn-global", GlobalRegion: "cn-north-1",
		prefix: "cn-", domains: [3]string{"amazonaws.com.cn", "amazonwebservices.com.cn", "amazonaws.cn"},
	},
	{
		ID: "aws-eusc", Console: "amazonaws-eusc.eu", Suffix: "amazonaws.eu", DualStack: "api.amazonwebservices.eu",
		Resources:    "on.amazonwebservices.eu",
		GlobalRegion: "eusc-de-east-1",
		prefix:       "eusc-", domains: [3]string{"amazonaws.eu", "amazonwebservices.eu", "amazonaws-eusc.eu"},
	},
	{
		ID: "aws-iso", Console: "c2shome.ic.gov", Suffix: "c2s.ic.gov", DualStack: "api.aws.ic.gov",
		Global: "aws-iso-global", GlobalRegion: "us-iso-east-1",
		prefix: "us-iso-", domains: [3]string{"ic.gov"},
	},
	{
		ID: "aws-iso-b", Console: "sc2shome.sgov.gov", Suffix: "sc2s.sgov.gov", DualStack: "api.aws.scloud",
		Global: "aws-iso-b-global", GlobalRegion: "us-isob-east-1",
		prefix: "us-isob-", domains: [3]string{"sgov.gov", "aws.scloud"},
	},
	{
		ID: "aws-iso-e", Console: "csphome.adc-e.uk", Suffix: "cloud.adc-e.uk", DualStack: "api.cloud-aws.adc-e.uk",
		Global: "aws-iso-e-global", GlobalRegion: "eu-isoe-west-1",
		prefix: "eu-isoe-", domains: [3]string{"adc-e.uk"},
	},
	{
		ID: "aws-iso-f", Console: "csphome.hci.ic.gov", Suffix: "csp.hci.ic.gov", DualStack: "api.aws.hci.ic.gov",
		Global: "aws-iso-f-global", GlobalRegion: "us-isof-south-1",
		prefix: "us-isof-", domains: [3]string{"ic.gov"},
	},
}

// All returns the table of partitions. The caller may change the copy.
func All() []Partition { return append([]Partition(nil), partitions[:]...) }

// PartitionOf returns the id of a region's partition, "aws" for a region that no other partition
// has. It also takes the names that stand for a partition's services without regions.
func PartitionOf(region string) string { return of(region).ID }

// Suffixes returns what the hosts of a region's endpoints end with.
func Suffixes(region string) []string {
	p := of(region)
	return []string{p.Suffix, p.DualStack}
}

// GlobalRegion returns the region that signs for the services without regions of a partition, given
// by its id. It is also where the hosts of other services lead that name no region.
// It returns "" for an id that does not exist.
func GlobalRegion(id string) string {
	for i := range partitions {
		if partitions[i].ID == id {
			return partitions[i].GlobalRegion
		}
	}
	return ""
}

// of returns a region's partition. Inlined, as it would be at 30 places, it is 8 KB.
//
//go:noinline
func of(region string) *Partition {
	// The first partition has no prefix, and takes what no other one has.
	for i := range partitions {
		p := &partitions[i]
		if p.prefix != "" && strings.HasPrefix(region, p.prefix) || p.Global != "" && region == p.Global {
			return p
		}
	}
	return &partitions[0]
}
