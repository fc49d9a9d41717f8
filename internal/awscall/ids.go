package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// Some ids show what they are of: a build's id has its project, and an id of EC2's its kind.

// parseBuild reads a build's id, "project:uuid", or its ARN. IAM asks for the project.
func parseBuild(ts *Touches, _ *step, values []string) {
	id := values[0]
	if i := strings.LastIndex(id, ":build/"); i >= 0 && isARN(id) {
		id = id[i+len(":build/"):]
	}
	project, _, ok := strings.Cut(id, ":")
	if !ok || !isName(project) {
		ts.unknown()
		return
	}
	ts.put("codebuild", "project/", project)
}

// parseEC2 reads an id such as "vol-0a1b2c3d".
func parseEC2(ts *Touches, _ *step, values []string) {
	id := values[0]
	prefix, _, _ := strings.Cut(id, "-")
	kind := ec2Kind(prefix)
	switch {
	case kind == "" || !isWord(id):
		ts.unknown()
	case kind == "image" || kind == "snapshot": // their ARNs have no account
		ts.add(Touch{Partition: ts.at.Partition, Service: "ec2", Region: ts.at.Region, Resource: ts.join(kind, "/", id)})
	default:
		ts.put("ec2", kind, "/", id)
	}
}

// ec2Kind returns the resource type of the ids with a prefix; "" for a prefix that is not known.
func ec2Kind(prefix string) string {
	switch prefix {
	case "acl":
		return "network-acl"
	case "ami":
		return "image"
	case "dopt":
		return "dhcp-options"
	case "eipalloc":
		return "elastic-ip"
	case "eni":
		return "network-interface"
	case "i":
		return "instance"
	case "igw":
		return "internet-gateway"
	case "lt":
		return "launch-template"
	case "nat":
		return "natgateway"
	case "pcx":
		return "vpc-peering-connection"
	case "rtb":
		return "route-table"
	case "sg":
		return "security-group"
	case "snap":
		return "snapshot"
	case "subnet":
		return "subnet"
	case "tgw":
		return "transit-gateway"
	case "vol":
		return "volume"
	case "vpc":
		return "vpc"
	case "vpce":
		return "vpc-endpoint"
	}
	return ""
}

// parseAdds reads a bucket and perhaps an object, on which the member that comes last adds an
// action: an upload with an ACL also takes PutObjectAcl.
func parseAdds(ts *Touches, s *step, values []string) {
	parseBucket(ts, s, values[:len(values)-1])
}

// parseOrganized reads an id of AWS Organizations: of an account, a root, a unit, a policy, a
// handshake or a transfer. Their ARNs also have the organization's id, which no input has.
func parseOrganized(ts *Touches, _ *step, values []string) {
	id, kind := values[0], ""
	switch prefix, _, _ := strings.Cut(id, "-"); {
	case awsname.IsAccount(id):
		kind = "account"
	case prefix == "r":
		kind = "root"
	case prefix == "ou":
		kind = "ou"
	case prefix == "p":
		kind = "policy/*" // and the policy's type
	case prefix == "h":
		kind = "handshake/*"
	case prefix == "rt":
		kind = "transfer/*/*"
	}
	if kind == "" || !isWord(id) {
		ts.unknown()
		return
	}
	ts.add(Touch{Partition: ts.at.Partition, Service: "organizations", Account: ts.at.Account, Resource: ts.join(kind, "/*/", id), Vague: true})
}
