package awsrules

import "strings"

// awsSuffix reports whether a host ends like those of AWS's endpoints in some partition.
func MayBeEndpoint(host string) bool {
	if host == "" {
		return false
	}
	switch host[len(host)-1] { // most names stop here
	case 'm':
		return strings.HasSuffix(host, ".amazonaws.com")
	case 's': // .api.aws; function URLs and the like are .on.aws and .app.aws
		return strings.HasSuffix(host, ".aws")
	case 'n', 'u', 'v', 'k', 'd':
		for _, domain := range awsDomains {
			if strings.HasSuffix(host, domain) {
				return true
			}
		}
	}
	return false
}

// awsDomains are where the endpoints of the smaller partitions are.
var awsDomains = [...]string{
	".amazonaws.com.cn", ".amazonwebservices.com.cn", ".amazonaws.eu", ".ic.gov", ".sgov.gov", ".aws.scloud", ".adc-e.uk",
}
