package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// This file recognizes what is not a resource: URLs, pages of the console, lists in one text.

// several returns the resources that a text names, if there are more than one: "table/a, table/b".
func several(subject []AWS, text string) []string {
	// A list needs a separator; parentheses are part of another notation.
	if len(text) > maxProposed || !strings.ContainsAny(text, ",; |") || strings.ContainsAny(text, "()") {
		return nil
	}
	// "table/a and table/b"
	text = strings.NewReplacer(" and ", ",", " or ", ",", " & ", ",").Replace(text)
	list := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; |", r) })
	if len(list) < 2 {
		return nil
	}
	blanks := !strings.ContainsAny(text, ",;|")
	// Each part must look like a resource by itself. Otherwise the separator belongs to a name.
	for _, s := range list {
		if strings.HasPrefix(s, "arn:") {
			continue
		}
		one := func(p AWS) bool {
			kinds, known, _ := kindsOf(p.Service)
			switch {
			case p.Service == "s3": // a key may hold commas and blanks
				b, key, ok := strings.Cut(s, "/")
				return strings.HasSuffix(s, "/*") || inSameBucket(list) ||
					strings.ContainsAny(text, ",;|") && ok && len(b) > 2 && key != "" && wrongBucket(s) == nil && b == strings.ToLower(b)
			// Queues have no commas in their names.
			case p.Service == "sqs":
				return true
			}
			// Kinds are not known: parts that look alike are a list.
			if !known {
				return alike(list)
			}
			return mayBegin(p.Service, kinds, s) || (!blanks || strings.ContainsAny(s, "/:")) && meantKind([]AWS{p}, s) != ""
		}
		if !anyOf(subject, one) {
			return nil
		}
	}
	// What is proposed is mended part by part.
	for i, s := range list {
		if p, _ := wrongKind(subject, s, Narrow); p != nil && !strings.HasPrefix(s, "arn:") {
			if meant := meantKind(subject, s); meant != "" {
				list[i] = meant
			}
		}
	}
	return list
}

// inSameBucket reports whether all of some texts begin with the same bucket.
func inSameBucket(list []string) bool {
	bucket, _, ok := strings.Cut(list[0], "/")
	return ok && len(bucket) > 2 && !anyOf(list, func(s string) bool { return !strings.HasPrefix(s, bucket+"/") })
}

// alike reports whether all of some texts begin with the same word and a slash or a colon, or are
// plain names. The words of their service are not known.
func alike(list []string) bool {
	head := strings.IndexAny(list[0], "/:") + 1
	return !anyOf(list, func(s string) bool {
		return strings.IndexAny(s, "/:")+1 != head || s[:head] != list[0][:head] || len(s) == head
	})
}

// wrongForm says that a text has the form of something else than a resource: a URL, or an ARN in
// capital letters. It is nil for other texts.
func wrongForm(subject []AWS, text string) *report.Problem {
	fail := func(why, meant string) *report.Problem {
		return neverMatches(text, why, meant, "the resource's ARN, or what follows its fifth colon")
	}
	// "ARN:AWS:S3:::b"
	if len(text) > 4 && strings.EqualFold(text[:4], "arn:") && text[:4] != "arn:" {
		parts := strings.SplitN(text, ":", 6)
		// Resources have cases, the parts in front of them do not.
		for i := 0; i < min(len(parts), 5); i++ {
			parts[i] = strings.ToLower(parts[i])
		}
		return fail("ARNs are compared exactly, and begin with small letters", strings.Join(parts, ":"))
	}
	scheme, rest, ok := strings.Cut(text, "://")
	// "b/https://x" is a key.
	if ok && strings.ContainsAny(scheme, "/:*? ") {
		return nil // in a key
	}
	// A host without scheme: sqs.eu-west-1.amazonaws.com/1/q.
	if !ok {
		if isURLHost(text) {
			return fail("it is the address of a service, and not a resource", ofURL(subject, text))
		}
		return nil
	}
	rest = strings.TrimSuffix(rest, "/")
	// URLs of tools and of the console have the resource inside.
	switch {
	case scheme == "s3" || scheme == "s3a" || scheme == "s3n":
		return fail("a resource is not a URL", rest)
	case strings.Contains(rest, "console.aws.") || strings.Contains(rest, "console.amazonaws"):
		return fail("it is the address of a page of the console", ofConsole(subject, rest))
	}
	return fail("a resource is not a URL", ofURL(subject, rest))
}

// isURLHost reports whether a text begins with the host of an AWS API.
func isURLHost(text string) bool {
	host, _, _ := strings.Cut(text, "/")
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")
}

// ofURL returns the resource that a URL without its scheme stands for; "" if that is not clear.
func ofURL(subject []AWS, rest string) string {
	host, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "?")
	// By service, where its URLs have the resource.
	for _, s := range subject {
		switch {
		// The URL of a queue: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.
		case s.Service == "sqs" && strings.Contains(path, "/"):
			return path[strings.LastIndexByte(path, '/')+1:]
		case s.Service == "s3":
			// BUCKET.s3.REGION.amazonaws.com/KEY
			if i := strings.Index(host, ".s3"); i > 0 {
				return strings.TrimSuffix(host[:i]+"/"+path, "/")
			}
			if strings.HasPrefix(host, "s3.") || strings.HasPrefix(host, "s3-") {
				return path
			}
		}
	}
	return ""
}

// ofConsole returns the resource whose page of the console a URL without its scheme is; "" if
// that is not clear.
func ofConsole(subject []AWS, rest string) string {
	// What the pages of functions, buckets, queues and objects have in front of the name.
	for _, key := range [...]string{"/functions/", "/buckets/", "name=", "/object/"} {
		_, after, ok := strings.Cut(rest, key)
		if !ok {
			continue
		}
		if i := strings.IndexAny(after, "?&#/"); i >= 0 {
			after = after[:i]
		}
		for _, s := range subject {
			kinds, _, _ := kindsOf(s.Service)
			switch {
			case after == "":
			case s.Service == "s3":
				return after
			case len(kinds) > 0 && s.Service != "sns":
				return kinds[0] + after
			}
		}
	}
	return ""
}
