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
	source, oneSource := hoisted(h.copySource, r.URL.RawQuery, "X-Amz-Copy-Source")
	owner, oneOwner := hoisted(h.bucketOwner, r.URL.RawQuery, "X-Amz-Expected-Bucket-Owner")
	if ok = ok && oneSource && oneOwner; ok && !h.contradictory {
		op = p.operation(r, by.kind != unsigned, source != "")
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
	q.Adds, q.KMSKey = uploadAdds(r, op)
}

// website reads a request to the website of a bucket. It is plain HTTP, and it reads objects, which
// a blacklist may forbid. The object behind the path of a directory is not known.
// See decision 23.
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
			return p, false // other APIs have paths of their own at these hosts
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
	// A server or a proxy that resolves dots may make another object of it.
	ok = errs[0] == nil && errs[1] == nil && !hasDots(p.key) && !strings.HasPrefix(p.key, "/") &&
		p.bucket != "." && p.bucket != ".." && !strings.Contains(p.bucket, "/")
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
	case p.kind == "s3-accesspoint", p.kind == "s3-object-lambda", p.kind == "s3-outposts":
		return p.accessPoint()
	case isDirectory(p.bucket):
		if account := accesskey.Account(key); account != "" && p.Region != "" {
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

// accessPoint returns the ARN of an access point: "name-account" of S3 or of Object Lambda, or
// "name-account.outpost". It returns "" for anything else.
func (p *s3Place) accessPoint() string {
	name, outpost, _ := strings.Cut(p.bucket, ".")
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
	if p.key != "" && p.kind != "s3-object-lambda" {
		arn += "/object/" + p.key
	}
	return arn
}

// namesInBody reports whether an S3 operation names more buckets in its body.
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
	if query == "" {
		return header, true
	}
	value, found := queryValue(query, name)
	switch {
	case !found:
		return header, true
	case header == "":
		return value, value != ""
	}
	return header, header == value
}
