package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/report"
)

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
	if text == "" || text == "*" {
		return nil, false
	}
	if p := Globs(text, "*"); p != nil {
		return p, true
	}
	if list := several(subject, text); list != nil {
		return &report.Problem{What: report.Quoted(report.Short(text)) + " can never match: it names several resources in one text", Fix: writeList(list)}, true
	}
	if p := wrongForm(subject, text); p != nil {
		return p, true
	}
	if strings.HasPrefix(text, "arn:") {
		if len(subject) == 0 {
			return nil, false
		}
		if p := wrongARN(subject, text); p != nil {
			return p, true
		}
		if m == Narrow && truncated(text) {
			meant := CompleteARN(text)
			if last := text[strings.LastIndexByte(text, ':')+1:]; strings.Contains(text, "*") && last != "" {
				meant = last
			}
			return &report.Problem{What: report.Quoted(report.Short(text)) + " is a truncated ARN", Fix: "write " + quoteText(meant)}, true
		}
		return wrongARNKind(subject, text)
	}
	if len(subject) == 0 {
		return nil, false
	}
	return wrongKind(subject, text)
}

// wrongARNKind says that what follows the fifth colon of a whole ARN is not a resource of its
// service.
func wrongARNKind(subject []AWS, text string) (*report.Problem, bool) {
	service, rest, ok := cutARN(text)
	if !ok {
		return nil, false
	}
	kinds, known, closed := kindsOf(service)
	switch service {
	case "s3":
		p := wrongBucket(rest)
		return p, p != nil
	case "sts":
		if own := []string{"federated-user/", "assumed-role/", "self"}; !mayBegin(service, own, rest) {
			return kindProblem(service, own, text, strings.Replace(text, ":sts:", ":iam:", 1)), true
		}
	}
	if p := unfinished(service, kinds, rest, text); p != nil {
		return p, true
	}
	if !known || mayBegin(service, kinds, rest) {
		return nil, false
	}
	meant := meantKind([]AWS{{Service: service, Operation: subject[0].Operation}}, rest)
	if meant != "" {
		meant = strings.TrimSuffix(text, rest) + meant
	}
	return kindProblem(service, kinds, text, meant), closed
}

// wrongKind is WrongResource for what follows the fifth colon of an ARN.
func wrongKind(subject []AWS, text string) (p *report.Problem, certain bool) {
	if strings.HasPrefix(text, "*") {
		return nil, false
	}
	certain = true
	for _, s := range subject {
		kinds, known, closed := kindsOf(s.Service)
		if s.Service == "s3" {
			if p := wrongBucket(text); p != nil && len(subject) == 1 {
				return p, true
			} else if p != nil {
				continue
			}
			return nil, false
		}
		if p := unfinished(s.Service, kinds, text, text); p != nil && len(subject) == 1 {
			return p, true
		}
		if !known || mayBegin(s.Service, kinds, text) {
			return nil, false
		}
		certain = certain && closed
	}
	service := subject[0].Service
	kinds, _, _ := kindsOf(service)
	return kindProblem(service, kinds, text, meantKind(subject, text)), certain
}

// unfinished says that a resource has no name behind its kind, or a slash too many around it.
// text is the resource as written, and rest what follows the fifth colon. It is nil for other
// texts.
func unfinished(service string, kinds []string, rest, text string) *report.Problem {
	if _, closed := words(closedKinds, service); !closed {
		return nil
	}
	fail := func(why, meant string) *report.Problem {
		return &report.Problem{
			What: report.Quoted(report.Short(text)) + " can never match: " + why,
			Fix:  "did you mean " + report.Quoted(strings.TrimSuffix(text, rest)+meant) + "?",
		}
	}
	for _, kind := range kinds {
		name, ok := strings.CutPrefix(rest, kind)
		switch {
		case !ok || strings.Trim(kind, "/:") == kind:
			continue
		case name == "":
			return fail("it names a kind, and no resource", kind+"*")
		case kind[len(kind)-1] == '/' && name[0] == '/':
			return fail("it has a slash too many", kind+strings.TrimLeft(name, "/"))
		case service != "ssm" && service != "logs" && !strings.ContainsAny(name[len(name)-1:], "*?") && strings.ContainsAny(name[len(name)-1:], "/:"):
			return fail("nothing follows its end", kind+strings.TrimRight(name, "/:"))
		}
	}
	return nil
}

// wrongBucket says why a text can be neither a bucket nor something in one; nil if it can.
func wrongBucket(text string) *report.Problem {
	bucket, _, _ := strings.Cut(text, "/")
	i := strings.IndexAny(bucket, "!,;:()&$@=+ ")
	switch {
	case bucket == "" && strings.Trim(text, "/") != "":
		return &report.Problem{What: report.Quoted(report.Short(text)) + " can never match: it begins with a slash, and not with a bucket", Fix: "write " + quoteText(strings.TrimLeft(text, "/"))}
	case i >= 0:
		meant := strings.Trim(text, "!")
		if after := afterWord(text, "bucket", "s3"); after != "" {
			meant = strings.TrimLeft(after, "/")
		}
		if b, key, _ := strings.Cut(meant, ":"); !strings.Contains(b, "/") && key != "" {
			meant = b + "/" + strings.TrimPrefix(key, "/")
		}
		p := &report.Problem{What: report.Quoted(report.Short(text)) + " can never match: a bucket's name holds letters, digits, hyphens and dots", Fix: "write BUCKET, or BUCKET/KEY"}
		if b, _, _ := strings.Cut(meant, "/"); !strings.ContainsAny(b, "!,;:()&$@=+ ") {
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
	bucket := strings.TrimPrefix(text, "arn:aws:s3:::")
	if len(subject) == 0 || strings.ContainsAny(bucket, "/:*?") || slices.ContainsFunc(subject, func(p AWS) bool { return !onObject(p) }) {
		return nil
	}
	return &report.Problem{
		What: report.Quoted(report.Short(text)) + " is a bucket, and " + subject[0].Text + " is done to objects",
		Fix:  "write " + quoteText(text+"/*") + " for all that are in it",
	}
}

// onObject reports whether a pattern names one of S3's operations that are always done to an
// object.
func onObject(p AWS) bool {
	return p.Service == "s3" && slices.Contains([]string{
		"getobject", "putobject", "deleteobject", "headobject", "copyobject", "getobjectversion", "deleteobjectversion",
	}, p.Operation)
}

// cutARN cuts an ARN pattern whose service has no wildcard.
func cutARN(text string) (service, resource string, ok bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || strings.ContainsAny(parts[2], "*?") {
		return "", "", false
	}
	return parts[2], parts[5], true
}

// several returns the resources that a text names, if there are more than one: "table/a, table/b".
func several(subject []AWS, text string) []string {
	if len(text) > maxProposed || !strings.ContainsAny(text, ",; |") || strings.ContainsAny(text, "()") {
		return nil
	}
	list := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; |", r) })
	if len(list) < 2 {
		return nil
	}
	for _, s := range list {
		if strings.HasPrefix(s, "arn:") {
			continue
		}
		one := func(p AWS) bool {
			kinds, known, _ := kindsOf(p.Service)
			switch {
			case p.Service == "s3": // a key may hold commas and blanks
				b, key, ok := strings.Cut(s, "/")
				return strings.HasSuffix(s, "/*") ||
					strings.ContainsAny(text, ",;|") && ok && len(b) > 2 && key != "" && wrongBucket(s) == nil && b == strings.ToLower(b)
			case p.Service == "sqs":
				return true
			}
			return known && (mayBegin(p.Service, kinds, s) || meantKind([]AWS{p}, s) != "")
		}
		if !anyOf(subject, one) {
			return nil
		}
	}
	for i, s := range list {
		if p, _ := wrongKind(subject, s); p != nil && !strings.HasPrefix(s, "arn:") {
			if meant := meantKind(subject, s); meant != "" {
				list[i] = meant
			}
		}
	}
	return list
}

// wrongForm says that a text has the form of something else than a resource: a URL, or an ARN in
// capital letters. It is nil for other texts.
func wrongForm(subject []AWS, text string) *report.Problem {
	fail := func(why, meant string) *report.Problem {
		p := &report.Problem{What: report.Quoted(report.Short(text)) + " can never match: " + why, Fix: "write the resource's ARN, or what follows its fifth colon"}
		if meant != "" {
			p.Fix = "write " + quoteText(meant)
		}
		return p
	}
	if len(text) > 4 && strings.EqualFold(text[:4], "arn:") && text[:4] != "arn:" {
		parts := strings.SplitN(text, ":", 6)
		for i := 0; i < min(len(parts), 5); i++ {
			parts[i] = strings.ToLower(parts[i])
		}
		return fail("ARNs are compared exactly, and begin with small letters", strings.Join(parts, ":"))
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if ok && strings.ContainsAny(scheme, "/:*? ") {
		return nil // in a key
	}
	if !ok {
		if isURLHost(text) {
			return fail("it is the address of a service, and not a resource", ofURL(subject, text))
		}
		return nil
	}
	rest = strings.TrimSuffix(rest, "/")
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
	for _, s := range subject {
		switch {
		case s.Service == "sqs" && strings.Contains(path, "/"):
			return path[strings.LastIndexByte(path, '/')+1:]
		case s.Service == "s3":
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

// kindProblem words that a text is not a resource of a service.
func kindProblem(service string, kinds []string, text, meant string) *report.Problem {
	p := &report.Problem{What: report.Quoted(report.Short(text)) + " can never match: it is not a resource of " + service}
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
