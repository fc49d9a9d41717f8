package policy

// This file says which SDK clients fetch the credentials of the function itself.

// isCredentialClient reports whether service is what awsmiddleware calls the SDK's clients of the
// container credentials endpoint and of instance metadata. They do nothing that an aws: rule could
// name, so what counts is where the wire shows them to go: the credentials endpoint that the
// environment names answers them, anything else must be allowed as http:.
func isCredentialClient(service string) bool {
	return service == "endpoint-credentials" || service == "ec2imds"
}
