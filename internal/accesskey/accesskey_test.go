package accesskey

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/alloctest"
)

func TestAccount(t *testing.T) {
	for id, want := range map[string]string{
		"ASIARTX3GSDSQAABCDEF": "111122223333",
		"AKIARTX3GSDSQAABCDEF": "111122223333",
		"ASIAQNZGKIQY56JQ7WML": "029608264753", // published with its account in "A short note on AWS KEY ID", 2023
		"AKIAIOSFODNN7EXAMPLE": "",             // of the old kind
		"AROARTX3GSDSQAABCDEF": "",             // a role's unique id, not a key
		"ASIARTX3GSDSQ1ABCDEF": "",             // 1 is not a base32 digit
		"asiartx3gsdsqaabcdef": "",
		"ASIA":                 "",
		"test":                 "",
		"":                     "",
	} {
		assert.Equal(t, want, Account(id), id)
	}
	alloctest.AtMost(t, 1, func() { Account("ASIARTX3GSDSQAABCDEF") })
}

func TestSigner(t *testing.T) {
	for header, want := range map[string]string{
		"AWS4-HMAC-SHA256 Credential=ASIAX/20261124/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0": "ASIAX",
		"AWS4-ECDSA-P256-SHA256 Credential=ASIAX/20261124/s3/aws4_request, SignedHeaders=host, Signature=0":      "ASIAX",
		"AWS4-HMAC-SHA256 Credential=ASIAX": "",
		"AWS4-HMAC-SHA256":                  "",
		"Bearer Credential=ASIAX/":          "",
		"":                                  "",
	} {
		assert.Equal(t, want, Signer(header), header)
	}
}

// The usual signature is read as it is. All else is for somebody who reads every spelling.
func TestUsualSigner(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential=ASIAX/20261124/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0"
	for _, c := range []struct {
		header http.Header
		key    string
		usual  bool
	}{
		{nil, "", true},
		{http.Header{"User-Agent": {"a"}, "Content-Sha25": {signed}}, "", true},
		{http.Header{"Authorization": {signed}}, "ASIAX", true},
		{http.Header{"Authorization": {"Bearer x"}}, "", true},
		{http.Header{"Authorization": {signed, signed}}, "", false},
		{http.Header{"Authorization": {}}, "", false},
		{http.Header{"Authorization": {signed}, "authorization": {signed}}, "", false},
		{http.Header{"authorization": {signed}}, "", false},
		{http.Header{"Authorization": {" " + signed}}, "", false},
		{http.Header{"Authorization": {"aws4" + signed[4:]}}, "", false},
		{http.Header{"Authorization": {"AWS ASIAX:0"}}, "", false},
		{http.Header{"Authorization": {signed + ", " + signed}}, "", false},
	} {
		key, usual := UsualSigner(c.header)
		assert.Equal(t, c.key, key, "%v", c.header)
		assert.Equal(t, c.usual, usual, "%v", c.header)
	}
}
