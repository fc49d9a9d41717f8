package awscall

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An overridden endpoint may lead to another bucket, object or account than the input names.
func TestElsewhere(t *testing.T) {
	const orders, receipts = `{"TableName":"orders"}`, `{"Bucket":"receipts","Key":"a/b"}`
	point := `{"Bucket":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap","Key":"a"}`
	lambda := `{"Bucket":"arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/ol","Key":"a"}`
	for _, tt := range []struct{ operation, input, url, arn string }{
		{"dynamodb:GetItem", orders, "https://111122223333.ddb.eu-west-1.amazonaws.com/", "same"},
		{"dynamodb:GetItem", orders, "https://222233334444.ddb.eu-west-1.amazonaws.com/", ""},
		{"s3:GetObject", receipts, "https://receipts.s3.eu-west-1.amazonaws.com/a/b", "same"},
		{"s3:GetObject", receipts, "https://receipts.s3.eu-west-1.amazonaws.com//a/b", "same"},
		{"s3:GetObject", receipts, "https://s3.eu-west-1.amazonaws.com/receipts/a/b", "same"},
		{"s3:GetObject", receipts, "https://receipts.s3-accelerate.amazonaws.com/a/b", "same"},
		{"s3:GetObject", receipts, "https://s3.eu-west-1.amazonaws.com/", "same"},
		{"s3:GetObject", receipts, "https://receipts.s3.eu-west-1.amazonaws.com/", "same"},
		{"s3:GetObject", receipts, "https://receipts.s3.eu-west-1.amazonaws.com/a", "arn:aws:s3:::receipts/a"},
		{"s3:GetObject", receipts, "https://other.s3.eu-west-1.amazonaws.com/a/b", "arn:aws:s3:::other/a/b"},
		{"s3:GetObject", receipts, "https://receipts2.s3.eu-west-1.amazonaws.com/a/b", "arn:aws:s3:::receipts2/a/b"},
		{"s3:GetObject", receipts, "https://s3.eu-west-1.amazonaws.com/receipts2/a/b", "arn:aws:s3:::receipts2/a/b"},
		{"s3:GetObject", receipts, "https://x.s3.eu-west-1.amazonaws.com/a/b", ""},
		{"s3:GetObject", receipts, "https://x.mrap.accesspoint.s3-global.amazonaws.com/a/b", "same"},
		{"s3:GetObject", receipts, "https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/a/b",
			"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/a/b"},
		{"s3:ListObjectsV2", `{"Bucket":"receipts"}`, "https://receipts.s3.eu-west-1.amazonaws.com/", "same"},
		{"s3:ListObjectsV2", `{"Bucket":"receipts"}`, "https://other.s3.eu-west-1.amazonaws.com/", "arn:aws:s3:::other"},
		{"s3:ListObjectsV2", `{"Bucket":"receipts"}`, "https://receipts.s3.eu-west-1.amazonaws.com/a", "arn:aws:s3:::receipts/a"},
		{"s3:GetObject", point, "https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/a", "same"},
		{"s3:GetObject", point, "https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/", "same"},
		{"s3:GetObject", point, "https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/b",
			"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/b"},
		{"s3:GetObject", point, "https://ap2-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/a",
			"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap2/object/a"},
		{"s3:GetObject", point, "https://ap-222233334444.s3-accesspoint.eu-west-1.amazonaws.com/a",
			"arn:aws:s3:eu-west-1:222233334444:accesspoint/ap/object/a"},
		{"s3:GetObject", lambda, "https://ol-111122223333.s3-object-lambda.eu-west-1.amazonaws.com/a", "same"},
		{"s3:GetObject", lambda, "https://ol2-111122223333.s3-object-lambda.eu-west-1.amazonaws.com/a",
			"arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/ol2"},
		{"s3:ListObjectsV2", `{"Bucket":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap"}`,
			"https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/", "same"},
		{"s3:ListObjectsV2", `{"Bucket":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap"}`,
			"https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/a",
			"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/a"},
	} {
		ts := touches(tt.operation, standIn(t, tt.input))
		u, err := url.Parse(tt.url)
		require.NoError(t, err)
		e, ok := ParseEndpoint(u.Host)
		require.True(t, ok)
		before, ok := e.Of(ts.op.Service)
		require.True(t, ok, tt.url)
		arns, other := ts.Elsewhere(u, &e, before)
		assert.Equal(t, tt.arn != "same", other, "%s at %s", tt.input, tt.url)
		if other && tt.arn != "" {
			assert.Equal(t, []string{tt.arn}, arns, tt.url)
		} else if other {
			assert.Empty(t, arns, tt.url)
		}
	}
}
