package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
)

// This file says why a text can be neither a bucket nor something in one.

// oddInBucket are characters that no name of a bucket has.
const oddInBucket = "!,;:()&$@=+ %^#~'\"<>|`"

// wrongBucket says why a text can be neither a bucket nor something in one; nil if it can.
func wrongBucket(text string) *report.Problem {
	bucket, key, slash := strings.Cut(text, "/")
	// "bucket/" names only the object whose key is empty, which cannot exist.
	if slash && key == "" && bucket != "" {
		return report.Of(text, " can never match: nothing follows the slash", "write "+quoteText(text+"*")+" for all that is in the bucket")
	}
	i := strings.IndexFunc(bucket, func(r rune) bool { return r > 0x7e || strings.ContainsRune(oddInBucket, r) })
	// From what is never part of a name to what has another notation around it.
	switch {
	case strings.Contains(bucket, ".."), strings.Contains(bucket, "\\"):
		return report.Of(text, " can never match: a bucket's name holds letters, digits, hyphens and single dots", "write BUCKET, or BUCKET/KEY")
	// "/bucket/key", as paths have it.
	case bucket == "" && strings.Trim(text, "/") != "":
		return report.Of(text, " can never match: it begins with a slash, and not with a bucket", "write "+quoteText(strings.TrimLeft(text, "/")))
	// "s3/bucket/key"
	case bucket == "s3" && key != "":
		return report.Of(text, " can never match: it begins with the service, and not with a bucket", "write "+quoteText(key))
	case i >= 0:
		meant := strings.Trim(text, "!")
		// "bucket:NAME/key" or "s3:NAME/key": the name is behind the word.
		if after := afterWord(text, "bucket", "s3"); after != "" {
			meant = strings.TrimLeft(after, "/")
		}
		for b, rest, ok := strings.Cut(meant, ":"); ok && (b == "" || b == "arn" || b == "aws" || b == "s3" || awsname.LooksLikeRegion(b) || awsname.IsAccount(b)); b, rest, ok = strings.Cut(meant, ":") {
			meant = rest // the parts of an ARN before the bucket
		}
		// "bucket:key" with a colon for the slash.
		if b, key, _ := strings.Cut(meant, ":"); !strings.Contains(b, "/") && key != "" {
			meant = b + "/" + strings.TrimPrefix(key, "/")
		}
		p := report.Of(text, " can never match: a bucket's name holds letters, digits, hyphens and dots", "write BUCKET, or BUCKET/KEY")
		if b, _, _ := strings.Cut(meant, "/"); !strings.ContainsAny(b, oddInBucket) {
			p.Fix = "write " + quoteText(meant)
		}
		return p
	}
	return nil
}

// BucketAlone says that a rule names a bucket for operations that are always done to objects: in
// a whitelist, it allows nothing. It is nil for any other resource. A blacklisted bucket covers
// what is in it.
func BucketAlone(subject []AWS, text string) *report.Problem {
	// Only a bucket in full: a glob may take keys, too.
	bucket := strings.TrimPrefix(text, "arn:aws:s3:::")
	if len(subject) == 0 || strings.ContainsAny(bucket, "/:*?") || slices.ContainsFunc(subject, func(p AWS) bool { return !onObject(p) }) {
		return nil
	}
	return report.Of(text, " is a bucket, and "+subject[0].Text+" is done to objects", "write "+quoteText(text+"/*")+" for all that are in it")
}

// onBucket reports whether a pattern names one of S3's operations that are done to a bucket.
func onBucket(p AWS) bool {
	return p.Service == "s3" && !strings.ContainsAny(p.Operation, "*?") && (strings.Contains(p.Operation, "bucket") || strings.HasPrefix(p.Operation, "listobjects"))
}

// onObject reports whether a pattern names one of S3's operations that are always done to an
// object.
func onObject(p AWS) bool {
	return p.Service == "s3" && slices.Contains([]string{
		"getobject", "putobject", "deleteobject", "headobject", "copyobject", "getobjectversion", "deleteobjectversion",
	}, p.Operation)
}
