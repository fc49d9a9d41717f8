package foldids

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPathsOfEntries(t *testing.T) {
	assert.Equal(t, "- http: https://x/users/*\n  methods: [GET]\n- aws: dynamodb:GetItem\n  resources: table/orders-17",
		Paths("- http: https://x/users/17\n  methods: [GET]\n- aws: dynamodb:GetItem\n  resources: table/orders-17"))
	assert.Equal(t, "- http: [https://x/a/*, https://x/*]", Paths("- http: [https://x/a/17, https://x/17]"))
	assert.Equal(t, "- aws: s3:PutObject\n  resources: receipts/17", Paths("- aws: s3:PutObject\n  resources: receipts/17"))
}
