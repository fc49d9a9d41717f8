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
		return strings.TrimSuffix(text, ":") + strings.Repeat(":*", 5-strings.Count(strings.TrimSuffix(text, ":"), ":"))
	}
	return text
}

// truncated reports whether an ARN has fewer than six parts, and no * at its end that could take
// them.
func truncated(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Count(text, ":") < 5 && !strings.HasSuffix(text, "*")
}

// wrongARN says why a text that begins as an ARN does can match no resource of the operations of
// subject. It is nil if it can.
func wrongARN(subject []AWS, text string) *report.Problem {
	parts := readARN(text)
	partition, service, region, account, resource := parts[1], parts[2], parts[3], parts[4], parts[5]
	fail := func(why, meant string) *report.Problem {
		p := &report.Problem{What: report.Quoted(report.Short(text)) + " can never match: " + why, Fix: "write the resource alone, or arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"}
		if meant != "" {
			p.Fix = "did you mean " + report.Quoted(meant) + "?"
		}
		return p
	}
	if alone := withoutHead(subject, resourceAlone(text)); alone != "" {
		return fail("an ARN has five colons before the resource", alone)
	}
	own := func(s AWS) bool { return s.Service == "*" || touchesOf(s.Service, service) }
	switch {
	case !someMatches(partition, partitionIDs()):
		return fail(report.Quoted(partition)+" is not a partition", join(parts, 1, nearPartition(partition)))
	case service == "":
		return fail("it names no service", "")
	case !strings.ContainsAny(service, "*?") && !anyOf(subject, own):
		return fail("it is a resource of "+report.Short(service)+", and not of "+subject[0].Service, join(parts, 2, serviceCase(subject, service)))
	}
	if !strings.ContainsAny(region, "*?") && region != "" && !strings.HasPrefix(service, "s3") {
		if p, certain := WrongRegion(region); p != nil && certain {
			near := nearestRegion(region, strings.Fields(regions))
			return fail(report.Quoted(report.Short(region))+" is not a region", join(parts, 3, near))
		}
		if id := awsname.PartitionOf(region); !MatchGlob(partition, id) && awsname.LooksLikeRegion(region) {
			return fail(region+" is a region of the partition "+id, join(parts, 1, id))
		}
	}
	if strings.Contains(region, "*") && !someMatches(region, append(strings.Fields(regions), "")) {
		return fail("no region begins so: "+report.Quoted(report.Short(region)), "")
	}
	if account != "" && !possibleAccount(account) {
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
	written := strings.Trim(account, "*?") != ""
	switch {
	case !written:
	case service == "bedrock" && strings.HasPrefix(resource, "foundation-model/"):
		return fail("the ARNs of foundation models have no account", resource)
	case service == "apigateway" && strings.HasPrefix(resource, "/restapis/"):
		return fail("the ARNs of REST APIs have no account", resource)
	case service == "iam" && account == "aws" && (strings.HasPrefix(resource, "role/") || strings.HasPrefix(resource, "user/")):
		return fail("AWS's own account has policies alone", resource)
	}
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
	for i := 3; i < len(written); i++ {
		p, _, star := strings.Cut(written[i], "*")
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
	if text == "aws" || awsname.IsAccount(text) {
		return true
	}
	if !strings.ContainsAny(text, "*?") {
		return text == "third-party" || text == "cloudfront"
	}
	return strings.Trim(text, "0123456789*?") == "" && len(strings.ReplaceAll(text, "*", "")) <= 12 || MatchGlob(text, "aws")
}

// nearPartition returns the partition that was meant by a text; "" if that is not clear.
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

func anyOf[T any](list []T, f func(T) bool) bool {
	for _, x := range list {
		if f(x) {
			return true
		}
	}
	return false
}
