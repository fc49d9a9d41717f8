package awscall

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The HTTP reader finds every operation of S3 that an SDK client can call.
func TestOperationsOfS3(t *testing.T) {
	want := map[string]bool{}
	for _, op := range operationsOf(t, "[S3] s3") {
		want[op] = true
	}
	require.Greater(t, len(want), 100)
	found := map[string]bool{}
	queries := []string{"", "uploadId=1", "partNumber=1&uploadId=1", "list-type=2"}
	for _, name := range subresources(t) {
		queries = append(queries, name, name+"&id=1", name+"&annotationName=a")
	}
	hosts := []string{
		"https://receipts.s3.eu-west-1.amazonaws.com/", "https://receipts.s3.eu-west-1.amazonaws.com/a", "https://s3.eu-west-1.amazonaws.com/",
		"https://s3express-control.eu-west-1.amazonaws.com/", "https://r.s3-object-lambda.eu-west-1.amazonaws.com/WriteGetObjectResponse",
	}
	for _, host := range hosts {
		for _, query := range queries {
			for _, method := range []string{"", "GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"} {
				for _, source := range []string{"", " | X-Amz-Copy-Source:other/b"} {
					r, endpoints := readCase(t, method+" "+host+"?"+query+" | sign:s3"+source)
					var q Request
					if q.FromHTTP(r, endpoints, true) && q.Operation != "" {
						found[q.Operation] = true
					}
				}
			}
		}
	}
	var invented, missing []string
	for op := range found {
		if !want[op] {
			invented = append(invented, op)
		}
	}
	for op := range want {
		if !found[op] {
			missing = append(missing, op)
		}
	}
	slices.Sort(missing)
	// Some operations that fit a pattern for Get, Put and Delete do not exist. None may pass
	// for a read. Those on annotations are newer than the data.
	invented = slices.DeleteFunc(invented, func(op string) bool {
		return strings.Contains(op, "Annotation") || strings.HasPrefix(op, "Put") || strings.HasPrefix(op, "Delete")
	})
	assert.Empty(t, invented)
	assert.Equal(t, []string{
		"GetBucketLifecycle", "GetBucketNotification", "PutBucketLifecycle", "PutBucketNotification",
	}, missing)
}

// operationsOf lists the operations of a service in the generator's data, by the line that begins
// it.
func operationsOf(t *testing.T, head string) (names []string) {
	data, err := os.ReadFile("../awsops/gen/data/operations.txt")
	require.NoError(t, err)
	inside := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "["):
			inside = line == head
		case !inside:
		case strings.Contains(line, " = "), strings.Contains(line, " ?"):
			name, _, _ := strings.Cut(line, " ")
			names = append(names, name)
		default:
			names = append(names, strings.Fields(line)...)
		}
	}
	return names
}

// subresources lists the subresources that the reader knows, from its source.
func subresources(t *testing.T) (names []string) {
	src, err := os.ReadFile("http_s3_operation.go")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(src), "func s3Subresource(")
	require.True(t, ok)
	for line := range strings.Lines(table) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), `case "`); ok {
			names = append(names, strings.TrimSuffix(name, `":`))
		}
	}
	require.Greater(t, len(names), 40)
	return names
}
