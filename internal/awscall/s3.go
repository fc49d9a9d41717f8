package awscall

import (
	"net/url"
	"strings"
)

// parseS3URI reads s3://bucket/key.
func parseS3URI(ts *Touches, s *step, values []string) {
	rest, ok := strings.CutPrefix(values[0], "s3://")
	if !ok {
		ts.unknown()
		return
	}
	bucket, key, _ := strings.Cut(rest, "/")
	ts.bucket(bucket, key)
}

// parseBucket reads a bucket, which may be an access point's ARN, and perhaps a key.
func parseBucket(ts *Touches, s *step, values []string) {
	key := ""
	if len(values) > 1 {
		key = values[1]
	}
	ts.bucket(values[0], key)
}

// parseCopySource reads "bucket/key", escaped, with or without a leading slash and a version, or the ARN of an object behind an access point.
func parseCopySource(ts *Touches, s *step, values []string) {
	source, _, _ := strings.Cut(values[0], "?versionId=")
	source, err := url.PathUnescape(source)
	if err != nil {
		ts.unknown()
		return
	}
	source = strings.TrimPrefix(source, "/")
	if isARN(source) {
		ts.arn(source)
		return
	}
	bucket, key, ok := strings.Cut(source, "/")
	if !ok || key == "" {
		ts.unknown()
		return
	}
	ts.bucket(bucket, key)
}

// bucket adds a bucket (key "") or an object.
func (ts *Touches) bucket(bucket, key string) {
	if isARN(bucket) {
		a, ok := cutARN(bucket)
		if !ok || hasDots(a.resource) || hasDots(key) {
			ts.unknown()
			return
		}
		t := Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}
		switch {
		case key == "" || a.service == "s3-object-lambda":
			t.Resource = ts.join(a.resource)
		case a.service == "s3" && a.account == "":
			t.Resource = ts.join(a.resource, "/", key)
		default:
			t.Resource = ts.join(a.resource, "/object/", key)
		}
		ts.add(t)
		return
	}
	// S3 takes dots in a key as they stand, but in path style they are in the URL's path, where a proxy may resolve them.
	if !isBucket(bucket) || hasDots(key) {
		ts.unknown()
		return
	}
	if strings.HasSuffix(bucket, "--x-s3") {
		// A directory bucket: IAM asks for the session alone, whatever the object.
		ts.put("s3express", "bucket/", bucket)
		return
	}
	t := Touch{Partition: ts.at.Partition, Service: "s3"}
	if key == "" {
		t.Resource = ts.join(bucket)
	} else {
		t.Resource = ts.join(bucket, "/", key)
	}
	ts.add(t)
}

// isBucket reports whether s can be the name of a bucket, old ones in us-east-1 included.
func isBucket(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return len(s) >= 3 && len(s) <= 255 && !strings.Contains(s, "..") && s[0] != '.'
}
