package awscall

import (
	"net/url"
	"strings"
)

// This file reads buckets and objects in typed inputs.

// parseS3URI reads s3://bucket/key.
// The form is that of Athena and Textract, among others.
func parseS3URI(ts *Touches, s *step, values []string) {
	rest, ok := strings.CutPrefix(values[0], "s3://")
	if !ok {
		ts.unknown()
		return
	}
	bucket, key, _ := strings.Cut(rest, "/")
	ts.object(bucket, key)
}

// parseBucket reads a bucket, or the ARN of an access point, and perhaps a key.
func parseBucket(ts *Touches, s *step, values []string) {
	key := ""
	if len(values) > 1 {
		key = values[1]
	}
	ts.object(values[0], key)
}

// parseCopySource reads "bucket/key", percent-encoded, with or without a leading slash and a
// version, or the ARN of an object behind an access point.
func parseCopySource(ts *Touches, s *step, values []string) {
	source, version, _ := strings.Cut(values[0], "?versionId=")
	// The version is for this source only.
	ts.version = version != ""
	defer func() { ts.version = false }()
	// Both readings are touched, so that a rule must allow both.
	if spaced, err := url.QueryUnescape(source); err == nil && strings.Contains(source, "+") {
		ts.copySource(spaced) // S3 may read a plus as a blank
	}
	source, err := url.PathUnescape(source)
	if err != nil {
		ts.unknown()
		return
	}
	ts.copySource(source)
}

// copySource adds an object of a copy source that has been decoded.
func (ts *Touches) copySource(source string) {
	source = strings.TrimPrefix(source, "/")
	if isARN(source) {
		ts.bucket(source, "")
		return
	}
	bucket, key, ok := strings.Cut(source, "/")
	if !ok || key == "" {
		ts.unknown()
		return
	}
	ts.bucket(bucket, key)
}

// parseRename reads a bucket and the object in it that is renamed, which is a key or a copy source.
// In a directory bucket IAM asks for the bucket alone.
func parseRename(ts *Touches, s *step, values []string) {
	switch bucket, source := values[0], values[1]; {
	// A directory bucket needs nothing beside its own touch.
	case isDirectory(bucket):
	case strings.Contains(source, "/"):
		parseCopySource(ts, s, values[1:])
	default:
		ts.bucket(bucket, source)
	}
}

// object adds what a member names: a bucket (key ""), an object, or a prefix below which a service
// reads and writes for the caller.
func (ts *Touches) object(bucket, key string) {
	// The action decides whether the name is an object or the beginning of names.
	on := ""
	if i := ts.step.action; i > 0 {
		on = ts.op.Actions[i].Name
	}
	// Other services read and write below a prefix.
	ownS3 := ts.op.Service == "s3"
	below := on == "PutObject" || on == "GetObject" && !ownS3 && (key == "" || strings.HasSuffix(key, "/"))
	if below && key != "" && !ownS3 && !strings.HasSuffix(key, "/") {
		key += "/" // a service writes to a folder; the names of S3's own logs just begin with the prefix
	}
	ts.bucket(bucket, key)
	t := &ts.List[len(ts.List)-1]
	if !below || t.State != Known || t.Service == "s3express" {
		return
	}
	// A bucket alone stands for every object in it.
	if t.Open = true; key == "" && t.Account == "" {
		t.Resource = ts.join(string(t.Resource), "/")
	} else if key == "" {
		t.Resource = ts.join(string(t.Resource), "/object/")
	}
}

// bucket adds a bucket (key ""), or an object.
func (ts *Touches) bucket(bucket, key string) {
	if isARN(bucket) {
		ts.bucketARN(bucket, key)
		return
	}
	// S3 takes dots in a key literally. In path style, though, they are in the URL's path, where a
	// proxy may resolve them.
	// What cannot be the name of a bucket is left unknown.
	if !isBucket(bucket) || hasDots(key) {
		ts.unknown()
		return
	}
	if isDirectory(bucket) {
		// IAM asks for the session alone, whatever the object.
		ts.addAs(Touch{
			Partition: ts.at.Partition, Service: "s3express", Region: ts.at.Region, Account: ts.at.Account,
			Resource: ts.join("bucket/", bucket),
		})
		return
	}
	// ARNs of S3 have no region and no account.
	t := Touch{Partition: ts.at.Partition, Service: "s3"}
	if key == "" {
		t.Resource = ts.join(bucket)
	} else {
		t.Resource = ts.join(bucket, "/", key)
	}
	ts.add(t)
}

// bucketARN is bucket for the ARN of a bucket or an access point.
func (ts *Touches) bucketARN(text, key string) {
	a, ok := cutARN(text)
	if !ok || hasDots(a.resource) || hasDots(key) {
		ts.unknown()
		return
	}
	a.resource = accessPoint(a.resource)
	t := Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}
	// Object Lambda's ARN ends with the access point.
	switch {
	case key == "" || a.service == "s3-object-lambda":
		t.Resource = ts.join(a.resource)
	case a.service == "s3" && a.account == "":
		t.Resource = ts.join(a.resource, "/", key)
	default:
		t.Resource = ts.join(a.resource, "/object/", key)
	}
	ts.addAs(t)
}

// addAs adds a resource of another service that is reached through S3's API. What is done to it is
// that service's action.
func (ts *Touches) addAs(t Touch) {
	added := ts.add(t)
	// Without an action of its own, the step is about S3's primary actions, which act has chosen.
	if ts.step.action == primaryActions || t.Service == ts.op.Service {
		return
	}
	name := ts.op.Actions[ts.step.action].Name
	if t.Service == "s3express" {
		name = express(name)
	}
	// The action of S3 is replaced by the one of the same name there.
	if i := ts.op.index(t.Service, name); i >= 0 {
		from, to := ts.actions(ts.op.Service), oneAction(i)
		// With a version, both are the actions on versions.
		if ts.version {
			from, to = ts.op.versioned(from), ts.op.versioned(to)
		}
		added.Actions = added.Actions.Minus(from).Union(to)
	}
}
