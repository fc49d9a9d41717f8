package awscall

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCutSuffix(t *testing.T) {
	for resource, want := range map[string]string{
		"secret:db-A1b2C3": "secret:db", "secret:a/b-abc12X": "secret:a/b", "secret:db-aZ09zA": "secret:db", "secret:db-ABCdef": "secret:db",
		"secret:db-backup": "", "secret:db-BACKUP": "", "secret:db-Backup": "", "secret:db-202612": "", "secret:db-bAckup": "secret:db",
		"secret:db-A1b2C": "", "secret:db-A1b2C34": "", "secret:db-A1b2-3": "", "secret:dbA1b2C3": "", "other:db-A1b2C3": "", "-A1b2C3": "",
		"secret:-A1b2C3": "secret:", "": "", "secret:": "",
	} {
		assert.Equal(t, want, CutSuffix(resource), resource)
	}
}

func TestUnversioned(t *testing.T) {
	for _, tt := range []struct{ service, action, want string }{
		{"s3", "GetObjectVersion", "GetObject"},
		{"s3", "DeleteObjectVersionTagging", "DeleteObjectTagging"},
		{"s3-outposts", "GetObjectVersion", "GetObject"},
		{"s3", "GetObject", ""},
		{"s3", "GetObjectVersionForReplication", ""},
		{"sqs", "GetObjectVersion", ""},
	} {
		assert.Equal(t, tt.want, unversioned(tt.service, tt.action), "%s:%s", tt.service, tt.action)
	}
}
