package awscall

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/outguard/outguard/internal/awskey"
)

// s3 reads the operation and the resources of a request to S3. again: of the same request at another
// host, which must mean the same.
func (q *Request) s3(r *http.Request, h *header, e *Endpoint, by *signer, again bool) {
	p, ok := s3Of(r.URL, e)
	op := ""
	source, one := hoisted(h.copySource, r.URL.RawQuery, "X-Amz-Copy-Source")
	owner, same := hoisted(h.bucketOwner, r.URL.RawQuery, "X-Amz-Expected-Bucket-Owner")
	if ok = ok && one && same; ok && !h.torn {
		op = p.operation(r, by.by != nobody, source != "")
	}
	if again && op != q.Operation {
		op = ""
	}
	nothing := ok && p.bucket == "" // ListBuckets
	var resources []string
	if arn := p.arn(by.key); ok && arn != "" && !namesInBody(op) {
		if p.key == "" && (op == "DeleteObjects" || op == "PutObject") {
			arn += "/*" // the keys are in the body
		}
		resources = append(resources, arn)
		if p.spaced != "" {
			p.key = p.spaced
			resources = append(resources, p.arn(by.key))
		}
	}
	_, q.Version = queryValue(r.URL.RawQuery, "versionId")
	q.Owner = ownerNamed(owner)
	if source != "" && resources != nil {
		q.Version = strings.Contains(source, "?versionId=")
		var ts Touches
		ts.op, ts.at = &Op{Service: "s3"}, Where{Partition: e.Partition, Region: e.Region}
		ts.step = &step{}
		parseCopySource(&ts, ts.step, []string{source})
		for i := range ts.List {
			arn := ts.List[i].ARN()
			if arn == "" {
				resources = nil
				break
			}
			resources = append(resources, arn)
		}
	}
	switch {
	case nothing:
	case again && (q.Resources == nil || resources == nil):
		resources = nil
	case again:
		resources = append(q.Resources, resources...)
	}
	q.Operation, q.Resources = op, resources
}

// website reads a request to the website of a bucket, which is plain HTTP, and a reading of objects for those who have forbidden it. What the path of
// a directory stands for is not known.
func (q *Request) website(r *http.Request, e *Endpoint) {
	q.Doubtful = true
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	switch {
	case q.Service != "" && (q.Service != "s3" || q.Operation != "GetObject"):
		q.Operation, q.Resources = "", nil
		return
	case q.Service != "" && q.Resources == nil, r.URL.Opaque != "", err != nil, hasDots(key), !isBucket(e.website):
		q.Resources = nil
	case key == "" || strings.HasSuffix(key, "/"):
		q.Resources = append(q.Resources, "arn:"+e.Partition+":s3:::"+e.website+"/"+key+"*")
	default:
		q.Resources = append(q.Resources, "arn:"+e.Partition+":s3:::"+e.website+"/"+key)
	}
	q.Service, q.Operation, q.Region = "s3", "GetObject", e.Region
}

// An s3Place is what a request to S3 is about.
type s3Place struct {
	*Endpoint
	kind        string // the label of S3's host, without "-fips": what a name before it is the name of
	bucket, key string // bucket: or an access point with its account
	spaced      string // the key as S3 reads a plus in a path, as a blank; "" if there is none
}

// s3Of finds the place that a URL means at an endpoint of S3's. ok: it is clear.
func s3Of(u *url.URL, e *Endpoint) (p s3Place, ok bool) {
	p.Endpoint = e
	p.bucket, p.kind = e.before, e.s3
	if u.Opaque != "" {
		return p, false
	}
	p.key = strings.TrimPrefix(u.EscapedPath(), "/")
	if p.bucket == "" {
		switch p.kind {
		case "s3", "s3-external-1", "s3express-control":
		default:
			return p, false // it has other APIs, below paths of their own
		}
		empty := p.key == ""
		p.bucket, p.key, _ = strings.Cut(p.key, "/")
		if p.bucket == "" && !empty {
			return p, false
		}
	}
	if strings.Contains(p.key, "+") {
		p.spaced, _ = url.QueryUnescape(p.key)
	}
	var errs [2]error
	p.bucket, errs[0] = url.PathUnescape(p.bucket)
	p.key, errs[1] = url.PathUnescape(p.key)
	// A server that resolves dots, or a proxy on the way, may make another object of it.
	ok = errs[0] == nil && errs[1] == nil && !hasDots(p.key) && !strings.HasPrefix(p.key, "/") &&
		p.bucket != "." && p.bucket != ".." && !strings.Contains(p.bucket, "/")
	if p.kind == "s3express-control" && p.bucket != "" && !isDirectory(p.bucket) {
		return p, false
	}
	return p, ok
}

// arn returns the ARN of the place; "" if it is not known. The directory buckets that a caller names are its own: signer is its key.
func (p *s3Place) arn(signer string) string {
	switch {
	case p.bucket == "":
		return ""
	case p.kind == "s3-accesspoint", p.kind == "s3-object-lambda", p.kind == "s3-outposts":
		return p.accessPoint()
	case isDirectory(p.bucket):
		if account := awskey.Account(signer); account != "" && p.Region != "" {
			return "arn:" + p.Partition + ":s3express:" + p.Region + ":" + account + ":bucket/" + p.bucket
		}
		return ""
	case strings.HasPrefix(p.kind, "s3express-"), p.kind == "s3-global", p.kind == "s3-control", !isBucket(p.bucket):
		return ""
	case p.key == "":
		return "arn:" + p.Partition + ":s3:::" + p.bucket
	}
	return "arn:" + p.Partition + ":s3:::" + p.bucket + "/" + p.key
}

// accessPoint returns the ARN of an access point: of S3, of Object Lambda, or of an outpost, "name-account.outpost".
func (p *s3Place) accessPoint() string {
	name, outpost, _ := strings.Cut(p.bucket, ".")
	i := strings.LastIndexByte(name, '-')
	if i < 0 || !IsAccount(name[i+1:]) || (outpost != "") != (p.kind == "s3-outposts") || strings.Contains(outpost, ".") {
		return ""
	}
	service, at := "s3", ""
	if p.kind != "s3-accesspoint" {
		service = p.kind
	}
	if outpost != "" {
		at = "outpost/" + outpost + "/"
	}
	arn := "arn:" + p.Partition + ":" + service + ":" + p.Region + ":" + name[i+1:] + ":" + at + "accesspoint/" + name[:i]
	if p.key != "" && p.kind != "s3-object-lambda" {
		arn += "/object/" + p.key
	}
	return arn
}

// isDirectory reports whether a bucket is a directory bucket, as its name tells.
func isDirectory(bucket string) bool { return strings.HasSuffix(bucket, "--x-s3") }

// namesInBody reports whether an operation of S3's names further buckets in its body.
func namesInBody(op string) bool {
	switch op {
	case "PutBucketLogging", "PutBucketInventoryConfiguration", "PutBucketReplication", "PutBucketAnalyticsConfiguration":
		return true
	}
	return false
}

// hoisted returns a header of a request to S3, which a presigned URL may have in its query; "" if there is none. one: there are no two that differ.
func hoisted(header, query, name string) (value string, one bool) {
	if query == "" {
		return header, true
	}
	value, ok := queryValue(query, name)
	switch {
	case !ok:
		return header, true
	case header == "":
		return value, value != ""
	}
	return header, header == value
}
