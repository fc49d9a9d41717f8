package awsname

import "strings"

// A Host is the host of an API endpoint, taken apart: "receipts.s3", "eu-west-1" and "aws" for
// receipts.s3.dualstack.eu-west-1.amazonaws.com. Customers have names below the same suffixes
// (execute-api, elb, vpce-svc, …), so a Host proves nothing about its owner.
type Host struct {
	Partition string // the id
	Region    string // "" for a global endpoint
	Name      string // what is left: the labels of the service, behind those of a resource
	VPC       bool   // the endpoint is in a VPC: ".vpce" came before the suffix
	Global    bool   // a label stands for the whole partition: "iam.global", "iam.us-gov"
}

// Parse takes a host apart that ends with the suffix of API endpoints in one of the partitions. It
// reports false for any other host, and for one whose region is in another partition.
func Parse(host string) (h Host, ok bool) {
	// Most hosts of a function's calls are not AWS's, and leave here.
	p, name := cutSuffix(host)
	if p == nil {
		return parseSignIn(host)
	}
	h.Partition = p.ID
	// "sqs.eu-west-1.vpce" is an endpoint in a VPC.
	h.Name, h.VPC = strings.CutSuffix(name, ".vpce")
	h.cutRegion(p)
	// Two partitions share a suffix: us-gov-west-1 and eu-west-1 both end in amazonaws.com.
	if h.Region != "" {
		q := of(h.Region)
		if q.Suffix != p.Suffix {
			return Host{}, false
		}
		h.Partition = q.ID
	}
	// "s3.dualstack.eu-west-1" has lost its region by now.
	h.Name = strings.TrimSuffix(h.Name, ".dualstack")
	return h, true
}

// parseSignIn takes apart a host of the sign-in service, "eu-west-1.signin.aws.amazon.com". Clients
// get credentials from it after a login.
func parseSignIn(host string) (h Host, ok bool) {
	if region, ok := cutDomain(host, "oauth.signin.aws"); ok && LooksLikeRegion(region) {
		return Host{Partition: of(region).ID, Region: region, Name: "signin"}, true
	}
	// The other hosts are "signin.aws.amazon.com" and those of the regions.
	for i := range partitions {
		p := &partitions[i]
		name, ok := cutDomain(host, p.Console)
		if !ok {
			continue
		}
		region, label, regional := strings.Cut(name, ".")
		if !regional {
			region, label = "", name
		}
		// A region of another partition is not below this console.
		if label != "signin" && label != "signin-fips" || regional && (!LooksLikeRegion(region) || of(region) != p) {
			return Host{}, false
		}
		return Host{Partition: p.ID, Region: region, Name: label}, true
	}
	return Host{}, false
}

// cutSuffix returns what stands before the suffix of a partition's API endpoints.
func cutSuffix(host string) (p *Partition, name string) {
	for i := range partitions {
		p := &partitions[i]
		for _, suffix := range [...]string{p.Suffix, p.DualStack} {
			if name, ok := cutDomain(host, suffix); ok {
				return p, name
			}
		}
	}
	return nil, ""
}

// cutRegion moves the region from the name to Region, wherever it stands.
func (h *Host) cutRegion(p *Partition) {
	// The region is the last label in most hosts.
	before, last, dotted := cutLast(h.Name)
	switch {
	case dotted && last == "global": // iam.global.api.aws
		h.Name, h.Global = before, true
	case dotted && LooksLikeRegion(last): // sqs.eu-west-1
		h.Region, h.Name = last, before
	case dotted && h.cutGlobalLabel(p, last): // iam.us-gov, places.geo.us-gov-west-1.us-gov
		h.Name, h.Global = before, true
		if before, last, dotted := cutLast(before); dotted && LooksLikeRegion(last) {
			h.Region, h.Name, h.Global = last, before, false
		}
	case dotted:
		// eu-west-1.queue, as SQS's hosts once were
		if first, rest, _ := strings.Cut(h.Name, "."); rest == "queue" && LooksLikeRegion(first) {
			h.Region, h.Name = first, rest
		}
	}
	// Only S3 has hosts such as s3-eu-west-1.amazonaws.com.
	if h.Region == "" && !h.VPC {
		h.cutJoinedRegion()
	}
}

// cutGlobalLabel recognizes the label that stands for a whole partition in the place of a region.
// "us-gov" in "iam.us-gov.amazonaws.com".
func (h *Host) cutGlobalLabel(p *Partition, label string) bool {
	for i := range partitions {
		if q := &partitions[i]; q.globalLabel == label && q.Suffix == p.Suffix {
			h.Partition = q.ID
			return true
		}
	}
	return false
}

// cutJoinedRegion cuts off a region that S3 joins to its label with a hyphen: "s3-eu-west-1",
// "s3-fips-us-gov-west-1", "s3-website-us-east-1".
func (h *Host) cutJoinedRegion() {
	_, last, _ := cutLast(h.Name)
	// The longest label comes first, since all begin with "s3".
	for _, label := range [...]string{"s3-website", "s3-fips", "s3"} {
		region, ok := strings.CutPrefix(last, label)
		if !ok || !strings.HasPrefix(region, "-") || !LooksLikeRegion(region[1:]) {
			continue
		}
		h.Region = region[1:]
		h.Name = h.Name[:len(h.Name)-len(region)]
		// "s3-fips" without the region is the FIPS endpoint of "s3".
		if label == "s3-fips" {
			h.Name = strings.TrimSuffix(h.Name, "-fips")
		}
		return
	}
}

// Endpoint returns the host of a service's API in a region: "sqs.eu-west-1.amazonaws.com" for
// "sqs". With fips, it is the host of the FIPS 140 endpoint, as most services name it.
func Endpoint(label, region string, fips bool) string {
	if fips {
		label += "-fips"
	}
	return label + "." + region + "." + of(region).Suffix
}

// WithoutFIPS takes out of a name what marks a FIPS endpoint: "fips.batch", "sqs-fips",
// "runtime-fips.sagemaker".
func WithoutFIPS(name string) string {
	name = strings.TrimPrefix(name, "fips.")
	if before, after, ok := strings.Cut(name, "-fips"); ok && (after == "" || after[0] == '.') {
		return before + after
	}
	return name
}

// MayBeEndpoint reports whether a host is below one of AWS's domains, and so may be an API endpoint
// or a resource's own host. It is meant for every request: most hosts are sorted out by their last
// byte.
func MayBeEndpoint(host string) bool {
	if host == "" {
		return false
	}
	// The last byte of the host rules out nearly all hosts, such as api.stripe.io.
	last := host[len(host)-1]
	switch last {
	case 'm': // com
		_, ok := cutDomain(host, commercial)
		return ok || strings.HasSuffix(host, "."+console) || strings.HasSuffix(host, "."+govConsole)
	case 's': // aws
		_, ok := cutDomain(host, topLevel)
		return ok
	// These are the last letters of the other partitions' domains.
	case 'n', 'u', 'v', 'd', 'k': // cn, eu, gov, scloud, uk
	default:
		return false
	}
	for i := range partitions {
		for _, domain := range partitions[i].domains {
			if domain == "" || domain[len(domain)-1] != last {
				continue
			}
			if _, ok := cutDomain(host, domain); ok {
				return true
			}
		}
	}
	return false
}

// Shared reports whether different customers have hosts directly below a domain of AWS's:
// "amazonaws.com", "on.aws", "eu-west-1.amazonaws.com", "execute-api.eu-west-1.amazonaws.com",
// "lambda-url.eu-west-1.on.aws".
// A rule with a wildcard below such a domain would take in other customers' hosts.
func Shared(domain string) bool {
	for i := range partitions {
		p := &partitions[i]
		// Not each partition has a domain for resources.
		for _, end := range [...]string{p.Suffix, p.Resources} {
			if end == "" {
				continue
			}
			if domain == end {
				return true
			}
			if name, ok := cutDomain(domain, end); ok && sharedLabel(name) {
				return true
			}
		}
	}
	return false
}

// sharedLabel reports whether customers' hosts stand before a name that begins so.
func sharedLabel(name string) bool {
	first, _, _ := strings.Cut(name, ".")
	switch first {
	// Each of these has customers' names in front: BUCKET.s3, ID.execute-api, NAME.elb.
	case "s3", "execute-api", "elb", "lambda-url", "elasticbeanstalk", "compute", "compute-1", "iot":
		return true
	}
	if strings.HasPrefix(first, "s3-") {
		return true
	}
	return LooksLikeRegion(first)
}

// cutDomain returns what stands before a domain and the dot in front of it.
// The name is never empty: the domain itself is nobody's host.
func cutDomain(host, domain string) (name string, ok bool) {
	n := len(host) - len(domain) - 1
	if n < 1 || host[n] != '.' || host[n+1:] != domain {
		return "", false
	}
	return host[:n], true
}

// cutLast cuts s around its last dot. Without a dot, all of it is after.
func cutLast(s string) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}
