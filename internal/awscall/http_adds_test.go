package awscall

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/awsops"
)

// The bodies of exactly those operations are read for members whose members can add an action.
func TestOperationsWhoseMembersAddActions(t *testing.T) {
	listed := 0
	for _, service := range awsops.Services() {
		prefix, _ := awsops.Service(service)
		if prefix == "s3" {
			continue // its headers show them
		}
		for entry := range strings.FieldsSeq(awsops.Resources(service)) {
			entry, ops, _ := strings.Cut(entry, "@")
			_, when, adds := strings.Cut(entry, "&")
			if !adds || !strings.Contains(when, "Tag") && when != "SourceIdentity" {
				continue
			}
			for op := range strings.SplitSeq(ops, "|") {
				listed++
				assert.True(t, mayAdd(prefix, op), "%s:%s", prefix, op)
			}
		}
	}
	assert.Greater(t, listed, 30)
	assert.False(t, mayAdd("dynamodb", "PutItem"))
}

func TestMembersOfABody(t *testing.T) {
	for text, want := range map[string]bool{
		`{"Tags":[{"Key":"a"}]}`: true, `{"tags": {"a":"b"}}`: true, `{"a":{"TAGS" : [1]}}`: true, `{"Tags":[]}`: false, `{"Tags": { } }`: false, `{"Tags":null}`: false, `{"Name":"Tags"}`: false,
		`{"TagsX":[1]}`: false, `{`: false, `"tags`: false, `"tags"`: false, `"tags":`: true, `{"x":"\"tags\":[1]"}`: false,
	} {
		assert.Equal(t, want, hasMember(text, `"tags"`), text)
	}
	assert.Equal(t, addsMemberTags|addsMemberIdentity, queryAdds("Action=AssumeRole&Tags.member.1.Key=a&SourceIdentity=x"))
	assert.Equal(t, addsMemberTags, queryAdds("TagSpecification.1.Tag.1.Key=a"))
	assert.Zero(t, queryAdds("Action=AssumeRole&Tags=&SourceIdentity="))
}
