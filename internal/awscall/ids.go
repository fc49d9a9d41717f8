package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// Some ids show what they are of: a build's id has its project, and an id of EC2's its kind.

// parseBuild reads the id of a build, of a batch of builds or of a sandbox, "project:uuid", or an
// ARN that ends so. IAM asks for the project. The ARN of a report ends with "group:uuid", and IAM
// asks for the group.
func parseBuild(ts *Touches, _ *step, values []string) {
	// Without an ARN, the project is the caller's own.
	id, kind, at := values[0], "project/", ts.at
	if isARN(id) {
		a, ok := cutARN(id)
		of, rest, isKind := strings.Cut(a.resource, "/")
		if id = rest; of == "report" {
			kind = "report-group/"
		}
		// A report's kind is in the ARN alone.
		if !ok || !isKind || a.service != "codebuild" {
			ts.unknown()
			return
		}
		at = &Where{Partition: a.partition, Region: a.region, Account: a.account}
	}
	name, _, ok := strings.Cut(id, ":")
	if !ok || !isName(name) {
		ts.unknown()
		return
	}
	ts.add(Touch{Partition: at.Partition, Service: "codebuild", Region: at.Region, Account: at.Account, Resource: ts.join(kind, name)})
}

// parseEC2 reads an id such as "vol-0a1b2c3d".
// EC2's ids begin with what they are of, and need no other member.
func parseEC2(ts *Touches, _ *step, values []string) {
	id := values[0]
	prefix, _, _ := strings.Cut(id, "-")
	// A kind that is not known leaves the resource open, for any rule about EC2.
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
	// Each kind of id has a form of its own: r-ab12, ou-ab12-cd34, p-ab12cd34.
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
	// The organization's id stands between kind and id in the ARN, and no input has it.
	ts.add(Touch{Partition: ts.at.Partition, Service: "organizations", Account: ts.at.Account, Resource: ts.join(kind, "/*/", id), Vague: true})
}

// parseKindID reads an id of a file system or a cluster, or an ARN.
func parseKindID(ts *Touches, _ *step, values []string) {
	id := values[0]
	if isARN(id) {
		ts.arn(id)
		return
	}
	prefix, _, _ := strings.Cut(id, "-")
	kind := ""
	// The services share their letters: EMR's "e-" is an editor.
	switch ts.op.Service + ":" + prefix {
	case "elasticfilesystem:fs":
		kind = "file-system"
	case "elasticfilesystem:fsap":
		kind = "access-point"
	case "elasticmapreduce:j":
		kind = "cluster"
	case "elasticmapreduce:es":
		kind = "studio"
	case "elasticmapreduce:ex":
		kind = "notebook-execution"
	case "elasticmapreduce:e":
		kind = "editor"
	}
	if kind == "" || !isWord(id) {
		ts.unknown()
		return
	}
	ts.put(ts.op.Service, kind, "/", id)
}

// parseHidden reads what the ARN does not have, because it has an id there: a name, a token, or the
// ARN of something else. Any resource of the type may be meant. An ARN of the type stands for
// itself.
func parseHidden(ts *Touches, s *step, values []string) {
	if isARN(values[0]) {
		a, ok := cutARN(values[0])
		if !ok || a.service == s.template.service && strings.HasPrefix(a.resource, s.template.pieces[0]) {
			ts.arn(values[0])
			return
		}
	}
	// The name cannot be compared, so that a rule must allow every resource of the type.
	ts.fill(s.template, []string{"*"}, ts.at)
	ts.hide()
}

// hide marks the last touch as one whose ARN does not have what the input names.
func (ts *Touches) hide() {
	t := &ts.List[len(ts.List)-1]
	t.Vague, t.Hidden, t.step = true, true, ts.step
}

// parseInside reads the ARN of what holds the resource. Its last part is the name.
func parseInside(ts *Touches, s *step, values []string) {
	a, ok := cutARN(values[0])
	name := a.resource[strings.LastIndexAny(a.resource, "/:")+1:]
	if !ok || !isName(name) {
		ts.unknown()
		return
	}
	ts.fill(s.template, []string{name}, &Where{Partition: a.partition, Region: a.region, Account: a.account})
	if s.template.vague {
		ts.hide()
	}
}

// parseManaged reads the id of a tool that AWS manages, "aws.browser.v1", whose ARN has "aws" for
// the account, or of one of the account's own, whose kind ends in "-custom".
func parseManaged(ts *Touches, s *step, values []string) {
	id := values[0]
	// The first piece is the kind, such as "browser/".
	switch kind := s.template.pieces[0]; {
	case isARN(id):
		ts.arn(id)
	case !isName(id):
		ts.unknown()
	case strings.HasPrefix(id, "aws."):
		ts.add(Touch{Partition: ts.at.Partition, Service: s.template.service, Region: ts.at.Region, Account: "aws", Resource: ts.join(kind, id)})
	default:
		ts.put(s.template.service, strings.TrimSuffix(kind, "/"), "-custom/", id)
	}
}
