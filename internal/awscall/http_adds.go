package awscall

import (
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// Adds is what the headers of an upload to S3 ask for beside the upload, for which IAM asks for
// actions of their own. In a presigned URL, the headers may be parameters.
type Adds uint8

const (
	addsACL Adds = 1 << iota
	addsTags
	addsRetention
	addsHold
	addsOwnership
)

// addedBy returns what a header asks for, by its name in any case.
func addedBy(name string) Adds {
	const prefix = len("x-amz-")
	if len(name) <= prefix || !strings.EqualFold(name[:prefix], "x-amz-") {
		return 0
	}
	is := func(rest string) bool { return strings.EqualFold(name[prefix:], rest) }
	switch len(name) - prefix {
	case len("acl"):
		if is("acl") {
			return addsACL
		}
	case len("tagging"):
		if is("tagging") {
			return addsTags
		}
	case len("object-lock-mode"): // and object-ownership
		if is("object-lock-mode") {
			return addsRetention
		}
		if is("object-ownership") {
			return addsOwnership
		}
	case len("object-lock-legal-hold"):
		if is("object-lock-legal-hold") {
			return addsHold
		}
	case len("grant-read"), len("grant-write"), len("grant-read-acp"), len("grant-write-acp"), len("grant-full-control"):
		if is("grant-read") || is("grant-write") || is("grant-read-acp") || is("grant-write-acp") || is("grant-full-control") {
			return addsACL
		}
	}
	return 0
}

// uploadAdds returns what a request to S3 with an operation asks for beside it, and the KMS key
// that it is to be encrypted with, "" for none.
func uploadAdds(r *http.Request, operation string) (adds Adds, key string) {
	switch operation {
	case "PutObject", "CopyObject", "CreateMultipartUpload", "CreateBucket":
	default:
		return 0, ""
	}
	const encrypt = "x-amz-server-side-encryption-aws-kms-key-id"
	for name, values := range r.Header {
		adds |= addedBy(name)
		if len(name) == len(encrypt) && strings.EqualFold(name, encrypt) && len(values) > 0 {
			key = values[0]
		}
	}
	for query := r.URL.RawQuery; query != ""; {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		adds |= addedBy(name)
		if key == "" && strings.EqualFold(name, encrypt) {
			key = unescape(value)
		}
	}
	return adds, key
}

// Adding returns the operation with the actions that an upload adds. It is for calls without an
// input, whose headers show them.
func (op *Op) Adding(adds Adds) *Op {
	added := *op
	added.Actions = append([]Action(nil), op.Actions...)
	for _, row := range [...]struct {
		adds           Adds
		object, bucket string
	}{
		{addsACL, "PutObjectAcl", "PutBucketAcl"}, {addsTags, "PutObjectTagging", ""}, {addsRetention, "PutObjectRetention", ""},
		{addsHold, "PutObjectLegalHold", ""}, {addsOwnership, "", "PutBucketOwnershipControls"},
	} {
		name := row.object
		if op.Name == "CreateBucket" {
			name = row.bucket
		}
		if adds&row.adds != 0 && name != "" {
			i := added.action(name)
			added.Actions[i].Level, added.Actions[i].Guessed = awsops.LevelOf("s3", name)
			added.Primary.Add(i)
			added.added.Add(i)
		}
	}
	return &added
}
