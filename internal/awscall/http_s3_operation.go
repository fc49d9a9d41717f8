package awscall

import (
	"net/http"
	"strings"
)

// operation returns the operation of a request to S3, or "" if it cannot be known. A request that
// is not signed gets no more than public objects, whatever other parameters it has. copies reports
// that the request names a copy source.
func (p *s3Place) operation(r *http.Request, signed, copies bool) string {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	var q s3Query
	q.read(r.URL.RawQuery)
	// Subresources come first, then buckets, then objects.
	switch {
	// Two subresources, or an unknown one: it is not certain what S3 makes of them. An unsigned GET
	// gets no more than a public object.
	case q.ambiguous && (signed || p.key == "" || q.known || method != http.MethodGet && method != http.MethodHead):
		return ""
	case q.ambiguous:
		return ofObject(method, &q, false)
	case p.kind == "s3-object-lambda" && p.key == "WriteGetObjectResponse" && method == http.MethodPost && q.subresource == "":
		return "WriteGetObjectResponse"
	// ?acl&uploadId=…: two operations in one.
	case q.subresource != "" && (q.upload || q.part):
		return "" // two things
	case q.subresource != "":
		// The table has a spec for buckets and one for objects.
		spec, ofObject := s3Subresource(q.subresource)
		if p.key != "" {
			spec = ofObject
		}
		if p.bucket == "" {
			spec = ""
		}
		return ofSubresource(spec, method, q.id)
	// A service host without a bucket only lists.
	case p.bucket == "" && method != http.MethodGet:
		return ""
	case p.bucket == "" && p.kind == "s3express-control":
		return "ListDirectoryBuckets"
	case p.bucket == "":
		return "ListBuckets"
	case p.key == "":
		return ofBucket(method)
	}
	return ofObject(method, &q, copies)
}

// ofBucket returns the operation of a request to a bucket without subresources.
func ofBucket(method string) string {
	switch method {
	case http.MethodGet:
		return "ListObjects"
	case http.MethodHead:
		return "HeadBucket"
	case http.MethodPut:
		return "CreateBucket"
	case http.MethodDelete:
		return "DeleteBucket"
	case http.MethodPost:
		return "PutObject" // a form
	}
	return ""
}

// ofObject returns the operation of a request to an object without subresources.
func ofObject(method string, q *s3Query, copies bool) string {
	switch {
	case method == http.MethodGet && q.upload:
		return "ListParts"
	case method == http.MethodGet:
		return "GetObject"
	case method == http.MethodHead:
		return "HeadObject"
	// A part needs uploadId and partNumber; one alone is an error, or something new.
	case method == http.MethodPut && q.upload != q.part:
		return ""
	case method == http.MethodPut && q.upload && copies:
		return "UploadPartCopy"
	case method == http.MethodPut && q.upload:
		return "UploadPart"
	case method == http.MethodPut && copies:
		return "CopyObject"
	case method == http.MethodPut:
		return "PutObject"
	case method == http.MethodPost && q.upload:
		return "CompleteMultipartUpload"
	case method == http.MethodDelete && q.upload:
		return "AbortMultipartUpload"
	case method == http.MethodDelete:
		return "DeleteObject"
	}
	return ""
}

// An s3Query is what the parameters of a request to S3 ask for.
type s3Query struct {
	subresource  string
	upload, part bool // uploadId and partNumber
	id           bool // one of several configurations or annotations is meant
	known        bool // the subresource is in the table
	ambiguous    bool // there are two subresources, or a parameter that may be one
}

// read sorts the parameters. Those that change nothing about the operation are listed.
func (q *s3Query) read(query string) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, _, _ := strings.Cut(pair, "=")
		switch key = unescape(key); key {
		case "partNumber":
			q.part = true
		case "uploadId":
			q.upload = true
		case "id", "annotationName":
			q.id = true
		// They choose what is listed, or sign the request.
		case "", "versionId", "prefix", "delimiter", "marker", "max-keys", "encoding-type", "continuation-token", "start-after", "fetch-owner",
			"key-marker", "upload-id-marker", "version-id-marker", "max-uploads", "part-number-marker", "max-parts", "bucket-region",
			"max-buckets", "max-directory-buckets", "select-type", "annotation-prefix", "max-annotation-results",
			"AWSAccessKeyId", "Signature", "Expires":
		default:
			// x-amz-… sign or add, and x-id names the operation for people.
			if hasPrefixFold(key, "x-") || strings.HasPrefix(key, "response-") {
				continue
			}
			// Any other parameter may be a subresource that is newer than the table: ambiguous.
			bucket, object := s3Subresource(key)
			known := bucket != "" || object != ""
			q.ambiguous = q.ambiguous || q.subresource != "" || !known
			q.known = q.known || known
			q.subresource = key
		}
	}
}

// s3Subresource returns the operations on a subresource of a bucket and of an object: "GET
// Operation" and so on, by their methods. "+Name" stands for GetName, PutName and DeleteName.
// "*Name" stands for these, each with an id, and for ListNames without one.
func s3Subresource(name string) (ofBucket, ofObject string) {
	switch name {
	case "abac":
		return "+BucketAbac", ""
	case "accelerate":
		return "+BucketAccelerateConfiguration", ""
	case "acl":
		return "+BucketAcl", "+ObjectAcl"
	case "analytics":
		return "*BucketAnalyticsConfiguration", ""
	case "annotation":
		return "", "*ObjectAnnotation"
	case "attributes":
		return "", "GET GetObjectAttributes"
	case "cors":
		return "+BucketCors", ""
	case "delete":
		return "POST DeleteObjects", ""
	case "encryption":
		return "+BucketEncryption", "PUT UpdateObjectEncryption"
	case "intelligent-tiering":
		return "*BucketIntelligentTieringConfiguration", ""
	case "inventory":
		return "*BucketInventoryConfiguration", ""
	case "legal-hold":
		return "", "+ObjectLegalHold"
	case "lifecycle":
		return "GET GetBucketLifecycleConfiguration PUT PutBucketLifecycleConfiguration DELETE DeleteBucketLifecycle", ""
	case "list-type":
		return "GET ListObjectsV2", ""
	case "location":
		return "+BucketLocation", ""
	case "logging":
		return "+BucketLogging", ""
	case "metadataAnnotationTable":
		return "PUT UpdateBucketMetadataAnnotationTableConfiguration", ""
	case "metadataConfiguration":
		return "GET GetBucketMetadataConfiguration POST CreateBucketMetadataConfiguration DELETE DeleteBucketMetadataConfiguration", ""
	case "metadataInventoryTable":
		return "PUT UpdateBucketMetadataInventoryTableConfiguration", ""
	case "metadataJournalTable":
		return "PUT UpdateBucketMetadataJournalTableConfiguration", ""
	case "metadataTable":
		return "GET GetBucketMetadataTableConfiguration POST CreateBucketMetadataTableConfiguration DELETE DeleteBucketMetadataTableConfiguration", ""
	case "metrics":
		return "*BucketMetricsConfiguration", ""
	case "notification":
		return "+BucketNotificationConfiguration", ""
	case "object-lock":
		return "+ObjectLockConfiguration", ""
	case "ownershipControls":
		return "+BucketOwnershipControls", ""
	case "policy":
		return "+BucketPolicy", ""
	case "policyStatus":
		return "+BucketPolicyStatus", ""
	case "publicAccessBlock":
		return "+PublicAccessBlock", ""
	case "renameObject":
		return "", "PUT RenameObject"
	case "replication":
		return "+BucketReplication", ""
	case "requestPayment":
		return "+BucketRequestPayment", ""
	case "restore":
		return "", "POST RestoreObject"
	case "retention":
		return "", "+ObjectRetention"
	case "select":
		return "", "POST SelectObjectContent"
	case "session":
		return "GET CreateSession", ""
	case "tagging":
		return "+BucketTagging", "+ObjectTagging"
	case "torrent":
		return "", "GET GetObjectTorrent"
	case "uploads":
		return "GET ListMultipartUploads", "POST CreateMultipartUpload"
	case "versioning":
		return "+BucketVersioning", ""
	case "versions":
		return "GET ListObjectVersions", ""
	case "website":
		return "+BucketWebsite", ""
	}
	return "", ""
}

// ofSubresource returns the operation that a method is on a subresource.
func ofSubresource(spec, method string, id bool) string {
	if spec == "" {
		return ""
	}
	// The first character is the kind of the spec.
	what := spec[1:]
	switch {
	// Without an id, all configurations are listed.
	case spec[0] == '*' && !id && method == http.MethodGet:
		return "List" + what + "s"
	// "GET GetObjectAttributes": the operation behind the method.
	case spec[0] != '+' && spec[0] != '*':
		_, op, _ := strings.Cut(" "+spec, " "+method+" ")
		op, _, _ = strings.Cut(op, " ")
		return op
	case method == http.MethodGet:
		return "Get" + what
	case method == http.MethodPut:
		return "Put" + what
	case method == http.MethodDelete:
		return "Delete" + what
	}
	return ""
}
