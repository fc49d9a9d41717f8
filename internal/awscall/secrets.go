package awscall

import "strings"

// This file reads keys, secrets and parameters.

// parseKey reads a KMS key's id, an alias or the ARN of either.
// KMS takes four forms: an id, an alias, and the ARN of either.
func parseKey(ts *Touches, s *step, values []string) {
	text := values[0]
	alias, isAlias := strings.CutPrefix(text, "alias/")
	switch {
	case isARN(text):
		ts.arn(text)
	case isAlias && isPath(alias):
		ts.put("kms", "alias/", alias)
	case !isAlias && isName(text):
		ts.put("kms", "key/", text)
	default:
		ts.unknown()
	}
}

// suffix stands for the random end of a secret's ARN where it is not known.
// Six bytes Any match six question marks only, as in prod/db-??????.
const suffix = "-\xFF\xFF\xFF\xFF\xFF\xFF"

// parseSecret reads a secret's name or ARN. The ARN ends in six random characters, which a rule may
// leave out.
func parseSecret(ts *Touches, s *step, values []string) {
	text := values[0]
	if isARN(text) {
		ts.arn(text)
		return
	}
	if !isPath(text) {
		ts.unknown()
		return
	}
	ts.add(Touch{
		Partition: ts.at.Partition, Service: "secretsmanager", Region: ts.at.Region, Account: ts.at.Account,
		Resource: ts.join("secret:", text), Alias: ts.join("secret:", text, suffix), Named: true,
	})
}

// CutSuffix returns a secret's resource without the six random characters that end its ARN, or ""
// if it does not end so. Names may end in a word of six letters ("db-backup"), so an end that may
// be a word or a number does not count as random. One random suffix in sixty looks like that.
func CutSuffix(resource string) string {
	// "-AbCdEf" has seven characters.
	n := len(resource) - 7
	if n <= 0 || resource[n] != '-' || !strings.HasPrefix(resource, "secret:") {
		return ""
	}
	var upper, lower, digit int
	for _, c := range []byte(resource[n+1:]) {
		switch {
		case 'A' <= c && c <= 'Z':
			upper++
		case 'a' <= c && c <= 'z':
			lower++
		case '0' <= c && c <= '9':
			digit++
		default:
			return ""
		}
	}
	// "Backup" is a word with a capital.
	first := resource[n+1]
	if lower == 6 || upper == 6 || digit == 6 || (lower == 5 && 'A' <= first && first <= 'Z') {
		return ""
	}
	return resource[:n]
}

// secretParameter adds the action that a parameter takes which refers to a secret.
func (op *Op) secretParameter() { op.action("secretsmanager:GetSecretValue") }

// parseParameter reads the name or the ARN of a parameter, with or without a version or a label. A
// parameter may refer to a secret.
func parseParameter(ts *Touches, s *step, values []string) {
	t, name, ok := ts.named(values[0], "ssm", "parameter/")
	if !ok {
		return
	}
	// ":3" or ":label" may follow the name. The slash in front is not in the ARN.
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "/"), ":")
	if !isPath(name) {
		ts.unknown()
		return
	}
	t.Resource = ts.join("parameter/", name)
	ts.add(t)
	// /aws/reference/secretsmanager/NAME is read by Systems Manager for the caller.
	if secret, ok := strings.CutPrefix(name, "aws/reference/secretsmanager/"); ok {
		reads := step{action: ts.op.index("secretsmanager", "GetSecretValue")}
		ts.step = &reads
		parseSecret(ts, s, []string{secret})
		ts.step = s
	}
}

// parseParameters reads a path. Everything below it is touched.
func parseParameters(ts *Touches, s *step, values []string) {
	path := strings.Trim(values[0], "/")
	switch {
	case path == "":
		// "/" is everything.
		ts.put("ssm", "parameter/").Open = true
	case !isPath(path):
		ts.unknown()
	default:
		t := ts.put("ssm", "parameter/", path, "/")
		t.Open, t.Alias = true, ts.join("parameter/", path) // IAM asks for the path itself
	}
}

// parseInstance reads the id of an EC2 instance, or of one that Systems Manager manages elsewhere.
// "mi-" is a managed instance, "i-" one of EC2.
func parseInstance(ts *Touches, s *step, values []string) {
	id := values[0]
	switch {
	case !isWord(id):
		ts.unknown()
	case strings.HasPrefix(id, "mi-"):
		ts.put("ssm", "managed-instance/", id)
	default:
		ts.put("ec2", "instance/", id)
	}
}

// ssmType returns the beginning of the ARNs of a resource type, as Systems Manager's tagging
// operations name it, or "" for an unknown type.
func ssmType(name string) string {
	switch name {
	case "Automation":
		return "automation-execution/"
	case "Association", "Document", "MaintenanceWindow", "OpsItem", "OpsMetadata", "Parameter", "PatchBaseline":
		return strings.ToLower(name) + "/"
	case "ManagedInstance":
		return "managed-instance/"
	}
	return ""
}

// parseSSMResource reads the type and the id of a resource that is tagged.
func parseSSMResource(ts *Touches, s *step, values []string) {
	kind, id := ssmType(values[0]), strings.TrimPrefix(values[1], "/")
	switch {
	case isARN(id):
		ts.arn(id)
	case kind == "" || !isPath(id):
		ts.unknown()
	default:
		ts.put("ssm", kind, id)
	}
}
