package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An upload with an ACL, tags or a lock takes the actions for these too, by the SDK as by its
// headers.
func TestMembersThatAddActions(t *testing.T) {
	sdk := func(input string) Call {
		return Call{AWS: AWSCall{Service: "s3", Operation: "PutObject", Region: "eu-west-1", Input: inputOf(t, input)}}
	}
	const bare = "https://receipts.s3.eu-west-1.amazonaws.com/k"
	byHTTP := func(header, value string) Call {
		r := signedBy(t, ownKey, "s3", http.MethodPut, bare)
		if header != "" {
			r.Header[header] = []string{value}
		}
		return Call{HTTP: r}
	}
	link := Call{HTTP: linkBy(t, ownKey, "s3", http.MethodPut, bare)}
	link.HTTP.URL.RawQuery += "&X-Amz-Acl=public-read"
	bucket := Call{HTTP: signedBy(t, ownKey, "s3", http.MethodPut, "https://receipts.s3.eu-west-1.amazonaws.com/")}
	bucket.HTTP.Header.Set("x-amz-acl", "public-read")
	noBucket := Call{HTTP: signedBy(t, ownKey, "s3", http.MethodPut, "https://b.s3.eu-west-1.amazonaws.com/k")}
	noBucket.HTTP.Header.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "1")
	put := "whitelist:\n  - {aws: s3:PutObject, resources: receipts/*}\n"
	both := "whitelist:\n  - {aws: [s3:PutObject, s3:PutObjectAcl], resources: receipts/*}\n"
	key := put + "  - {aws: kms:GenerateDataKey, resources: key/1}\n"
	for _, tt := range []struct {
		name, policy string
		call         Call
		want         bool
	}{
		{"nothing added", put, sdk(`{"Bucket":"receipts","Key":"k"}`), true},
		{"an ACL", put, sdk(`{"Bucket":"receipts","Key":"k","ACL":"public-read"}`), false},
		{"an ACL that is allowed", both, sdk(`{"Bucket":"receipts","Key":"k","ACL":"public-read"}`), true},
		{"everything", "whitelist:\n  - aws: s3:*\n", sdk(`{"Bucket":"receipts","Key":"k","ACL":"public-read"}`), true},
		{"a grant", put, sdk(`{"Bucket":"receipts","Key":"k","GrantRead":"id=1"}`), false},
		{"tags", put, sdk(`{"Bucket":"receipts","Key":"k","Tagging":"a=b"}`), false},
		{"a lock", put, sdk(`{"Bucket":"receipts","Key":"k","ObjectLockMode":"GOVERNANCE"}`), false},
		{"a hold", put, sdk(`{"Bucket":"receipts","Key":"k","ObjectLockLegalHoldStatus":"ON"}`), false},
		{"a key", put, sdk(`{"Bucket":"receipts","Key":"k","SSEKMSKeyId":"1"}`), false},
		{"a key that is allowed", key, sdk(`{"Bucket":"receipts","Key":"k","SSEKMSKeyId":"1"}`), true},
		{"another key", key, sdk(`{"Bucket":"receipts","Key":"k","SSEKMSKeyId":"2"}`), false},
		{"blacklisted", "blacklist:\n  - aws: s3:PutObjectAcl\n", sdk(`{"Bucket":"receipts","Key":"k","ACL":"public-read"}`), false},
		{"blacklisted, and not there", "blacklist:\n  - aws: s3:PutObjectAcl\n", sdk(`{"Bucket":"receipts","Key":"k"}`), true},

		{"nothing in the header", put, byHTTP("", ""), true},
		{"an ACL in the header", put, byHTTP("x-amz-acl", "public-read"), false},
		{"in another spelling", put, byHTTP("X-AMZ-ACL", "public-read"), false},
		{"that is allowed", both, byHTTP("X-Amz-Acl", "public-read"), true},
		{"a grant in the header", put, byHTTP("X-Amz-Grant-Full-Control", "id=1"), false},
		{"tags in the header", put, byHTTP("X-Amz-Tagging", "a=b"), false},
		{"a hold in the header", put, byHTTP("X-Amz-Object-Lock-Legal-Hold", "ON"), false},
		{"a lock in the header", put, byHTTP("X-Amz-Object-Lock-Mode", "GOVERNANCE"), false},
		{"a key in the header", put, byHTTP("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "1"), false},
		{"a key in the header that is allowed", key, byHTTP("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "1"), true},
		{"a date for a lock in the header", put, byHTTP("x-amz-object-lock-retain-until-date", "2027-01-01T00:00:00Z"), false},
		{"a key, and no bucket that can be one", "whitelist:\n  - aws: s3:PutObject\n", noBucket, false},
		{"a key that is allowed, and no bucket", "whitelist:\n  - aws: [s3:PutObject, kms:GenerateDataKey]\n", noBucket, true},
		{"blacklisted in the header", "blacklist:\n  - aws: s3:PutObjectTagging\n", byHTTP("X-Amz-Tagging", "a=b"), false},
		{"in a link", put, link, false},
		{"in a link that is allowed", both, link, true},
		{"of a bucket", "whitelist:\n  - aws: s3:CreateBucket\n", bucket, false},
		{"of a bucket that is allowed", "whitelist:\n  - aws: [s3:CreateBucket, s3:PutBucketAcl]\n", bucket, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := parsed(t, tt.policy).Decide(tt.call)
			assert.Equal(t, tt.want, d.Allowed(), d.Reason)
		})
	}
	d := parsed(t, put).Decide(sdk(`{"Bucket":"receipts","Key":"k","ACL":"public-read"}`))
	assert.Equal(t, "- aws: [s3:PutObject, s3:PutObjectAcl]\n  resources: receipts/k", d.Allow)
}
