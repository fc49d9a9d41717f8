package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// isS3 reports whether a service is S3, or one that is reached through S3's API and shares the
// forms of its hosts. S3 Tables and S3 Vectors do not.
func isS3(service string) bool {
	// The two usual spellings need no look-up.
	if service == "s3" || service == "S3" {
		return true
	}
	switch prefix, _ := awsops.Service(service); prefix {
	case "s3", "s3express", "s3-object-lambda", "s3-outposts":
		return true
	}
	return false
}

// s3Relatives adds the actions that the services behind S3's API have for the operation: behind an
// access point of Object Lambda or Outposts, and in a directory bucket, IAM asks for theirs.
func (op *Op) s3Relatives() {
	// Primary's actions come first in Actions.
	primary := op.Actions[:op.Primary.Len()]
	for _, service := range [...]string{"s3-object-lambda", "s3-outposts", "s3express"} {
		for _, a := range primary {
			if a.Service != "s3" {
				continue
			}
			if a.Service, a.Same = service, true; service == "s3express" {
				a.Name = express(a.Name)
			}
			if op.index(a.Service, a.Name) < 0 {
				op.own.Add(len(op.Actions))
				// The new action stands for the operation itself there.
				op.Actions = append(op.Actions, a)
			}
		}
	}
}

// express returns the action that IAM asks for in a directory bucket in place of an S3 action: for
// objects, the session alone.
func express(action string) string {
	ofBucket := strings.Contains(action, "Bucket") && !strings.HasPrefix(action, "List")
	if strings.HasSuffix(action, "Configuration") || ofBucket {
		if _, ok := awsops.Find("s3express", action); ok {
			return action
		}
	}
	return "CreateSession"
}

// isBucket reports whether s can be the name of a bucket. It accepts the old names of us-east-1.
// A name of other characters could be part of another ARN.
func isBucket(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	// Two dots, or one in front, could be read as parts of a path.
	return len(s) >= 3 && len(s) <= 255 && !strings.Contains(s, "..") && s[0] != '.'
}

// isDirectory reports whether a bucket is a directory bucket, by its name.
func isDirectory(bucket string) bool { return strings.HasSuffix(bucket, "--x-s3") }

// accessPoint writes an access point's resource as IAM does, "accesspoint/name". The SDK also takes
// "accesspoint:name" and "outpost:id:accesspoint:name".
func accessPoint(resource string) string {
	if strings.HasPrefix(resource, "accesspoint:") || strings.HasPrefix(resource, "outpost:") {
		return strings.ReplaceAll(resource, ":", "/")
	}
	return resource
}
