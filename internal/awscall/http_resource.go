package awscall

import (
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/accesskey"
	"github.com/outguard/outguard/internal/awsops"
)

// This file reads what the protocols of single services put into paths and headers.

// signedElsewhere reads a signed request to a host that is not an API endpoint of the service that
// it is signed for: a resource's own host (a domain of OpenSearch, a function's URL), or a name of
// somebody's. Any key counts at the hosts of AWS. At others, only a key of AWS's form does, because
// other providers take the same signatures with keys of their own.
//
// If the signature does not count, signedElsewhere reports false, and q has its scope alone.
func (q *Request) signedElsewhere(r *http.Request, h *header, by *signer, atAWS bool) (ok bool) {
	// Everything else that was found so far is of an endpoint, which the host is not.
	*q = Request{Service: by.service, Region: q.Region, Presigned: by.presigned}
	if q.Region == "" {
		q.Region = by.region
	}
	// MinIO and other providers take SigV4 with keys of their own form.
	if by.kind == unsigned || by.service == "" || !atAWS && !by.hasFormOfAWS() {
		return false
	}
	q.Service, q.Resource, q.Key, q.Others = signedService(by.service), true, by.key, by.others
	// "s3" and "s3express" in two signatures, for example.
	if by.services {
		q.Service = "" // nothing says which of them the host takes
		return true
	}
	// Data hosts have no operation in AWS's sense, and the common protocols are not tried.
	if q.Operation = dataOperation(q.Service, by.service, r); q.Operation == "" && !ofData(q.Service) {
		q.Operation, _ = operation(r, r.URL.EscapedPath(), h, q.Service, by)
	}
	return true
}

// hasFormOfAWS reports whether one of the keys has the form of AWS's.
func (s *signer) hasFormOfAWS() bool {
	for _, key := range s.others {
		if accesskey.HasForm(key) {
			return true
		}
	}
	return accesskey.HasForm(s.key)
}

// signedService returns the IAM prefix of the service that a signature is for. The name in a
// signature may be the label of the service's hosts ("monitoring"). It returns the name itself for
// a service that the tables do not have.
func signedService(scope string) string {
	if prefix, ok := awsops.Service(scope); ok {
		return prefix
	}
	// Some scopes are neither a prefix nor the label of a host.
	switch scope {
	case "iotdevicegateway", "iotsecuredtunneling":
		return "iot"
	}
	if services := awsops.ByEndpoint(scope); len(services) > 0 {
		return services[0]
	}
	return scope
}

// ofData reports whether the hosts of a service's resources speak a protocol of their own, in which
// nothing names an operation as AWS's protocols do.
func ofData(service string) bool {
	switch service {
	case "aoss", "aps", "appsync", "bedrock-agentcore", "es", "execute-api", "iot", "lambda", "neptune-db", "s3", "vpc-lattice-svcs":
		return true
	}
	return false
}

// dataOperation returns the action that IAM asks for where a request goes to a resource's own host,
// or the operation that takes it; "" if that cannot be known.
func dataOperation(service, scope string, r *http.Request) string {
	// http.Request takes "" for GET.
	method, path := r.Method, r.URL.EscapedPath()
	if method == "" {
		method = http.MethodGet
	}
	if r.URL.Opaque != "" {
		path = "" // it has a path of its own
	}
	// The paths are those of each service's documentation for its data plane.
	switch service {
	case "es":
		return searchAction(method)
	case "aoss":
		return "APIAccessAll"
	case "lambda":
		return "InvokeFunctionUrl"
	case "vpc-lattice-svcs":
		return "Invoke"
	case "execute-api":
		return apiOperation(method, path)
	case "appsync":
		switch {
		case strings.HasSuffix(path, "/graphql"):
			// The action of AppSync goes by the path of the API's host.
			return "GraphQL"
		case strings.HasSuffix(path, "/event"):
			return "EventPublish"
		}
	case "iot":
		return thingsOperation(method, path)
	case "aps":
		return prometheusAction(path)
	// AgentCore has runtimes and gateways at one host.
	case "bedrock-agentcore":
		switch {
		case strings.HasPrefix(path, "/runtimes/") && strings.HasSuffix(path, "/invocations"):
			return "InvokeAgentRuntime"
		case strings.HasSuffix(path, "/mcp"):
			return "InvokeGateway"
		}
	}
	return ""
}

// searchAction returns the action on an OpenSearch domain, which goes by the method alone.
func searchAction(method string) string {
	switch method {
	case http.MethodGet:
		return "ESHttpGet"
	case http.MethodHead:
		return "ESHttpHead"
	case http.MethodPost:
		return "ESHttpPost"
	case http.MethodPut:
		return "ESHttpPut"
	case http.MethodPatch:
		return "ESHttpPatch"
	case http.MethodDelete:
		return "ESHttpDelete"
	}
	return ""
}

// apiOperation returns what is done at the host of an API: it is invoked, or one of its open
// connections is used.
// See decision 24.
func apiOperation(method, path string) string {
	switch {
	// The path cannot be read.
	case path == "":
		return ""
	// /STAGE/@connections/ID is the management API of WebSocket connections.
	case !strings.Contains(path, "/@connections/") && !strings.Contains(path, "/%40connections/"):
		return "Invoke"
	case method == http.MethodPost:
		return "PostToConnection"
	case method == http.MethodGet:
		return "GetConnection"
	case method == http.MethodDelete:
		return "DeleteConnection"
	}
	return ""
}

// thingsOperation returns what is done at the host of an account's things.
func thingsOperation(method, path string) string {
	// /things/NAME/shadow
	shadow := strings.HasPrefix(path, "/things/") && strings.HasSuffix(path, "/shadow")
	switch {
	// MQTT over WebSockets begins with this request.
	case path == "/mqtt":
		return "Connect"
	case strings.HasPrefix(path, "/topics/") && method == http.MethodPost:
		return "Publish"
	case shadow && method == http.MethodGet:
		return "GetThingShadow"
	case shadow && method == http.MethodPost:
		return "UpdateThingShadow"
	case shadow && method == http.MethodDelete:
		return "DeleteThingShadow"
	}
	return ""
}

// prometheusAction returns the action on a workspace of Managed Prometheus.
func prometheusAction(path string) string {
	// /workspaces/WORKSPACE/api/v1/query
	_, api, _ := strings.Cut(path, "/api/v1/")
	switch {
	case api == "remote_write":
		return "RemoteWrite"
	case api == "query", api == "query_range", api == "query_exemplars":
		return "QueryMetrics"
	case api == "series":
		return "GetSeries"
	case api == "labels", strings.HasPrefix(api, "label/"):
		return "GetLabels"
	case api == "metadata":
		return "GetMetricMetadata"
	}
	return ""
}
