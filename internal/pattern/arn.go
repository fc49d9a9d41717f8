package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
)

// This file says why an ARN in a rule can match nothing.

// CompleteARN returns an ARN with fewer than six parts as IAM reads it: with a * in the place of
// each part that is missing. Any other text is returned as it is.
func CompleteARN(text string) string {
	if n := strings.Count(text, ":"); strings.HasPrefix(text, "arn:") && n < 5 {
		text = strings.TrimSuffix(text, ":")
		return text + ":*:*:*:*:*"[2*strings.Count(text, ":"):]
	}
	return text
}

// truncated reports whether an ARN has fewer than six parts, and no * at its end that could take
// them.
func truncated(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Count(text, ":") < 5 && !strings.HasSuffix(text, "*")
}

// neverMatchesAsARN is the problem of an ARN that can never match.
func neverMatchesAsARN(text, why, meant string) *report.Problem {
	fix := "write the resource alone, or arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"
	if meant != "" {
		fix = "did you mean " + report.Quoted(meant) + "?"
	}
	return report.Of(text, " can never match: "+why, fix)
}

// wrongARN says why a text that begins as an ARN does can match no resource of the operations of
// subject. It is nil if it can.
func wrongARN(subject []AWS, text string) *report.Problem {
	parts := readARN(text)
	partition, service, region, account, resource := parts[1], parts[2], parts[3], parts[4], parts[5]
	fail := func(why, meant string) *report.Problem { return neverMatchesAsARN(text, why, meant) }
	// "arn:aws:sqs:orders" has its resource too early. What is meant is the resource alone.
	if alone := withoutHead(subject, resourceAlone(text)); alone != "" {
		return fail("an ARN has five colons before the resource", alone)
	}
	// Services touch each other's resources: events:PutRule names a topic of sns.
	own := func(s AWS) bool { return s.Service == "*" || touchesOf(s.Service, service) }
	// From left to right through the parts of the ARN.
	switch {
	case !someMatches(partition, partitionIDs()):
		return fail(report.Quoted(partition)+" is not a partition", join(parts, 1, nearPartition(partition)))
	case service == "":
		return fail("it names no service", "")
	case !strings.ContainsAny(service, "*?") && !anyOf(subject, own):
		return fail("it is a resource of "+report.Short(service)+", and not of "+subject[0].Service, join(parts, 2, serviceCase(subject, service)))
	}
	// S3's ARNs have no region, or one in the place that only access points have.
	if !strings.ContainsAny(region, "*?") && region != "" && !strings.HasPrefix(service, "s3") {
		if p, certain := WrongRegion(region); p != nil && certain {
			near := nearestRegion(region, strings.Fields(regions))
			return fail(report.Quoted(report.Short(region))+" is not a region", join(parts, 3, near))
		}
		// The region and the partition must agree: cn-north-1 is in aws-cn.
		if id := awsname.PartitionOf(region); !MatchGlob(partition, id) && awsname.LooksLikeRegion(region) {
			return fail(region+" is a region of the partition "+id, join(parts, 1, id))
		}
	}
	if strings.Contains(region, "*") && !someMatches(region, append(strings.Fields(regions), "")) {
		return fail("no region begins so: "+report.Quoted(report.Short(region)), "")
	}
	// A pattern may stand for several accounts.
	if account != "" && !possibleAccount(account) {
		// An account in another notation has a fix of its own, which names the 12 digits.
		meant := ""
		if p := WrongAccount(account); p != nil && strings.HasPrefix(p.Fix, `write "`) {
			meant = join(parts, 4, strings.Trim(p.Fix[len("write "):], `"`))
		}
		return fail(report.Quoted(report.Short(account))+" is not an account", meant)
	}
	if resource == "" {
		return fail("it names no resource", text+"*")
	}
	return wrongPlace(service, region, account, resource, fail)
}

// wrongPlace says that an ARN lacks a region or an account, or has one that its kind of resource
// has not.
func wrongPlace(service, region, account, resource string, fail func(why, meant string) *report.Problem) *report.Problem {
	exempt := func(kinds []string) bool {
		return anyOf(kinds, func(k string) bool { return mayBegin("", []string{k}, resource) })
	}
	// written: the account is more than wildcards.
	written := strings.Trim(account, "*?") != ""
	switch {
	// Kinds of resources that are AWS's own, or nobody's in particular.
	case !written:
	case service == "bedrock" && strings.HasPrefix(resource, "foundation-model/"):
		return fail("the ARNs of foundation models have no account", resource)
	case service == "apigateway" && strings.HasPrefix(resource, "/restapis/"):
		return fail("the ARNs of REST APIs have no account", resource)
	case service == "iam" && account == "aws" && (strings.HasPrefix(resource, "role/") || strings.HasPrefix(resource, "user/")):
		return fail("AWS's own account has policies alone", resource)
	}
	// regional and global list the services. exempt has the kinds that differ.
	if kinds, ok := words(regional, service); ok && !exempt(kinds) {
		switch {
		case region == "" && account == "":
			return fail("the ARNs of "+service+" have a region and an account", resource)
		case region == "":
			return fail("the ARNs of "+service+" have a region", resource)
		case account == "":
			return fail("the ARNs of "+service+" have an account", resource)
		}
	}
	if kinds, ok := words(global, service); ok && !exempt(kinds) {
		switch {
		case strings.Trim(region, "*") != "":
			return fail("the ARNs of "+service+" have no region", resource)
		case strings.Trim(account, "*") != "" && service != "iam":
			return fail("the ARNs of "+service+" have no account", resource)
		case account == "" && service == "iam":
			return fail("the ARNs of "+service+" have an account", resource)
		}
	}
	return nil
}

// readARN returns the six parts of an ARN as it is read. In one with fewer parts, the first * takes
// everything up to the end.
func readARN(text string) []string {
	parts := strings.SplitN(CompleteARN(text), ":", 6)
	if strings.Count(text, ":") >= 5 {
		return parts
	}
	// "arn:aws:s3:*" takes all that follows, whatever its parts.
	for i, p := range parts {
		if begin, _, ok := strings.Cut(p, "*"); ok {
			parts[i] = begin + "*"
			for j := i + 1; j < len(parts); j++ {
				parts[j] = "*"
			}
			break
		}
	}
	return parts
}

// resourceAlone returns the resource of an ARN with too few colons, which stands in the place of
// its region or account; "" if nothing does.
func resourceAlone(text string) string {
	if strings.Count(text, ":") >= 5 {
		return ""
	}
	written, all := strings.Split(text, ":"), strings.Fields(regions)
	// The region is the part of index 3, the account that of index 4.
	for i := 3; i < len(written); i++ {
		p, _, star := strings.Cut(written[i], "*")
		// In turn: an empty part, a wildcard for one, a region, an account. What is left is a
		// resource.
		switch {
		case p == "" && !star:
			continue
		case star && (p == "" || i == 3 && someMatches(p+"*", all) || i == 4 && strings.Trim(p, "0123456789") == ""):
			return ""
		case !star && i == 3 && (awsname.LooksLikeRegion(p) || len(p) < 16 && strings.Contains(p, "-") && nearestRegion(p, all) != ""):
			continue // perhaps a misspelled region
		case !star && i == 4 && possibleAccount(p):
			continue
		}
		return strings.Join(written[i:], ":")
	}
	return ""
}

// possibleAccount reports whether a pattern can match an account in an ARN.
func possibleAccount(text string) bool {
	// Parts of AWS's own: arn:aws:iam::aws:policy/ReadOnlyAccess.
	if text == "aws" || awsname.IsAccount(text) {
		return true
	}
	// Two further words stand in this place of some ARNs.
	if !strings.ContainsAny(text, "*?") {
		return text == "third-party" || text == "cloudfront"
	}
	// "1111*" may be the beginning of 12 digits.
	return strings.Trim(text, "0123456789*?") == "" && len(strings.ReplaceAll(text, "*", "")) <= 12 || MatchGlob(text, "aws")
}

// nearPartition returns the partition that was meant by a text; "" if that is not clear. An empty
// text means aws: "arn::s3:::bucket".
func nearPartition(text string) string {
	if text == "" {
		return "aws"
	}
	switch text {
	case "aws-gov", "gov", "us-gov", "aws-govcloud":
		return "aws-us-gov"
	case "cn", "china", "aws-china":
		return "aws-cn"
	}
	return report.Nearest(text, partitionIDs())
}

// partitionIDs returns the ids of all partitions: aws, aws-cn and others.
func partitionIDs() (ids []string) {
	for _, p := range awsname.All() {
		ids = append(ids, p.ID)
	}
	return ids
}

// serviceCase returns the service that was meant by one in other letters, or by the name of its
// package; "" if that is not clear.
func serviceCase(subject []AWS, service string) string {
	for _, s := range subject {
		if strings.EqualFold(s.Service, service) || report.Nearest(service, []string{s.Service}) != "" && len(service) > 3 {
			return s.Service
		}
	}
	return ""
}

// join returns an ARN with one part replaced; "" if there is nothing to replace it with.
func join(parts []string, i int, part string) string {
	if part == "" {
		return ""
	}
	out := append([]string(nil), parts...)
	out[i] = part
	return strings.Join(out, ":")
}

// someMatches reports whether a glob takes one of some texts.
func someMatches(glob string, list []string) bool {
	return anyOf(list, func(s string) bool { return MatchGlob(glob, s) })
}

// anyOf reports whether f holds for one of a list. It is false for an empty one.
func anyOf[T any](list []T, f func(T) bool) bool {
	for _, x := range list {
		if f(x) {
			return true
		}
	}
	return false
}
