package awscall

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/outguard/outguard/internal/accesskey"
	"github.com/outguard/outguard/internal/awsname"
)

// This file reads the bucket, the key and the operation of a request to S3.

// s3 reads the operation and the resources of a request at an endpoint of S3. With again, the
// request has been read at another endpoint before, and must mean the same at this one.
func (q *Request) s3(r *http.Request, h *header, e *Endpoint, by *signer, again bool) {
	p, ok := s3Of(r.URL, e)
	op := ""
	// A presigned URL has these headers as parameters.
	source, oneSource := hoisted(h.copySource, r.URL.RawQuery, "X-Amz-Copy-Source")
	owner, oneOwner := hoisted(h.bucketOwner, r.URL.RawQuery, "X-Amz-Expected-Bucket-Owner")
	// Headers that contradict each other leave the operation open.
	if ok = ok && oneSource && oneOwner; ok && !h.contradictory {
		op = p.operation(r, by.kind != unsigned, source != "")
	}
	// With another operation at the second endpoint, neither is certain.
	if again && op != q.Operation {
		op = ""
	}
	nothing := ok && p.bucket == "" // ListBuckets
	var resources []string
	// Some operations name further buckets in XML, which is not read.
	if arn := p.arn(by.key); ok && arn != "" && !namesInBody(op) {
		if p.key == "" && (op == "DeleteObjects" || op == "PutObject") {
			arn += "/*" // the keys are in the body
		}
		resources = append(resources, arn)
		// The key may have a blank in the place of the plus: both objects are touched.
		if p.spaced != "" {
			p.key = p.spaced
			resources = append(resources, p.arn(by.key))
		}
	}
	_, q.Version = queryValue(r.URL.RawQuery, "versionId")
	q.Owner = ownerNamed(owner)
	// The version is of the source then; the query's is another thing.
	if source != "" && resources != nil {
		q.Version = strings.Contains(source, "?versionId=")
		var ts Touches
		ts.op, ts.at = &Op{Service: "s3"}, &Where{Partition: e.Partition, Region: e.Region}
		ts.step = &step{action: primaryActions} // where the source is counts alone; this op has no actions
		parseCopySource(&ts, ts.step, []string{source})
		// An unknown source makes all of it unknown.
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
	// An empty list is known to be empty, and nil is unknown.
	case nothing:
	case again && (q.Resources == nil || resources == nil):
		resources = nil
	case again:
		// Both endpoints' resources are touched.
		resources = append(q.Resources, resources...)
	}
	q.Operation, q.Resources = op, resources
	if q.Adds, q.KMSKey = uploadAdds(h, r.URL.RawQuery, op); q.KMSKey != "" && resources == nil {
		q.Adds |= addsKey
	}
}

// website reads a request to the website of a bucket. It is plain HTTP, and it reads objects, which
// a blacklist may forbid. The object behind the path of a directory is not known.
// See decision 23.
func (q *Request) website(r *http.Request, e *Endpoint) {
	q.Doubtful = true
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	switch {
	// A second destination must mean the same.
	case q.Service != "" && (q.Service != "s3" || q.Operation != "GetObject"):
		q.Operation, q.Resources = "", nil
		return
	case q.Service != "" && q.Resources == nil, r.URL.Opaque != "", err != nil, hasDots(key), !isBucket(e.website):
		q.Resources = nil
	// The index document of a directory has a name that only the bucket's settings know.
	case key == "" || strings.HasSuffix(key, "/"):
		q.Resources = append(q.Resources, "arn:"+e.Partition+":s3:::"+e.website+"/"+key+"*")
	default:
		q.Resources = append(q.Resources, "arn:"+e.Partition+":s3:::"+e.website+"/"+key)
	}
	q.Service, q.Operation, q.Region = "s3", "GetObject", e.Region
}

// An s3Place is the bucket and the object that a request to S3 is about.
// See decision 26.
type s3Place struct {
	*Endpoint
	kind        string // as Endpoint.s3: what kind of name bucket is
	bucket, key string // the bucket may be an access point with its account
	spaced      string // the key with blanks, if S3 may read a plus in it as a blank; or ""
}

// s3Of finds the place that a URL names at an endpoint of S3. It reports false if that is not
// clear.
// e.before is the bucket in host style; "" means path style.
func s3Of(u *url.URL, e *Endpoint) (p s3Place, ok bool) {
	p.Endpoint = e
	p.bucket, p.kind = e.before, e.s3
	// Opaque is sent as the path, and is not read.
	if u.Opaque != "" {
		return p, false
	}
	p.key = strings.TrimPrefix(u.EscapedPath(), "/")
	if p.bucket == "" {
		switch p.kind {
		case "s3", "s3-external-1", "s3express-control":
		default:
			return p, false // other APIs have paths of their own at these hosts
		}
		// "/" lists buckets; "//key" has an empty bucket.
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
	// A server or a proxy that resolves dots may make another object of it.
	// The key must be the one that S3 sees: escapes are decoded once.
	ok = errs[0] == nil && errs[1] == nil && !hasDots(p.key) && !strings.HasPrefix(p.key, "/") &&
		p.bucket != "." && p.bucket != ".." && !strings.Contains(p.bucket, "/")
	// This host serves directory buckets only.
	if p.kind == "s3express-control" && p.bucket != "" && !isDirectory(p.bucket) {
		return p, false
	}
	return p, ok
}

// arn returns the ARN of the place, or "" if it is not known. A caller can only name its own
// directory buckets; key is the access key id that signs for it.
func (p *s3Place) arn(key string) string {
	switch {
	case p.bucket == "":
		return ""
	// The bucket is the name of an access point.
	case p.kind == "s3-accesspoint", p.kind == "s3-object-lambda", p.kind == "s3-outposts":
		return p.accessPoint()
	case isDirectory(p.bucket):
		// The ARN of a directory bucket has the account, which the key shows.
		if account := accesskey.Account(key); account != "" && p.Region != "" {
			return "arn:" + p.Partition + ":s3express:" + p.Region + ":" + account + ":bucket/" + p.bucket
		}
		return ""
	// These kinds have ARNs that the host does not show.
	case strings.HasPrefix(p.kind, "s3express-"), p.kind == "s3-global", p.kind == "s3-control", !isBucket(p.bucket):
		return ""
	case p.key == "":
		return "arn:" + p.Partition + ":s3:::" + p.bucket
	}
	return "arn:" + p.Partition + ":s3:::" + p.bucket + "/" + p.key
}

// accessPoint returns the ARN of an access point: "name-account" of S3 or of Object Lambda, or
// "name-account.outpost". It returns "" for anything else.
func (p *s3Place) accessPoint() string {
	name, outpost, _ := strings.Cut(p.bucket, ".")
	// "orders-111122223333": the account is behind the last hyphen.
	i := strings.LastIndexByte(name, '-')
	if i < 0 || !awsname.IsAccount(name[i+1:]) || (outpost != "") != (p.kind == "s3-outposts") || strings.Contains(outpost, ".") {
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
	// Object Lambda's ARN has no object in it.
	if p.key != "" && p.kind != "s3-object-lambda" {
		arn += "/object/" + p.key
	}
	return arn
}

// namesInBody reports whether an S3 operation names more buckets in its body.
// IAM asks for both buckets.
func namesInBody(op string) bool {
	switch op {
	case "PutBucketLogging", "PutBucketInventoryConfiguration", "PutBucketReplication", "PutBucketAnalyticsConfiguration":
		return true
	}
	return false
}

// hoisted returns a field of the header of a request to S3, which a presigned URL may have in its
// query, or "". It reports false if the two differ.
func hoisted(header, query, name string) (value string, ok bool) {
	// Most requests are not presigned.
	if query == "" {
		return header, true
	}
	value, found := queryValue(query, name)
	switch {
	case !found:
		return header, true
	// A parameter that is there and empty is a contradiction.
	case header == "":
		return value, value != ""
	}
	return header, header == value
}
