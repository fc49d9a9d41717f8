package awsmiddleware

import (
	"context"
	"reflect"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/policy"
)

// describe says what an operation is. Service and operation are the SDK's names, unless they
// contradict the input's type: any step may give them in the context, but the serializer takes no
// other type. The clients that fetch credentials and instance metadata have none, and go by it too.
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
	if service := clientPackage(input); service != "" {
		if !sameService(c.Service, service) {
			c.Service = service
		}
		if operation := typeOperation(input); !strings.EqualFold(c.Operation, operation) {
			c.Operation = operation
		}
	}
	// smithy-go names the stack after the operation.
	if c.Operation == "" {
		c.Operation = stack.ID()
	}
	return c
}

// clientPackage returns the package of the client of a service that input belongs to, such as
// "sqs"; "" if it does not belong to one of the SDK's clients.
func clientPackage(input any) string {
	t := structType(input)
	if t == nil {
		return ""
	}
	_, after, _ := strings.Cut(t.PkgPath(), "github.com/aws/aws-sdk-go-v2/service/")
	service, _, _ := strings.Cut(after, "/")
	return service
}

// sameService reports whether a service's id, such as "Cognito Identity", is that of the client's
// package "cognitoidentity".
func sameService(id, service string) bool {
	for i := range len(id) {
		c := id[i]
		switch {
		case c == ' ' || c == '-':
			continue
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		if service == "" || service[0] != c {
			return false
		}
		service = service[1:]
	}
	return service == ""
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

// structType returns the type of the struct that input is or points to; nil for nil.
func structType(input any) reflect.Type {
	t := reflect.TypeOf(input)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// isName reports whether s has ASCII letters and digits alone, and at least one, as names of
// operations do.
func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
