package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// awsKinds are what the resources of a service begin with, of whichever kind they are, the usual one first: what follows an ARN's fifth colon. A service is
// here whose operations touch nothing else under their own actions; of others, a rule may name what AWS adds tomorrow, or another service's ARN. For sns they
// are what is no topic, which has no slash; for sqs there are none but queues, which have neither slash nor colon.
const awsKinds = `
athena: workgroup/ datacatalog/ capacity-reservation/
dynamodb: table/ global-table/
ecr: repository/
events: event-bus/ rule/ archive/ replay/ connection/ api-destination/ endpoint/ event-source/ target/ event-busv2/ event-sourcev2/ subscriber/ alias/ key/
firehose: deliverystream/
kinesis: stream/ channel/ key/
kms: key/ alias/
lambda: function: layer: event-source-mapping: code-signing-config: capacity-provider: microvm-image: network-connector:
scheduler: schedule/ schedule-group/
secretsmanager: secret:
sns: app/ endpoint/ phone/
sqs:
states: stateMachine: execution: activity: express: mapRun:
`

// newKinds are those of services that take ARNs of others' or get new kinds often: what does not begin so is worth a warning.
const newKinds = `
ecs: cluster/ service/ task/ task-definition/ container-instance/ capacity-provider/ task-set/ service-deployment/ service-revision/ daemon/ daemon-deployment/ daemon-revision/ daemon-task-definition/
logs: log-group: destination: delivery: delivery-source: delivery-destination: anomaly-detector: lookup-table: scheduled-query:
ssm: parameter/ document/ instance/ managed-instance/ association/ automation-definition/ automation-execution/ cloud-connector/ maintenancewindow/ managed-instance-inventory/ opsitem/ opsitemgroup/ opsmetadata/ patchbaseline/ resource-data-sync/ role/ servicesetting/ session/ task/ windowtarget/ windowtask/
`

// beyondIAM are operations for which IAM knows no resource, and whose input names one that the guard knows; * where they are many.
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

func NamesBeyondIAM(p AWS) bool {
	names, _ := words(beyondIAM, p.Service)
	return slices.ContainsFunc(names, func(name string) bool { return MatchGlob(name, p.Operation) })
}

// wrongKind says why what a whitelist rule names can be no resource of its operations, as far as the kinds of all their services are known. certain:
// whatever AWS adds, no call of them will ever touch it. nil: it may be one.
func WrongResource(subject []AWS, text string) (p *report.Problem, certain bool) {
	if service, rest, ok := ownARN(text); ok {
		// A whole ARN says what is meant, so that this is no more than a warning.
		kinds, known := KindsOf(service)
		if known && !slices.ContainsFunc(subject, func(p AWS) bool { return p.Service != service }) && !MayBegin(service, kinds, rest) {
			return kindProblem(service, kinds, text, ""), false
		}
		return nil, false
	}
	if len(subject) == 0 || strings.HasPrefix(text, "arn:") || strings.HasPrefix(text, "*") {
		return nil, false
	}
	certain = true
	for _, s := range subject {
		kinds, known := KindsOf(s.Service)
		if !known || MayBegin(s.Service, kinds, text) {
			return nil, false
		}
		_, closed := words(awsKinds, s.Service)
		certain = certain && closed
	}
	service := subject[0].Service
	kinds, _ := KindsOf(service)
	return kindProblem(service, kinds, text, meantKind(subject, text)), certain
}

// doubtfulResource says why what a whitelist rule names will hardly match; nil: it may.
func DoubtfulResource(subject []AWS, text string) *report.Problem {
	if p, certain := WrongResource(subject, text); p != nil && !certain {
		return p
	}
	bucket := strings.TrimPrefix(text, "arn:aws:s3:::")
	if len(subject) > 0 && !strings.ContainsAny(bucket, "/:*?") && !slices.ContainsFunc(subject, func(p AWS) bool { return !onObject(p) }) {
		return &report.Problem{What: report.Quoted(text) + " is a bucket, and " + subject[0].Text + " is done to objects", Fix: "write " + report.Quoted(text+"/*") + " for all that are in it"}
	}
	return nil
}

// onObject reports whether a pattern names one of S3's operations that are always done to an object.
func onObject(p AWS) bool {
	return p.Service == "s3" && slices.Contains([]string{"getobject", "putobject", "deleteobject", "headobject", "copyobject", "getobjectversion", "deleteobjectversion"}, p.Operation)
}

// words returns what stands in the line of a table that begins with key; ok: there is one.
func words(table, key string) (list []string, ok bool) {
	_, rest, ok := strings.Cut(table, "\n"+key+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Fields(line), ok
}

func KindsOf(service string) (kinds []string, known bool) {
	if kinds, known = words(awsKinds, service); !known {
		kinds, known = words(newKinds, service)
	}
	return kinds, known
}

// ownARN cuts an ARN pattern whose service has no wildcard.
func ownARN(text string) (service, resource string, ok bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || strings.ContainsAny(parts[2], "*?") {
		return "", "", false
	}
	return parts[2], parts[5], true
}

// mayBegin reports whether a pattern can match something that begins as one of a service's kinds does.
func MayBegin(service string, kinds []string, text string) bool {
	begin, wild := text, false
	if i := strings.IndexAny(text, "*?"); i >= 0 {
		begin, wild = text[:i], true
	}
	switch service {
	case "sqs":
		return !strings.ContainsAny(text, "/:")
	case "sns":
		if !strings.Contains(text, "/") {
			return true
		}
	}
	return slices.ContainsFunc(kinds, func(kind string) bool {
		return strings.HasPrefix(begin, kind) || wild && strings.HasPrefix(kind, begin)
	})
}

// meantKind returns what was meant by a name without its kind, or with the wrong character after it; "" for what is not clear.
func meantKind(subject []AWS, text string) string {
	for _, s := range subject {
		kinds, _ := KindsOf(s.Service)
		for _, kind := range kinds {
			word := kind[:len(kind)-1]
			if rest, ok := strings.CutPrefix(text, word); ok && rest != "" && strings.ContainsAny(rest[:1], "/:") {
				return kind + rest[1:]
			}
		}
		if len(kinds) > 0 && s.Service != "sns" && !strings.ContainsAny(text, "/:") {
			return kinds[0] + text
		}
	}
	return ""
}

func kindProblem(service string, kinds []string, text, meant string) *report.Problem {
	p := &report.Problem{What: report.Quoted(text) + " can never match: it is no resource of " + service + "'s"}
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
