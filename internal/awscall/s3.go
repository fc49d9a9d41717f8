package awscall

import (
	"bytes"
	"net/url"
	"slices"
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
	ts.object(bucket, key)
}

// parseBucket reads a bucket, which may be an access point's ARN, and perhaps a key.
func parseBucket(ts *Touches, s *step, values []string) {
	key := ""
	if len(values) > 1 {
		key = values[1]
	}
	ts.object(values[0], key)
}

// parseCopySource reads "bucket/key", escaped, with or without a leading slash and a version, or the ARN of an object behind an access point.
func parseCopySource(ts *Touches, s *step, values []string) {
	source, version, _ := strings.Cut(values[0], "?versionId=")
	ts.version = version != ""
	defer func() { ts.version = false }()
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

// parseRename reads what an object of a bucket is renamed from: a key, or a copy source. In a directory bucket IAM asks for the bucket alone.
func parseRename(ts *Touches, s *step, values []string) {
	switch bucket, source := values[0], values[1]; {
	case strings.HasSuffix(bucket, "--x-s3"):
	case strings.Contains(source, "/"):
		parseCopySource(ts, s, values[1:])
	default:
		ts.bucket(bucket, source)
	}
}

// object adds what a member names: a bucket (key ""), an object, or what a service reads and writes below a prefix on behalf of the caller.
func (ts *Touches) object(bucket, key string) {
	on := ""
	if i := ts.step.action; i > 0 {
		on = ts.op.Actions[i].Name
	}
	below := on == "PutObject" || on == "GetObject" && ts.op.Service != "s3" && (key == "" || strings.HasSuffix(key, "/"))
	if below && key != "" && ts.op.Service != "s3" && !strings.HasSuffix(key, "/") {
		key += "/" // where a service puts its output is a folder; S3's own logs begin with just the prefix
	}
	ts.bucket(bucket, key)
	t := &ts.List[len(ts.List)-1]
	if !below || t.State != Known || t.Service == "s3express" {
		return
	}
	if t.Open = true; key == "" && t.Account == "" {
		t.Resource = ts.join(string(t.Resource), "/")
	} else if key == "" {
		t.Resource = ts.join(string(t.Resource), "/object/")
	}
}

// bucket adds a bucket (key "") or an object.
func (ts *Touches) bucket(bucket, key string) {
	if isARN(bucket) {
		a, ok := cutARN(bucket)
		if !ok || hasDots(a.resource) || hasDots(key) {
			ts.unknown()
			return
		}
		a.resource = accessPoint(a.resource)
		t := Touch{Partition: a.partition, Service: a.service, Region: a.region, Account: a.account}
		switch {
		case key == "" || a.service == "s3-object-lambda":
			t.Resource = ts.join(a.resource)
		case a.service == "s3" && a.account == "":
			t.Resource = ts.join(a.resource, "/", key)
		default:
			t.Resource = ts.join(a.resource, "/object/", key)
		}
		ts.addAs(t)
		return
	}
	// S3 takes dots in a key as they stand, but in path style they are in the URL's path, where a proxy may resolve them.
	if !isBucket(bucket) || hasDots(key) {
		ts.unknown()
		return
	}
	if strings.HasSuffix(bucket, "--x-s3") {
		// A directory bucket: IAM asks for the session alone, whatever the object.
		ts.addAs(Touch{Partition: ts.at.Partition, Service: "s3express", Region: ts.at.Region, Account: ts.at.Account, Resource: ts.join("bucket/", bucket)})
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

// addAs adds what is reached through S3's API and is another service's: what is done to it is that service's action.
func (ts *Touches) addAs(t Touch) {
	added := ts.add(t)
	if ts.step.action < 0 || t.Service == ts.op.Service {
		return
	}
	name := ts.op.Actions[ts.step.action].Name
	if t.Service == "s3express" {
		name = express(name)
	}
	if i := ts.op.index(t.Service, name); i >= 0 {
		from, to := ts.actions(ts.op.Service), uint64(1)<<i
		if ts.version {
			from, to = ts.op.versioned(from), ts.op.versioned(to)
		}
		added.Actions = added.Actions&^from | to
	}
}

// accessPoint writes an access point's resource as IAM does, "accesspoint/name": the SDK takes "accesspoint:name" and
// "outpost:id:accesspoint:name" for the same.
func accessPoint(resource string) string {
	if strings.HasPrefix(resource, "accesspoint:") || strings.HasPrefix(resource, "outpost:") {
		return strings.ReplaceAll(resource, ":", "/")
	}
	return resource
}

// Elsewhere reports whether a request to an endpoint names another bucket, object or account than what ts has collected from its input, and
// returns the ARN of what it names; none if that is not known. before is what stands before the service in the endpoint.
func (ts *Touches) Elsewhere(u *url.URL, e *Endpoint, before string) (arns []string, other bool) {
	if e.Service() != "s3" {
		return nil, !slices.ContainsFunc(ts.List, func(t Touch) bool { return t.Account == before })
	}
	p := s3Place{Endpoint: e, kind: e.s3, bucket: before, key: strings.TrimLeft(u.Path, "/")}
	if p.bucket == "" {
		p.bucket, p.key, _ = strings.Cut(p.key, "/")
	}
	switch p.kind {
	case "s3", "s3-external-1", "s3-accelerate":
		if p.bucket == "" || slices.ContainsFunc(ts.List, func(t Touch) bool { return t.holds(p.bucket, p.key) }) {
			return nil, false
		}
	}
	arn := p.arn("")
	if arn == "" {
		return nil, p.kind == "s3"
	}
	key := p.key
	p.key = ""
	point := p.arn("")
	return []string{arn}, !slices.ContainsFunc(ts.List, func(t Touch) bool { return t.behind(point, key, p.kind) })
}

// holds reports whether a touch is an object of a bucket; any of its objects, or the bucket, when key is "".
func (t *Touch) holds(bucket, key string) bool {
	rest, ok := bytes.CutPrefix(t.Resource, []byte(bucket))
	if !ok || t.State != Known || t.Service != "s3" || t.Account != "" {
		return false
	}
	name, inside := bytes.CutPrefix(rest, []byte("/"))
	return len(rest) == 0 && key == "" || inside && (key == "" || string(bytes.TrimLeft(name, "/")) == strings.TrimLeft(key, "/"))
}

// behind reports whether a touch is an object behind an access point; the access point, or any object behind it, when key is "".
func (t *Touch) behind(point, key, kind string) bool {
	rest, ok := strings.CutPrefix(t.ARN(), point)
	if !ok || rest == "" {
		return ok && (key == "" || kind == "s3-object-lambda")
	}
	name, inside := strings.CutPrefix(rest, "/object/")
	return inside && (key == "" || strings.TrimLeft(name, "/") == key)
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
