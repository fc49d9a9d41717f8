package awscall

import (
	"net/http"
	"net/url"
	"strings"
)

// s3 reads the operation and the resources of a request to S3. again: of the same request at another host, which must mean the same.
func (q *Request) s3(r *http.Request, e *Endpoint, again bool) {
	before, _ := e.Of("s3")
	bucket, key, ok := s3Object(r.URL, before, e.kind())
	op := ""
	if ok {
		op = s3Operation(r, bucket != "", key != "")
	}
	if again && op != q.Operation {
		op = ""
	}
	var resources []string
	if arn := s3ARN(e, bucket, key); ok && arn != "" {
		if key == "" && (op == "DeleteObjects" || op == "PutObject") {
			arn += "/*" // the keys are in the body
		}
		resources = append(resources, arn)
	}
	_, q.Version = queryValue(r.URL.RawQuery, "versionId")
	q.Owner = ownerNamed(hoisted(r, "X-Amz-Expected-Bucket-Owner"))
	if source := hoisted(r, "X-Amz-Copy-Source"); source != "" && resources != nil {
		q.Version = strings.Contains(source, "?versionId=")
		var ts Touches
		ts.op, ts.at = &Op{Service: "s3"}, Where{Partition: e.Partition, Region: e.Region}
		ts.step = &step{}
		parseCopySource(&ts, ts.step, []string{source})
		if arn := ts.List[0].ARN(); arn != "" {
			resources = append(resources, arn)
		} else {
			resources = nil
		}
	}
	switch {
	case bucket == "" && ok: // ListBuckets
	case again && (q.Resources == nil || resources == nil):
		resources = nil
	default:
		resources = append(q.Resources, resources...)
	}
	q.Operation, q.Resources = op, resources
}

// s3Object returns the bucket and the key that a URL means at a host whose label of S3's is kind, behind before. ok: it is clear.
func s3Object(u *url.URL, before, kind string) (bucket, key string, ok bool) {
	if u.Opaque != "" {
		return "", "", false
	}
	escaped := strings.TrimPrefix(u.EscapedPath(), "/")
	bucket, key = before, escaped
	if before == "" {
		bucket, key, _ = strings.Cut(escaped, "/")
	}
	var errs [2]error
	bucket, errs[0] = url.PathUnescape(bucket)
	key, errs[1] = url.PathUnescape(key)
	if errs[0] != nil || errs[1] != nil || (bucket == "" && key != "") || (bucket == "" && escaped != "") {
		return "", "", false
	}
	// A server that resolves dots, or a proxy on the way, may make another object of it.
	if hasDots(key) || strings.HasPrefix(key, "/") || bucket == "." || bucket == ".." || strings.Contains(bucket, "/") {
		return "", "", false
	}
	return bucket, key, true
}

// s3ARN returns the ARN of what a host and a path name; "" if it is not known.
func s3ARN(e *Endpoint, bucket, key string) string {
	if bucket == "" {
		return ""
	}
	kind := e.kind()
	switch {
	case kind == "s3-accesspoint", kind == "s3-object-lambda":
		i := strings.LastIndexByte(bucket, '-')
		if i < 0 || !isAccount(bucket[i+1:]) {
			return ""
		}
		service := "s3"
		if kind == "s3-object-lambda" {
			service, key = kind, ""
		}
		arn := "arn:" + e.Partition + ":" + service + ":" + e.Region + ":" + bucket[i+1:] + ":accesspoint/" + bucket[:i]
		if key != "" {
			arn += "/object/" + key
		}
		return arn
	case strings.HasPrefix(kind, "s3express-"), kind == "s3-outposts", kind == "s3-global", kind == "s3-control":
		return ""
	}
	if !isBucket(bucket) {
		return ""
	}
	if key != "" {
		bucket += "/" + key
	}
	return "arn:" + e.Partition + ":s3:::" + bucket
}

// hoisted returns a header of a request to S3, which a presigned URL may have in its query; "" if there is none.
func hoisted(r *http.Request, name string) string {
	for key, values := range r.Header {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if key, value, _ := strings.Cut(pair, "="); strings.EqualFold(unescape(key), name) {
			return unescape(value)
		}
	}
	return ""
}

// Subresources of S3's, in the query: what they make of GET, PUT, POST and DELETE. A name is used as it stands; one that begins with "+"
// comes behind Get, Put or Delete.
var s3Subresources = map[string][2]string{ // of a bucket, of an object
	"accelerate":          {"+BucketAccelerateConfiguration", ""},
	"acl":                 {"+BucketAcl", "+ObjectAcl"},
	"analytics":           {"+BucketAnalyticsConfiguration", ""},
	"attributes":          {"", "+ObjectAttributes"},
	"cors":                {"+BucketCors", ""},
	"encryption":          {"+BucketEncryption", ""},
	"intelligent-tiering": {"+BucketIntelligentTieringConfiguration", ""},
	"inventory":           {"+BucketInventoryConfiguration", ""},
	"legal-hold":          {"", "+ObjectLegalHold"},
	"lifecycle":           {"+BucketLifecycleConfiguration", ""},
	"location":            {"+BucketLocation", ""},
	"logging":             {"+BucketLogging", ""},
	"metrics":             {"+BucketMetricsConfiguration", ""},
	"notification":        {"+BucketNotificationConfiguration", ""},
	"object-lock":         {"+ObjectLockConfiguration", ""},
	"ownershipControls":   {"+BucketOwnershipControls", ""},
	"policy":              {"+BucketPolicy", ""},
	"policyStatus":        {"+BucketPolicyStatus", ""},
	"publicAccessBlock":   {"+PublicAccessBlock", ""},
	"replication":         {"+BucketReplication", ""},
	"requestPayment":      {"+BucketRequestPayment", ""},
	"retention":           {"", "+ObjectRetention"},
	"tagging":             {"+BucketTagging", "+ObjectTagging"},
	"torrent":             {"", "+ObjectTorrent"},
	"versioning":          {"+BucketVersioning", ""},
	"website":             {"+BucketWebsite", ""},
	"list-type":           {"GET ListObjectsV2", ""},
	"uploads":             {"GET ListMultipartUploads", "POST CreateMultipartUpload"},
	"versions":            {"GET ListObjectVersions", ""},
	"session":             {"GET CreateSession", ""},
	"delete":              {"POST DeleteObjects", ""},
	"restore":             {"", "POST RestoreObject"},
	"select":              {"", "POST SelectObjectContent"},
}

// s3Operation returns the operation that a request to S3 is; "" if it cannot be told.
func s3Operation(r *http.Request, bucket, object bool) string {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	if !bucket {
		if method == http.MethodGet && r.URL.RawQuery == "" || method == http.MethodGet && !hasSubresource(r.URL.RawQuery) {
			return "ListBuckets"
		}
		return ""
	}
	name, part, upload := "", false, false
	for query := r.URL.RawQuery; query != ""; {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, _, _ := strings.Cut(pair, "=")
		key = unescape(key)
		switch key {
		case "partNumber":
			part = true
		case "uploadId":
			upload = true
		}
		if names, ok := s3Subresources[key]; ok {
			of := names[0]
			if object {
				of = names[1]
			}
			if name != "" || of == "" {
				return "" // two subresources, or one of something else
			}
			name = of
		}
	}
	if name != "" {
		return subresource(method, name)
	}
	if !object {
		return map[string]string{"GET": "ListObjects", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket", "POST": "PutObject"}[method]
	}
	copied := hoisted(r, "X-Amz-Copy-Source") != ""
	switch method {
	case http.MethodGet:
		if upload {
			return "ListParts"
		}
		return "GetObject"
	case http.MethodHead:
		return "HeadObject"
	case http.MethodPut:
		switch {
		case upload && part && copied:
			return "UploadPartCopy"
		case upload && part:
			return "UploadPart"
		case copied:
			return "CopyObject"
		}
		return "PutObject"
	case http.MethodPost:
		if upload {
			return "CompleteMultipartUpload"
		}
	case http.MethodDelete:
		if upload {
			return "AbortMultipartUpload"
		}
		return "DeleteObject"
	}
	return ""
}

// subresource returns the operation on a subresource.
func subresource(method, name string) string {
	if of, ok := strings.CutPrefix(name, "+"); ok {
		verb := map[string]string{"GET": "Get", "PUT": "Put", "DELETE": "Delete"}[method]
		if verb == "" {
			return ""
		}
		return verb + of
	}
	if want, op, _ := strings.Cut(name, " "); want == method {
		return op
	}
	return ""
}

func hasSubresource(query string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if _, ok := s3Subresources[unescape(key)]; ok {
			return true
		}
	}
	return false
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}
