package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
)

// This file finds entries that open or name what is everybody's: buckets of others, the ends of
// domains.

// bucketPathDoubts finds the paths of a whitelist that leave a bucket open, at hosts whose paths
// begin with one.
func bucketPathDoubts(p *HTTP, text string, found func(dead bool, p *report.Problem)) {
	if !bucketInPath(p.Host) {
		return
	}
	// The first segment names the bucket.
	bucket, _, _ := strings.Cut(strings.TrimPrefix(p.Path, "/"), "/")
	switch {
	case bucket == "", bucket == "*", bucket == "**":
		found(false, report.OfKey("http", text, " allows the buckets of everybody", "name the bucket in the path, or write aws: rules"))
	// "acme-*" takes acme-evil, which anybody may create.
	case strings.Contains(bucket, "*"):
		found(true, report.OfKey("http", text, " allows buckets that anybody can make, such as "+strings.ReplaceAll(bucket, "*", "evil"),
			"name the buckets that are meant"))
	}
}

// bucketInPath reports whether the paths at a host begin with a bucket.
func bucketInPath(host string) bool {
	if host == "storage.googleapis.com" || host == "storage.cloud.google.com" {
		return true
	}
	first, _, _ := strings.Cut(host, ".")
	// s3.eu-west-1.amazonaws.com and s3-eu-west-1.amazonaws.com. Websites have the bucket in the
	// host.
	return (first == "s3" || strings.HasPrefix(first, "s3-") && !strings.HasPrefix(first, "s3-website")) && awsname.MayBeEndpoint(strings.ReplaceAll(host, "*", "x"))
}

// isSuffix reports whether a host is an end of domains that nobody calls itself.
func isSuffix(host string) bool {
	// The ends that people write most, and AWS's own.
	switch host {
	case "com", "net", "org", "info", "biz", "edu", "gov", "io", "xyz", "top", "ru", "cn", "onion", "amazonaws.com", "on.aws":
		return true
	}
	first, country, ok := strings.Cut(host, ".")
	return ok && secondLevelDomain(first, country)
}

// suffixFix says what to write for an end of domains.
func suffixFix(host string, m Mode) string {
	if m == Narrow {
		return "name the hosts that are meant"
	}
	return "write " + quoteText("*."+host)
}

// OneSlash says that a path of a whitelist has // in it. Servers also read it as /, so that nothing
// is allowed unless the path with / is allowed too. covered reports whether another entry allows
// that. It is nil for any other pattern.
func OneSlash(p Pattern, text string, covered func(Pattern) bool) *report.Problem {
	h, ok := p.(*HTTP)
	if !ok || h.Wide || !strings.Contains(h.Path, "//") {
		return nil
	}
	// The same pattern with single slashes, as servers read it.
	one := *h
	one.Path = mergeSlashes(h.Path)
	if covered(&one) {
		return nil
	}
	// The scheme's own slashes are not merged.
	scheme, rest, ok := strings.Cut(text, "://")
	if scheme += "://"; !ok {
		scheme, rest = "", text
	}
	return report.OfKey("http", text, " allows nothing alone: servers read // as / too, and both have to be allowed",
		"write "+quoteText(scheme+mergeSlashes(rest)))
}

// mergeSlashes replaces each run of slashes by one.
func mergeSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}
