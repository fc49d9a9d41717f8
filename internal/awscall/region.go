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
