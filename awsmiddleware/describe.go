package awsmiddleware

import (
	"context"
	"reflect"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/policy"
)

// describe says what an operation is. Service and operation are the SDK's names; the clients
// that fetch credentials and instance metadata have none, and go by their input's type.
func describe(ctx context.Context, stack *middleware.Stack, input any) policy.AWSCall {
	c := policy.AWSCall{
		Service:   sdk.GetServiceID(ctx),
		Operation: sdk.GetOperationName(ctx),
		Region:    sdk.GetRegion(ctx),
		Input:     input,
		Presigned: presigns(stack),
	}
	if c.Service == "" {
		c.Service = packageService(input)
	}
	if !isName(c.Operation) { // "" or, when presigning a POST, "$type:L"
		c.Operation = typeOperation(input)
	}
	if c.Operation == "" {
		c.Operation = stack.ID()
	}
	return c
}

// typeOperation returns "GetObject" for a *s3.GetObjectInput.
func typeOperation(input any) string {
	t := structType(input)
	if t == nil {
		return ""
	}
	return strings.TrimSuffix(t.Name(), "Input")
}

// packageService returns the service that the input's package is the client of: "s3" for a
// *s3.GetObjectInput. The clients of instance metadata and of the container credential endpoint
// go by the names that they have for themselves.
func packageService(input any) string {
	t := structType(input)
	if t == nil {
		return ""
	}
	path := t.PkgPath()
	switch {
	case strings.Contains(path, "/feature/ec2/imds"):
		return "ec2imds"
	case strings.Contains(path, "/credentials/endpointcreds/"):
		return "endpoint-credentials"
	}
	if _, after, ok := strings.Cut(path, "/service/"); ok {
		service, _, _ := strings.Cut(after, "/")
		return service
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

func structType(input any) reflect.Type {
	t := reflect.TypeOf(input)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
