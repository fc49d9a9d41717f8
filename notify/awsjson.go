package notify

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// This file calls the operations of AWS whose input and output are JSON.

// A jsonCall is an operation whose input and output are JSON.
type jsonCall struct {
	service int
	target  string // X-Amz-Target
}

// The targets are X-Amz-Target of each operation: the version of the API, a dot, and its name.
const (
	targetPutEvents      = "AWSEvents.PutEvents"
	targetGetSecretValue = "secretsmanager.GetSecretValue"
	targetGetParameter   = "AmazonSSM.GetParameter"
)

// call sends in and reads the response into out.
func (j jsonCall) call(ctx context.Context, c *awsClient, region string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	got, cut, err := c.post(ctx, awsRequest{
		service: j.service, region: region, kind: "application/x-amz-json-1.1", target: j.target, body: body,
		failure: jsonFailure, hint: j.hint,
	})
	switch {
	case err != nil:
		return err
	// Without its end, the response may have confirmed everything or nothing. Another try finds
	// out.
	case cut != nil:
		return &errTransient{err: cut}
	// A proxy's page, for example. It may be gone the next time.
	case json.Unmarshal(got, out) != nil:
		return &errTransient{err: errors.New("the response is not JSON")}
	}
	return nil
}

// jsonFailure returns the error code in a response: services put it under __type, some under code.
func jsonFailure(body []byte) string {
	var e struct {
		Type string `json:"__type"`
		Code any    `json:"code"`
	}
	_ = json.Unmarshal(body, &e) // without a code, the status has to do
	if code, ok := e.Code.(string); ok && e.Type == "" {
		return code
	}
	return e.Type
}

// hint names the permission that is missing, which AWS's code alone does not.
func (j jsonCall) hint(code string) string {
	if !strings.HasPrefix(code, "AccessDenied") {
		return ""
	}
	_, operation, _ := strings.Cut(j.target, ".")
	return "the function's role does not allow " + awsServices[j.service].name + ":" + operation
}
