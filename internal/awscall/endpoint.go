package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
)

// An Endpoint is the host of a request to AWS, taken apart, with the services that it fits. It may
// belong to a customer nevertheless: see [awsname.Host].
type Endpoint struct {
	awsname.Host
	services []string // whose naming scheme the host fits; empty if it fits none
	s3       string   // of S3: the label, without "-fips", that says what stands before it
	before   string   // of S3: what stands before that label, a bucket or an access point
	website  string   // the bucket whose website the host is; such a host is no endpoint of S3's API
}

// ParseEndpoint takes apart a host in canonical form. It reports false if the host does not end as
// AWS's endpoints do.
func ParseEndpoint(host string) (e Endpoint, ok bool) {
	if e.Host, ok = awsname.Parse(host); !ok {
		return Endpoint{}, false
	}
	if before, last, _ := cutLast(e.Name); last == "s3-website" && e.Region != "" {
		e.website = before
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
	name := e.Name
	if e.VPC {
		name, ok = e.cutVPC()
		if !ok {
			return "", false
		}
	}
	if isS3(service) {
		return e.ofS3(name, service)
	}
	name = plainName(name)
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
	name := e.Name
	if e.VPC {
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
	return awsops.ByEndpoint(plainName(name))
}

// plainName takes out of a name what marks a FIPS endpoint, and the number of one of Timestream's
// cells: "ingest-cell2.timestream".
func plainName(name string) string {
	name = awsname.WithoutFIPS(name)
	before, after, _ := strings.Cut(name, "-cell")
	digits, isCell := strings.CutSuffix(after, ".timestream")
	if isCell && digits != "" && strings.Trim(digits, "0123456789") == "" {
		return before + ".timestream"
	}
	return name
}

// cutVPC takes the id of a VPC endpoint out of the name: "vpce-0a1b-2c3d.sqs", "receipts.bucket.vpce-0a1b-2c3d.s3".
func (e *Endpoint) cutVPC() (name string, ok bool) {
	at := 0
	if !strings.HasPrefix(e.Name, "vpce-") {
		if at = strings.LastIndex(e.Name, ".vpce-") + 1; at == 0 {
			return "", false
		}
	}
	id, label, ok := strings.Cut(e.Name[at:], ".")
	if !ok || strings.HasPrefix(id, "vpce-svc-") || strings.HasPrefix(label, "vpce-svc-") {
		return "", false
	}
	return join(strings.TrimSuffix(e.Name[:at], "."), label), true
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
		if e.VPC {
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
	_, label, _ := cutLast(e.Name)
	if e.VPC {
		for _, kind := range [...]string{"accesspoint", "control"} {
			if strings.Contains("."+e.Name, "."+kind+".vpce-") {
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
