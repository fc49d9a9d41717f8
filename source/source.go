// Package source makes sources of policies from URLs, for guard.Options.Source.
//
// A program that imports it, for example by
//
//	import _ "github.com/outguard/outguard/source"
//
// gets newer policies from the URL in $OUTGUARD_SOURCE. [New] makes a source in Go code.
package source

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/fetchapi"
	"github.com/outguard/outguard/internal/procenv"
	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/notify"
)

func init() { sourceapi.Open = open }

// A Source has a policy. Package guard takes what [New] or [Of] makes of it.
//
// Fetch returns the policy's text and its version. With the version of have, it may return nil data
// instead: nothing has changed. sig is the signature, in the form of minisign or of outguard sign;
// nil if there is none, or if data ends with it. Fetch keeps to ctx's deadline. It is called by one
// goroutine at a time, and no call waits for it.
type Source interface {
	Fetch(ctx context.Context, have string) (data, sig []byte, version string, err error)
}

// Of returns a source that the program has made itself, for guard.Options.Source. name is for
// messages. What it sends is judged like the program's other calls.
func Of(name string, s Source) guard.Source { return &opened{name: name, source: s} }

// New returns the source of a URL:
//
//	appconfig:APP/ENV/PROFILE         AWS AppConfig, by its extension's port on this machine
//	s3://BUCKET/KEY[?region=REGION]   an object in S3
//	ssm:/NAME, ssm:ARN                a parameter of SSM's Parameter Store
//	file:/PATH                        a file, for example on EFS
//
// Credentials, region and endpoints are those of the environment that the process was started with,
// as for alerts; see [notify.ReadEnv]. A guard does not judge what the source sends. The error
// names what is wrong with the URL.
func New(url string) (guard.Source, error) {
	return open(url, procenv.Read().Getenv)
}

// An opened is a source with its name.
type opened struct {
	name   string
	source Source
}

// Follow implements guard.Source.
func (o *opened) Follow(h sourceapi.Host) sourceapi.Follower {
	if o == nil || o.source == nil {
		return nil
	}
	return newFollower(o.name, o.source, h)
}

// An own is a source that this package made from a URL. It is the only kind whose requests no guard
// judges; code of the program never gets hold of one.
type own func(ctx context.Context, have string) (data []byte, version string, err error)

// Fetch implements Source.
func (o own) Fetch(ctx context.Context, have string) (data, sig []byte, version string, err error) {
	// The mark lets the request pass: a policy that forbids its own source could never be replaced.
	data, version, err = o(sinkmark.With(ctx), have)
	return data, nil, version, err
}

// A scheme is one kind of source. parse returns what to fetch.
type scheme struct {
	name, form string
	parse      func(rest string, getenv func(string) string) (q fetchapi.Request, ok bool)
}

// schemes are the kinds of sources that send a request. A file is read without one, see opener.
var schemes = [...]scheme{
	{"appconfig", "appconfig:APP/ENV/PROFILE", appconfig},
	{"s3", "s3://BUCKET/KEY", object},
	{"ssm", "ssm:/NAME", parameter},
}

// fileForm is the form of a source that is a file, for messages.
const fileForm = "file:/PATH"

// open returns the source that a URL names. getenv gives the region, the credentials and the
// extension's port.
func open(address string, getenv func(string) string) (sourceapi.Source, error) {
	fetch, err := opener(address, getenv)
	if err != nil {
		return nil, err
	}
	return &opened{address, fetch}, nil
}

// opener returns the fetch of a source. It sends nothing: an error is about the form of the URL.
func opener(address string, getenv func(string) string) (own, error) {
	name, rest, _ := strings.Cut(address, ":")
	if name == "file" {
		if !strings.HasPrefix(rest, "/") || strings.ContainsRune(rest, 0) {
			return nil, fmt.Errorf("source %.200q is not of the form %s", address, fileForm)
		}
		return func(context.Context, string) ([]byte, string, error) { return readFile(rest) }, nil
	}
	for _, s := range schemes {
		if s.name != name {
			continue
		}
		q, ok := s.parse(rest, getenv)
		if !ok {
			return nil, fmt.Errorf("source %.200q is not of the form %s", address, s.form)
		}
		get := notify.Fetcher(notify.ReadEnv(getenv))
		return func(ctx context.Context, have string) ([]byte, string, error) {
			// A copy for each fetch: a fetch that hangs may still read its own.
			q := q
			q.Have = have
			got, err := get(ctx, q)
			return got.Data, got.Version, err
		}, nil
	}
	return nil, fmt.Errorf("source %.200q begins with none of appconfig:, s3:, ssm: and file: (a path)", address)
}

// appconfig asks AWS AppConfig's extension, which keeps the configuration up to date by itself.
func appconfig(rest string, getenv func(string) string) (q fetchapi.Request, ok bool) {
	parts := strings.Split(rest, "/")
	if len(parts) != 3 {
		return q, false
	}
	for _, p := range parts {
		// The parts become a path on the extension's port. "../x" would reach another one.
		if !isName(p) {
			return q, false
		}
	}
	// 2772 is the extension's default port.
	port := getenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT")
	if port == "" {
		port = "2772"
	}
	q.Local = fetchapi.Local{
		Port: port, Version: "Configuration-Version",
		Path: "/applications/" + parts[0] + "/environments/" + parts[1] + "/configurations/" + parts[2],
	}
	return q, true
}

// isName reports whether s is the name or the id of a part of AppConfig.
func isName(s string) bool {
	return s != "" && len(s) <= 128 && s != "." && s != ".." && only(s, "._- ")
}

// only reports whether s has ASCII letters and digits and the given characters alone.
func only(s, others string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', strings.IndexByte(others, c) >= 0:
		default:
			return false
		}
	}
	return true
}

// object reads the rest of "s3://BUCKET/KEY?region=REGION". Without a region, that of the function
// counts.
func object(rest string, _ func(string) string) (q fetchapi.Request, ok bool) {
	rest, ok = strings.CutPrefix(rest, "//")
	rest, query, _ := strings.Cut(rest, "?")
	bucket, key, _ := strings.Cut(rest, "/")
	values, err := url.ParseQuery(query)
	if !ok || err != nil || len(bucket) < 3 || len(bucket) > 63 || !only(bucket, "-.") || strings.ToLower(bucket) != bucket ||
		strings.Trim(bucket, "-.") != bucket || len(key) > 1024 || !only(key, "._-/") {
		return q, false
	}
	for _, segment := range strings.Split(key, "/") { // S3 takes them, and clients and proxies change them
		if segment == "" || segment == "." || segment == ".." {
			return q, false
		}
	}
	region := values.Get("region")
	values.Del("region")
	q.Object = fetchapi.Object{Bucket: bucket, Key: key, Region: region}
	// A misspelt option, such as "?regoin=", must not be ignored.
	return q, len(values) == 0
}

// parameter reads the rest of "ssm:/NAME" or "ssm:ARN". The ARN may be of another region or
// account.
func parameter(rest string, _ func(string) string) (q fetchapi.Request, ok bool) {
	name := rest
	if strings.HasPrefix(rest, "arn:") {
		parts := strings.SplitN(rest, ":", 6)
		if len(parts) != 6 || parts[2] != "ssm" || !only(parts[3], "-") || !only(parts[4], "") {
			return q, false
		}
		if name, ok = strings.CutPrefix(parts[5], "parameter/"); !ok {
			return q, false
		}
	}
	q.Parameter = rest
	return q, name != "" && len(name) <= 1011 && only(name, "._-/")
}

// readFile reads a regular file: a pipe would hold up the reader.
func readFile(path string) ([]byte, string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, "", err
	case !info.Mode().IsRegular():
		return nil, "", fmt.Errorf("%s is not a regular file", path)
	case info.Size() > fetchapi.MaxDocument:
		return nil, "", fmt.Errorf("the document has more than %d KB", fetchapi.MaxDocument>>10)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fetchapi.MaxDocument+1))
	return data, "", err
}
