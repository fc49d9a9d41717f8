package awsname

import "strings"

// Region returns the region that a client's setting stands for. Clients also take names that ask
// for a FIPS endpoint ("fips-us-east-1", "us-gov-west-1-fips") and names of partitions
// ("aws-global"). Any other name is returned as it is.
func Region(name string) string {
	// Nearly all names are regions already.
	if !strings.Contains(name, "fips") && !strings.HasSuffix(name, "-global") {
		return name
	}
	// "fips-us-east-1" and "us-east-1-fips" are both in use.
	name = strings.TrimSuffix(strings.TrimPrefix(name, "fips-"), "-fips")
	if p := of(name); name == p.Global {
		return p.GlobalRegion
	}
	// "us-fips-east-1" has it in the middle.
	return strings.Replace(name, "-fips-", "-", 1)
}

// maxRegion is longer than the code of any region.
const maxRegion = 32

// ValidRegion reports whether a client can have a region of this name: 1 to 32 lower-case letters,
// digits and hyphens. Emulators have regions that AWS does not have ("local"), so the form of AWS's
// own is not asked for.
func ValidRegion(name string) bool {
	// The form keeps out dots and slashes, which would make another host of the endpoint.
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return name != "" && len(name) <= maxRegion
}

// LooksLikeRegion reports whether a label of a host has the form of AWS's regions: two to four
// letters, one or more words, and a number of one or two digits, joined by hyphens. The names that
// stand for services without regions count too.
func LooksLikeRegion(label string) bool {
	first := strings.IndexByte(label, '-')
	// "us" has two letters, and "eusc" has four.
	if first < 2 || first > 4 || strings.ContainsAny(label[:first], "0123456789") {
		return false
	}
	hyphens, digits := 0, 0
	for i := range len(label) {
		switch c := label[i]; {
		case c == '-':
			hyphens++
			digits = 0
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z':
			// "eu-west-1a" is a zone of the region.
			if digits > 0 {
				return false // an availability zone, or an id
			}
		default:
			return false
		}
	}
	// "aws-global" is one of those names.
	return hyphens >= 2 && (digits == 1 || digits == 2) || label == of(label).Global
}
