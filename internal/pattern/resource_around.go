package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// This file recognizes what stands around a resource, or in the place of one of its parts: marks of
// lists and comments, placeholders, dots of folders.

// around says that a text has something around the resource that was meant. some reports whether a
// subject is of one of some services.
func around(subject []AWS, text string, some func(...string) bool) (p *report.Problem, certain bool) {
	fail := func(why, meant string) (*report.Problem, bool) {
		return neverMatches(text, why, meant, "the resource's name with its kind, or its ARN"), true
	}
	// Keys of objects and log groups may hold anything.
	anything := some("s3", "logs", "iot", "execute-api")
	name, value, assigned := strings.Cut(text, "=")
	switch i := strings.Index(text, "arn:aws"); {
	case strings.HasPrefix(text, "AWS::"):
		return fail("it is a type of CloudFormation", "")
	case strings.HasPrefix(text, "- "):
		return fail("it begins with the dash of a list", strings.TrimLeft(text[2:], " "))
	// "/arn:aws:…" and "QueueArn=arn:aws:…"
	case i > 0 && strings.Count(text[i:], ":") >= 5 && strings.Trim(strings.TrimRight(text[:i], "=/:. "), letters) == "" && strings.ContainsAny(text[i-1:i], "=/:. ") && !strings.HasPrefix(text, "arn:"):
		return fail("something stands in front of the ARN", text[i:])
	case anything:
		return anglesIn(text, false)
	// "name=function:pay"
	case assigned && strings.Trim(name, letters) == "" && beginsAsKind(subject, value):
		return fail("something stands in front of the resource", value)
	case strings.Contains(text, " # "), strings.Contains(text, " // "):
		before, _, _ := strings.Cut(strings.Replace(text, " // ", " # ", 1), " # ")
		return fail("a comment stands behind it", strings.TrimSpace(before))
	}
	return anglesIn(text, true)
}

// letters are those of a word in front of a resource.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

// beginsAsKind reports whether a text begins with a kind of resource of one of the services.
func beginsAsKind(subject []AWS, text string) bool {
	return anyOf(subject, func(s AWS) bool {
		kinds, _, _ := kindsOf(s.Service)
		return anyOf(kinds, func(kind string) bool { return strings.HasPrefix(text, kind) })
	})
}

// anglesIn says that a text has a placeholder in angle brackets, as documents write them:
// "table/<name>". certain is returned with it.
func anglesIn(text string, certain bool) (*report.Problem, bool) {
	before, rest, ok := strings.Cut(text, "<")
	inside, after, closed := strings.Cut(rest, ">")
	if !ok || !closed || inside == "" {
		return nil, false
	}
	why := " can never match: "
	if !certain {
		why = " probably matches nothing: "
	}
	return report.Of(text, why+"<…> has no meaning here", "write "+quoteText(before+"*"+after)), certain
}

// oddParts says that a resource has a part that names rarely have: an empty one, a dot for a
// folder, or its kind once more. text is the resource as written, and rest what follows the fifth
// colon. It is nil for other texts.
func oddParts(service, rest, text string) *report.Problem {
	// Their names may hold anything.
	switch service {
	case "*", "s3", "s3express", "s3-object-lambda", "s3-outposts", "logs", "execute-api", "iot", "apigateway", "glue", "opsworks", "cassandra":
		return nil
	}
	head := strings.TrimSuffix(text, rest)
	problem := func(why, meant string) *report.Problem { return oddPart(text, why, head+meant) }
	for _, dots := range [...]string{"../", "./"} {
		if i := strings.Index(rest, dots); i == 0 || i > 0 && strings.ContainsAny(rest[i-1:i], "/:") {
			return problem(report.Quoted(dots)+" is not a folder here", rest[:i]+rest[i+len(dots):])
		}
	}
	kinds, _, _ := kindsOf(service)
	for _, kind := range kinds {
		if again, ok := strings.CutPrefix(rest, kind); ok && strings.Trim(kind, "/:") != kind && strings.HasPrefix(again, kind) && again != kind {
			return problem("its kind stands there twice", again)
		}
	}
	switch service {
	case "batch", "codebuild", "bedrock", "rds-data", "elasticache", "es", "appconfig", "pipes", "rekognition", "servicediscovery":
		if strings.Contains(rest, " ") {
			p := problem("it holds a blank", "")
			p.Fix = "write the name as AWS shows it"
			return p
		}
	}
	// What ends in a separator, or has two behind its kind, is reported by the others.
	if i := strings.Index(strings.TrimRight(rest, "/"), "//"); i > 0 && strings.ContainsAny(rest[:i], "/:") {
		dense := rest
		for strings.Contains(dense, "//") {
			dense = strings.ReplaceAll(dense, "//", "/")
		}
		return problem("it has an empty part", dense)
	}
	return nil
}

// oddPart is the problem of a resource that has a part that names rarely have.
func oddPart(text, why, meant string) *report.Problem {
	return report.Of(text, " probably matches nothing: "+why, "write "+quoteText(meant))
}
