package awscall

import "strings"

// Region returns the region that a client means by the name of one: the SDK takes names that ask for a FIPS endpoint ("fips-us-east-1",
// "us-gov-west-1-fips") and those of partitions ("aws-global") as well.
func Region(name string) string {
	if !strings.Contains(name, "fips") && !strings.HasSuffix(name, "-global") {
		return name
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "fips-"), "-fips")
	switch name {
	case "aws-global":
		return "us-east-1"
	case "aws-cn-global":
		return "cn-north-1"
	case "aws-us-gov-global":
		return "us-gov-west-1"
	case "aws-iso-global":
		return "us-iso-east-1"
	case "aws-iso-b-global":
		return "us-isob-east-1"
	}
	return strings.Replace(name, "-fips-", "-", 1)
}

// PartitionOf returns the partition of a region.
func PartitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "us-iso-"):
		return "aws-iso"
	case strings.HasPrefix(region, "us-isob-"):
		return "aws-iso-b"
	case strings.HasPrefix(region, "eu-isoe-"):
		return "aws-iso-e"
	case strings.HasPrefix(region, "us-isof-"):
		return "aws-iso-f"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}

// IsRegion reports whether s can be the code of a region.
func IsRegion(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 32
}
