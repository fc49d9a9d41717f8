package policy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a plain HTTP request names in its body is judged like an SDK's input.
func TestResourcesInBodies(t *testing.T) {
	post := func(service, target, body string) Call {
		r := signed(t, http.MethodPost, "https://"+service+".eu-west-1.amazonaws.com/", service, body)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", target)
		return Call{HTTP: r, Via: ViaTransport}
	}
	get := func(body string) Call { return post("dynamodb", "DynamoDB_20120810.GetItem", body) }
	decrypt := func(key string) Call { return post("kms", "TrentService.Decrypt", `{"KeyId":"`+key+`"}`) }
	invoke := func(name string) Call {
		return Call{HTTP: signed(t, http.MethodPost, "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"+name+"/invocations", "lambda", "{}"), Via: ViaTransport}
	}
	queue := func(tags string) Call {
		r := signed(t, http.MethodPost, "https://sqs.eu-west-1.amazonaws.com/", "sqs", "Action=CreateQueue&QueueName=orders"+tags)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return Call{HTTP: r, Via: ViaTransport}
	}
	const (
		table   = "whitelist: [{aws: dynamodb:GetItem, resources: table/orders}]"
		secret  = "blacklist: [{aws: dynamodb:*, resources: table/payroll}]"
		another = "arn:aws:kms:eu-west-1:444455556666:key/1"
	)
	at := func(host string) Call {
		c := post("dynamodb", "DynamoDB_20120810.GetItem", `{"TableName":"orders"}`)
		c.HTTP.URL.Host, c.HTTP.Host = host, host
		return c
	}
	for _, tt := range []struct {
		rules   string
		call    Call
		allowed bool
	}{
		{table, at("111122223333.ddb.eu-west-1.amazonaws.com"), true},
		{table, at("444455556666.ddb.eu-west-1.amazonaws.com"), false},
		{"whitelist: [aws: dynamodb:*]", at("444455556666.ddb.eu-west-1.amazonaws.com"), false},
		{"whitelist: [aws: s3:*]", Call{HTTP: signed(t, http.MethodGet, "https://444455556666.s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint", "s3", "")}, false},
		{"whitelist: [aws: s3:*]", Call{HTTP: signed(t, http.MethodGet, "https://111122223333.s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint", "s3", "")}, true},
		{table, get(`{"TableName":"orders"}`), true},
		{table, get(`{"TableName":"payroll"}`), false},
		{table, get(`{"TableName":"orders","Padding":{"TableName":"payroll"}}`), true},
		{table, get(`{"TableName":"orders","TableArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/payroll"}`), false},
		{table, get(`{"TableName":"arn:aws:dynamodb:eu-west-1:444455556666:table/orders"}`), false},
		{table, get(`{"tableName":"orders"}`), false},
		{secret, get(`{"TableName":"orders"}`), true},
		{secret, get(`{"TableName":"payroll"}`), false},
		{secret, get(`{"tableName":"orders"}`), false},
		{secret, get(`{"TableName":"orders","TableName":"payroll"}`), false},
		{"whitelist: [aws: sqs:CreateQueue]", queue(""), true},
		{"whitelist: [aws: sqs:CreateQueue]", queue("&Tag.1.Key=k&Tag.1.Value=v"), false},
		{"whitelist: [aws: [sqs:CreateQueue, sqs:TagQueue]]", queue("&Tag.1.Key=k&Tag.1.Value=v"), true},
		{"whitelist: [aws: kms:Decrypt]", decrypt("1"), true},
		{"whitelist: [aws: kms:Decrypt]", decrypt(another), false},
		{`whitelist: [{aws: kms:Decrypt, accounts: ["444455556666"]}]`, decrypt(another), true},
		{"whitelist: [{aws: kms:Decrypt, resources: " + another + "}]", decrypt(another), true},
		{"whitelist: [{aws: lambda:InvokeFunction, resources: function:charge}]", invoke("charge"), true},
		{"whitelist: [{aws: lambda:InvokeFunction, resources: function:charge}]", invoke("refund"), false},
		{"whitelist: [{aws: lambda:InvokeFunction, resources: function:charge}]", invoke("444455556666:charge"), false},
		{"blacklist: [{aws: lambda:InvokeFunction, resources: function:charge}]", invoke("refund"), true},
	} {
		d := parsed(t, tt.rules+"\n").Decide(tt.call)
		assert.Equal(t, tt.allowed, d.Allowed(), "%s: %s", tt.rules, d.Reason)
	}
}

// A signature may be in a form that goes to a host of AWS's which is not an endpoint.
func TestSignaturesInForms(t *testing.T) {
	post := func(host, key string) Call {
		r, err := http.NewRequest(http.MethodPost, "https://"+host+"/_search", strings.NewReader("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="+key+"%2F20261123%2Feu-west-1%2Fes%2Faws4_request&X-Amz-Signature=00"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return Call{HTTP: r, Via: ViaTransport}
	}
	const domain = "search-logs-abcdefghijklmnopqrstuvwxyz.eu-west-1.es.amazonaws.com"
	black := parsed(t, "blacklist: [aws: es:*]\n")
	assert.False(t, black.Decide(post(domain, "AKIARTX3GSDSQAABCDEF")).Allowed())
	assert.True(t, parsed(t, "blacklist: [aws: sqs:*]\n").Decide(post(domain, "AKIARTX3GSDSQAABCDEF")).Allowed())
	assert.False(t, parsed(t, "blacklist: [aws: sqs:*]\n").Decide(post(domain, otherKey)).Allowed(), "foreign-credentials")
	assert.True(t, black.Decide(post("logs.example.com", "AKIARTX3GSDSQAABCDEF")).Allowed(), "forms for others are not read")
}
