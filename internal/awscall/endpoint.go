package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// suffixes are what the names of AWS's endpoints end with, in each partition; those of the second kind are dual-stack. Anybody can have a name
// below them as well (execute-api, elb, compute, s3-website, vpce-svc, …), so that the end alone proves nothing.
var suffixes = [...]struct{ suffix, partition string }{
	{".amazonaws.com", "aws"}, {".api.aws", "aws"}, // of GovCloud too: its regions tell
	{".amazonaws.com.cn", "aws-cn"}, {".api.amazonwebservices.com.cn", "aws-cn"},
	{".amazonaws.eu", "aws-eusc"}, {".api.amazonwebservices.eu", "aws-eusc"},
	{".c2s.ic.gov", "aws-iso"}, {".api.aws.ic.gov", "aws-iso"},
	{".sc2s.sgov.gov", "aws-iso-b"}, {".api.aws.scloud", "aws-iso-b"},
	{".cloud.adc-e.uk", "aws-iso-e"}, {".api.cloud-aws.adc-e.uk", "aws-iso-e"},
	{".csp.hci.ic.gov", "aws-iso-f"}, {".api.aws.hci.ic.gov", "aws-iso-f"},
}

// An Endpoint is the host of a request to AWS, taken apart.
type Endpoint struct {
	Partition string
	Region    string   // "" for a global endpoint
	name      string   // what is left: labels of the service, behind those of a bucket or an account
	vpc       bool     // a VPC endpoint
	services  []string // whose own endpoint it is, by its looks: services that share it; none for none's
	s3        string   // S3's: the label, without "-fips", that says what stands before it
	before    string   // S3's: and that, a bucket or an access point
	website   string   // a bucket whose website it is, which is no endpoint of the service's
}

// ParseEndpoint takes apart a host in canonical form. ok: it ends as AWS's endpoints do, and may be anybody's nevertheless.
func ParseEndpoint(host string) (e Endpoint, ok bool) {
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(host, s.suffix); ok {
			e.Partition, e.name = s.partition, rest
			break
		}
	}
	if e.name == "" {
		return e, false
	}
	e.name, e.vpc = strings.CutSuffix(e.name, ".vpce")
	before, last, dotted := cutLast(e.name)
	switch {
	case dotted && last == "global": // iam.global.api.aws
		e.name = before
	case dotted && last == "us-gov": // iam.us-gov.amazonaws.com
		e.name, e.Partition = before, "aws-us-gov"
	case dotted && isRegionCode(last):
		e.Region, e.name = last, before
	case !dotted:
		// us-east-1.queue.amazonaws.com, and the regions that S3 joins with a hyphen
	default:
		if first, rest, _ := strings.Cut(e.name, "."); rest == "queue" && isRegionCode(first) {
			e.Region, e.name = first, rest
		}
	}
	if before, last, _ := cutLast(e.name); e.Region == "" && !e.vpc {
		region, ok := strings.CutPrefix(last, "s3-")
		if region = strings.TrimPrefix(region, "fips-"); ok && isRegionCode(region) {
			e.Region, e.name = region, join(before, "s3")
		}
	}
	before, last, _ = cutLast(e.name)
	if region, ok := strings.CutPrefix(last, "s3-website-"); ok && e.Region == "" && isRegionCode(region) {
		e.Region, e.website = region, before
	} else if last == "s3-website" && e.Region != "" {
		e.website = before
	}
	e.name = strings.TrimSuffix(e.name, ".dualstack")
	if e.Partition == "aws" && strings.HasPrefix(e.Region, "us-gov-") {
		e.Partition = "aws-us-gov"
	}
	if e.Region != "" && e.Partition != PartitionOf(e.Region) {
		return e, false // no such host is AWS's
	}
	for _, service := range e.guess() {
		before, own := e.Of(service)
		if own {
			e.services = append(e.services, service)
		}
		if own && service == "s3" {
			e.s3, e.before = e.kind(), before
		}
	}
	return e, true
}

// Of reports whether the endpoint is one of a service's own, and returns what stands before the service in it: a bucket or an account.
func (e *Endpoint) Of(service string) (before string, ok bool) {
	name := e.name
	if e.vpc {
		name, ok = e.cutVPC()
		if !ok {
			return "", false
		}
	}
	if isS3(service) {
		return e.ofS3(name, service)
	}
	name = usual(name)
	if awsops.HasEndpoint(service, name) {
		return "", true
	}
	account, label, ok := strings.Cut(name, ".")
	return account, ok && IsAccount(account) && awsops.HasEndpoint(service, label)
}

// Service returns the service that the endpoint is one of, by its looks; "" if it is none's. Of services that share it, it is the first.
func (e *Endpoint) Service() string {
	if len(e.services) == 0 {
		return ""
	}
	return e.services[0]
}

// Services returns the services that the endpoint is one of, by its looks. It is not to be changed.
func (e *Endpoint) Services() []string { return e.services }

// guess returns the services that the endpoint may be one of, before the whole name has been compared.
func (e *Endpoint) guess() []string {
	name := e.name
	if e.vpc {
		name, _ = e.cutVPC()
	}
	if _, label, _ := cutLast(name); label == "s3" || strings.HasPrefix(label, "s3-") || strings.HasPrefix(label, "s3express-") {
		if strings.HasPrefix(label, "s3-control") {
			return []string{"s3control"}
		}
		return []string{"s3"}
	}
	if account, rest, ok := strings.Cut(name, "."); ok && IsAccount(account) {
		name = rest
	}
	return awsops.ByEndpoint(usual(name))
}

// usual takes out what makes an endpoint a FIPS one ("fips.batch", "sqs-fips", "runtime-fips.sagemaker"), and the number of a cell of Timestream's
// ("ingest-cell2.timestream").
func usual(name string) string {
	name = strings.TrimPrefix(name, "fips.")
	if before, after, ok := strings.Cut(name, "-fips"); ok && (after == "" || after[0] == '.') {
		name = before + after
	}
	if before, after, ok := strings.Cut(name, "-cell"); ok {
		if digits, isCell := strings.CutSuffix(after, ".timestream"); isCell && digits != "" && strings.Trim(digits, "0123456789") == "" {
			return before + ".timestream"
		}
	}
	return name
}

// cutVPC takes the id of a VPC endpoint out of the name: "vpce-0a1b-2c3d.sqs", "receipts.bucket.vpce-0a1b-2c3d.s3".
func (e *Endpoint) cutVPC() (name string, ok bool) {
	at := 0
	if !strings.HasPrefix(e.name, "vpce-") {
		if at = strings.LastIndex(e.name, ".vpce-") + 1; at == 0 {
			return "", false
		}
	}
	id, label, ok := strings.Cut(e.name[at:], ".")
	if !ok || strings.HasPrefix(id, "vpce-svc-") || strings.HasPrefix(label, "vpce-svc-") {
		return "", false
	}
	return join(strings.TrimSuffix(e.name[:at], "."), label), true
}

// isS3 reports whether a service is S3 or one of those that share its hosts' forms; S3 Tables and S3 Vectors do not.
func isS3(service string) bool {
	if service == "s3" || service == "S3" {
		return true
	}
	switch prefix, _ := awsops.Service(service); prefix {
	case "s3", "s3express", "s3-object-lambda", "s3-outposts":
		return true
	}
	return false
}

// ofS3 reads the hosts of S3, which stand behind buckets, access points and accounts.
func (e *Endpoint) ofS3(name, service string) (before string, ok bool) {
	before, label, _ := cutLast(name)
	label = strings.TrimSuffix(label, "-fips")
	switch {
	case label == "s3-control", label == "s3express-control":
		return before, before == "" || IsAccount(before)
	case label == "s3", label == "s3-external-1":
		if e.vpc {
			// Behind a VPC endpoint, the kind of what is named is a label of its own.
			for _, kind := range [...]string{"bucket", "accesspoint", "control"} {
				if rest, ok := strings.CutSuffix("."+before, "."+kind); ok {
					return strings.TrimPrefix(rest, "."), true
				}
			}
		}
		return before, true
	case label == "s3-accesspoint", label == "s3-object-lambda", label == "s3-outposts", strings.HasPrefix(label, "s3express-"):
		return before, true
	case label == "s3-accelerate":
		return before, true
	case label == "s3-global":
		return before, e.Region == ""
	}
	return "", false
}

// kind returns the label of S3's host, without "-fips": what a name before it is the name of.
func (e *Endpoint) kind() string {
	_, label, _ := cutLast(e.name)
	if e.vpc {
		for _, kind := range [...]string{"accesspoint", "control"} {
			if strings.Contains("."+e.name, "."+kind+".vpce-") {
				return "s3-" + kind
			}
		}
	}
	return strings.TrimSuffix(label, "-fips")
}

// cutLast cuts s around its last dot. Without one, all of it is after.
func cutLast(s string) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

func join(before, after string) string {
	if before == "" {
		return after
	}
	return before + "." + after
}

// isRegionCode reports whether a label looks like a region: two to four letters, more words and a number, joined by hyphens.
func isRegionCode(s string) bool {
	if s == "aws-global" {
		return true
	}
	if first := strings.IndexByte(s, '-'); first < 2 || first > 4 || strings.ContainsAny(s[:first], "0123456789") {
		return false
	}
	hyphens, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
			hyphens++
			digits = 0
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z':
			if digits > 0 {
				return false // a zone, or an id
			}
		default:
			return false
		}
	}
	return hyphens >= 2 && digits > 0 && digits <= 2
}
