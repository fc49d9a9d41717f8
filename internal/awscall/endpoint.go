package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
)

// An Endpoint is the host of a request to AWS, taken apart, with the services whose naming scheme
// it fits. It may belong to a customer nevertheless: see [awsname.Host].
type Endpoint struct {
	awsname.Host
	services []string // whose naming scheme the host fits; empty if it fits none
	s3       string   // of S3: the label, without "-fips", that shows what stands before it
	before   string   // of S3: what stands before that label, a bucket or an access point
	website  string   // the bucket whose website the host is; such a host is not an endpoint of S3's API
}

// ParseEndpoint takes apart a host in canonical form. It reports false if the host does not end as
// AWS's endpoints do.
func ParseEndpoint(host string) (e Endpoint, ok bool) {
	if e.Host, ok = awsname.Parse(host); !ok {
		return Endpoint{}, false
	}
	// receipts.s3-website-eu-west-1.amazonaws.com
	if before, last, _ := cutLast(e.Name); last == "s3-website" && e.Region != "" {
		e.website = before
	}
	// candidates is fast and wide; Of is exact.
	for _, service := range e.candidates() {
		before, own := e.Of(service)
		if own {
			e.services = append(e.services, service)
		}
		if own && service == "s3" {
			e.s3, e.before = e.s3Label(), before
		}
	}
	// S3's hosts without a region are for buckets of any region.
	if e.Region == "" && !e.Global && !e.VPC && len(e.services) > 0 && !isS3(e.services[0]) && !awsops.Regionless(plainName(e.Name)) {
		e.Region = awsname.GlobalRegion(e.Partition) // dynamodb.amazonaws.com is in us-east-1
	}
	return e, true
}

// OnlyOne reports whether the endpoint is that of its service in all regions of the partition.
func (e *Endpoint) OnlyOne() bool { return len(e.services) > 0 && awsops.OnlyOne(plainName(e.Name)) }

// Of reports whether the endpoint is one of a service's own. It also returns what stands before the
// service in the host: a bucket or an account.
// See decision 27.
func (e *Endpoint) Of(service string) (before string, ok bool) {
	name := e.Name
	// vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com
	if e.VPC {
		name, ok = e.withoutVPC()
		if !ok {
			return "", false
		}
	}
	if isS3(service) {
		return e.ofS3(name)
	}
	name = plainName(name)
	if awsops.HasEndpoint(service, name) {
		return "", true
	}
	// 111122223333.s3-control and 111122223333.ddb have the account in front.
	before, label, ok := strings.Cut(name, ".")
	if ok && awsname.IsAccount(before) {
		return before, awsops.HasEndpoint(service, label)
	}
	if id := streamID(name); id != "" && awsops.HasEndpoint(service, "kinesis") {
		return id, true
	}
	return "", false
}

// account returns the account that stands before the service in a host, or "".
func (e *Endpoint) account() string {
	name := e.Name
	if e.VPC {
		name, _ = e.withoutVPC()
	}
	before, _, _ := strings.Cut(name, ".")
	if !awsname.IsAccount(before) {
		return ""
	}
	return before
}

// streamID returns the id of the stream that Kinesis has a host for, "id.data-kinesis", or "" for
// any other name. An id of 24 characters is two labels. It does not show the stream's account.
func streamID(name string) string {
	id, label, _ := cutLast(name)
	first, rest, long := strings.Cut(id, ".")
	if label != "data-kinesis" && label != "control-kinesis" || !isWord(first) || long && (len(first) != 20 || len(rest) != 3 || !isWord(rest)) {
		return ""
	}
	return id
}

// Service returns the service whose naming scheme fits the host, the first of several, or "" if
// none does.
func (e *Endpoint) Service() string {
	if len(e.services) == 0 {
		return ""
	}
	return e.services[0]
}

// Services returns the services whose naming scheme fits the host. The caller must not change it.
func (e *Endpoint) Services() []string { return e.services }

// candidates returns the services that the host may belong to. Of compares the whole name.
func (e *Endpoint) candidates() []string {
	name := e.Name
	// The service's label is behind the id of the VPC endpoint.
	if e.VPC {
		name, _ = e.withoutVPC()
	}
	_, label, _ := cutLast(name)
	switch {
	case strings.HasPrefix(label, "s3-control"):
		return []string{"s3control"}
	// s3-accesspoint, s3-fips and s3express-use1-az4 are labels of S3, too.
	case label == "s3", strings.HasPrefix(label, "s3-"), strings.HasPrefix(label, "s3express-"):
		return []string{"s3"}
	}
	if account, rest, ok := strings.Cut(name, "."); ok && awsname.IsAccount(account) {
		name = rest
	}
	name = plainName(name)
	if streamID(name) != "" {
		return []string{"kinesis"}
	}
	return awsops.ByEndpoint(name)
}

// plainName takes out of a name what marks a FIPS endpoint, and the number of one of the parts that
// some services have: "ingest-cell2.timestream", "data-kinesis-pod1".
func plainName(name string) string {
	name = awsname.WithoutFIPS(name)
	// Number and cell may be any, so that they are cut off instead of listed.
	if before, after, ok := strings.Cut(name, "-cell"); ok {
		if number, isCell := strings.CutSuffix(after, ".timestream"); isCell && isNumber(number) {
			return before + ".timestream"
		}
	}
	if before, number, ok := strings.Cut(name, "kinesis-pod"); ok && isNumber(number) {
		return before + "kinesis"
	}
	return name
}

// isNumber reports whether a text has digits alone.
func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// withoutVPC takes the id of a VPC endpoint out of the name: "vpce-0a1b-2c3d.sqs",
// "receipts.bucket.vpce-0a1b-2c3d.s3". It reports false for the endpoint of a customer's service.
func (e *Endpoint) withoutVPC() (name string, ok bool) {
	at := 0
	if !strings.HasPrefix(e.Name, "vpce-") {
		if at = strings.LastIndex(e.Name, ".vpce-") + 1; at == 0 {
			return "", false
		}
	}
	id, label, ok := strings.Cut(e.Name[at:], ".")
	// vpce-svc-… is a customer's own service, whatever its name.
	if !ok || strings.HasPrefix(id, "vpce-svc-") || strings.HasPrefix(label, "vpce-svc-") {
		return "", false
	}
	return join(strings.TrimSuffix(e.Name[:at], "."), label), true
}

// cutLast cuts s around its last dot. Without a dot, all of it is after.
func cutLast(s string) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

// join puts a dot between two parts of a host, unless the first is empty.
func join(before, after string) string {
	if before == "" {
		return after
	}
	return before + "." + after
}
