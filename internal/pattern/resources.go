package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/report"
)

// This file says why a resource in a rule can match no call.

// beyondIAM are operations for which IAM knows no resource, and whose input names one that the
// guard knows; * where they are many.
const beyondIAM = `
appconfig: *
athena: listdatacatalogs
batch: *
bedrock: *
cloudfront: *
cloudwatch: listmanagedinsightrules
cognito-identity: *
dynamodb: listbackups listcontributorinsights liststreams
ecs: *
es: *
events: list* putpermission removepermission
glue: *
iot: list*
kinesis: *
kms: listaliases
lambda: createeventsourcemapping listeventsourcemappings listlayerversions
logs: *
redshift-data: liststatements
rekognition: *
route53: *
s3: getaccesspoint listaccessgrantsinstances listaccesspoints putstoragelensconfiguration
secretsmanager: batchgetsecretvalue
servicediscovery: *
ses: *
sns: *
ssm: *
transcribe: *
xray: *
`

// namesBeyondIAM reports whether a pattern may name an operation whose input names a resource that
// IAM does not know.
func namesBeyondIAM(p AWS) bool {
	names, _ := words(beyondIAM, p.Service)
	return slices.ContainsFunc(names, func(name string) bool { return MatchGlob(name, p.Operation) })
}

// WrongResource says why a resource can match no call of a rule's operations, as far as the kinds
// of all their services are known. certain: whatever AWS adds, no call of them will ever touch
// it. p is nil if it may match. The mode is that of the rule: a truncated ARN is read as IAM does
// in a blacklist, and cannot be read in a whitelist.
func WrongResource(subject []AWS, text string, m Mode) (p *report.Problem, certain bool) {
	// The fix is judged like a resource, so that nobody has to correct it twice.
	if p, certain = wrongResource(subject, text, m); p != nil {
		p.Fix = cured(subject, text, m, p.Fix)
	}
	return p, certain
}

// wrongResource is WrongResource, whose fix has not been judged.
func wrongResource(subject []AWS, text string, m Mode) (p *report.Problem, certain bool) {
	if text == "" || text == "*" || strings.ContainsAny(text, "\n\r") {
		return nil, false // several lines are reported as a slip
	}
	// From notations that are wrong for every service, to the kinds of the services.
	if p, certain := wrongText(subject, text); p != nil {
		return p, certain
	}
	if p := Globs(strings.ReplaceAll(text, "[$LATEST]", ""), "*"); p != nil { // of a function's log streams
		return p, true
	}
	// "table/a, table/b"
	if list := several(subject, text); list != nil {
		return report.Of(text, " can never match: it names several resources in one text", writeList(list)), true
	}
	if p := wrongForm(subject, text); p != nil {
		return p, true
	}
	if strings.HasPrefix(text, "arn:") {
		// Without a service, as under aws: any, only the notation can be judged.
		if len(subject) == 0 {
			return nil, false
		}
		if p := wrongARN(subject, text); p != nil {
			return p, true
		}
		// IAM completes a truncated ARN. In a whitelist, that would open more than was written.
		if m == Narrow && truncated(text) {
			meant := CompleteARN(text)
			if last := text[strings.LastIndexByte(text, ':')+1:]; strings.Contains(text, "*") && last != "" {
				meant = last
			}
			return report.Of(text, " is a truncated ARN", "write "+quoteText(meant)), true
		}
		return wrongARNKind(subject, text, m)
	}
	if len(subject) == 0 {
		return nil, false
	}
	return wrongKind(subject, text, m)
}

// wrongARNKind says that what follows the fifth colon of a whole ARN is not a resource of its
// service.
func wrongARNKind(subject []AWS, text string, m Mode) (*report.Problem, bool) {
	service, rest, ok := cutARN(text)
	if !ok {
		return nil, false
	}
	// What is known of the service decides whether the doubt is certain.
	kinds, known, closed := kindsOf(service)
	// Buckets have no kind, and STS's own kinds are few.
	switch service {
	case "s3":
		p := wrongBucket(rest)
		return p, p != nil
	case "sts":
		// Roles are resources of IAM, although STS is what assumes them.
		if own := []string{"federated-user/", "assumed-role/", "self"}; !mayBegin(service, own, rest) {
			return kindProblem(service, own, text, strings.Replace(text, ":sts:", ":iam:", 1)), true
		}
	}
	// A missing name, a missing part, an open end, and at last another kind. Kinds that may grow
	// are left alone at first: a new one may look so.
	if closed {
		if p := unfinished(service, kinds, rest, text); p != nil {
			return p, true
		}
	}
	if p := tooFewParts(service, rest, text, m); p != nil {
		return p, true
	}
	// A warning in any case: some resource may end so.
	if p := openEnd(service, rest, text); p != nil {
		return p, false
	}
	if !known || mayBegin(service, kinds, rest) {
		return nil, false
	}
	// What is proposed keeps the head of the ARN.
	meant := meantKind([]AWS{{Service: service, Operation: subject[0].Operation}}, rest)
	if meant != "" {
		meant = strings.TrimSuffix(text, rest) + meant
	}
	return kindProblem(service, kinds, text, meant), closed
}

// wrongKind is WrongResource for what follows the fifth colon of an ARN.
func wrongKind(subject []AWS, text string, m Mode) (p *report.Problem, certain bool) {
	// A wildcard in front takes the kind, too.
	if strings.HasPrefix(text, "*") {
		return nil, false
	}
	// It is certain only if all of the services have closed kinds.
	certain = true
	// One subject that it may be a resource of is enough. short is the problem with a part that is
	// missing.
	var short *report.Problem
	for _, s := range subject {
		if p := tooFewParts(s.Service, text, text, m); p != nil {
			short = p
			continue
		}
		// Two services may share the rule: the text can be a resource of the other one.
		if s.Service == "s3" {
			if p := wrongBucket(text); p != nil && len(subject) == 1 {
				return p, true
			} else if p != nil {
				continue
			}
			return nil, false
		}
		kinds, known, closed := kindsOf(s.Service)
		if closed && len(subject) == 1 {
			if p := unfinished(s.Service, kinds, text, text); p != nil {
				return p, true
			}
		}
		if !known || mayBegin(s.Service, kinds, text) {
			return openEnd(s.Service, text, text), false
		}
		certain = certain && closed
	}
	if short != nil {
		return short, true
	}
	// The first service stands for all in the message.
	service := subject[0].Service
	kinds, _, _ := kindsOf(service)
	return kindProblem(service, kinds, text, meantKind(subject, text)), certain
}

// unfinished says that a resource has no name behind its kind, or a slash too many around it.
// text is the resource as written, and rest what follows the fifth colon. It is nil for other
// texts. The service has all of its kinds in the tables.
func unfinished(service string, kinds []string, rest, text string) *report.Problem {
	fail := func(why, meant string) *report.Problem {
		return report.Of(text, " can never match: "+why, "did you mean "+report.Quoted(strings.TrimSuffix(text, rest)+meant)+"?")
	}
	// Names without a kind. A topic has none, unless it is of another kind of SNS.
	if service == "sqs" || service == "sns" && !strings.Contains(rest, "/") && !strings.HasPrefix(rest, "topic:") {
		if service == "sqs" && strings.ContainsAny(rest, "/:") {
			return nil // reported with the queue's name
		}
		return misspelled(service, "", rest, text)
	}
	for _, kind := range kinds {
		name, ok := strings.CutPrefix(rest, kind)
		// With a slash in front, the name has a slash too many, which is reported below.
		if p := misspelled(service, kind, name, text); ok && p != nil && (service == "logs" || !strings.HasPrefix(name, "/")) {
			return p
		}
		switch {
		// Kinds without a separator, such as root, have no name.
		case !ok || strings.Trim(kind, "/:") == kind:
			continue
		case name == "":
			p := fail("it names a kind, and no resource", "")
			p.Fix = "write " + quoteText(strings.TrimSuffix(text, rest)+kind+"*") + " for each of them, or name the one that is meant"
			return p
		case kind[len(kind)-1] == '/' && name[0] == '/':
			return fail("it has a slash too many", kind+strings.TrimLeft(name, "/"))
		// A parameter and a log group may have any end.
		case service != "ssm" && service != "logs" && !strings.ContainsAny(name[len(name)-1:], "*?") && strings.ContainsAny(name[len(name)-1:], "/:"):
			return fail("nothing follows its end", kind+strings.TrimRight(name, "/:"))
		}
	}
	return nil
}

// cutARN cuts an ARN pattern whose service has no wildcard.
func cutARN(text string) (service, resource string, ok bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || strings.ContainsAny(parts[2], "*?") {
		return "", "", false
	}
	return parts[2], parts[5], true
}

// kindProblem words that a text is not a resource of a service.
func kindProblem(service string, kinds []string, text, meant string) *report.Problem {
	p := report.Of(text, " can never match: it is not a resource of "+service, "")
	switch {
	case meant != "":
		p.Fix = "did you mean " + report.Quoted(meant) + "?"
	case service == "sqs":
		p.Fix = "write the queue's name"
	case service == "sns":
		p.Fix = "write the topic's name, or what begins with " + strings.Join(kinds, ", ")
	default:
		p.Fix = "begin with " + strings.Join(kinds[:min(len(kinds), 8)], ", ") + ", or write the whole ARN"
	}
	return p
}

// Resourceless reports whether an operation that a pattern names in full takes no resource, so that
// rules with resources: never match it.
func Resourceless(p AWS) bool {
	if strings.ContainsAny(p.Operation, "*?") || namesBeyondIAM(p) {
		return false
	}
	e, ok := awsops.Find(p.Service, p.Operation)
	return ok && !e.Takes
}
