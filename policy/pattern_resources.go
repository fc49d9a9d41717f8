package policy

import (
	"slices"
	"strings"
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

func namesBeyondIAM(p awsPattern) bool {
	names, _ := words(beyondIAM, p.service)
	return slices.ContainsFunc(names, func(name string) bool { return glob(name, p.operation) })
}

// wrongKind says why what a whitelist rule names can be no resource of its operations, as far as the kinds of all their services are known. certain:
// whatever AWS adds, no call of them will ever touch it. nil: it may be one.
func wrongKind(subject []awsPattern, text string) (p *problem, certain bool) {
	if service, rest, ok := ownARN(text); ok {
		// A whole ARN says what is meant, so that this is no more than a warning.
		kinds, known := kindsOf(service)
		if known && !slices.ContainsFunc(subject, func(p awsPattern) bool { return p.service != service }) && !mayBegin(service, kinds, rest) {
			return kindProblem(service, kinds, text, ""), false
		}
		return nil, false
	}
	if len(subject) == 0 || strings.HasPrefix(text, "arn:") || strings.HasPrefix(text, "*") {
		return nil, false
	}
	certain = true
	for _, s := range subject {
		kinds, known := kindsOf(s.service)
		if !known || mayBegin(s.service, kinds, text) {
			return nil, false
		}
		_, closed := words(awsKinds, s.service)
		certain = certain && closed
	}
	service := subject[0].service
	kinds, _ := kindsOf(service)
	return kindProblem(service, kinds, text, meantKind(subject, text)), certain
}

// doubtfulResource says why what a whitelist rule names will hardly match; nil: it may.
func doubtfulResource(subject []awsPattern, text string) *problem {
	if p, certain := wrongKind(subject, text); p != nil && !certain {
		return p
	}
	bucket := strings.TrimPrefix(text, "arn:aws:s3:::")
	if len(subject) > 0 && !strings.ContainsAny(bucket, "/:*?") && !slices.ContainsFunc(subject, func(p awsPattern) bool { return !onObject(p) }) {
		return &problem{quoted(text) + " is a bucket, and " + subject[0].text + " is done to objects", "write " + quoted(text+"/*") + " for all that are in it"}
	}
	return nil
}

// onObject reports whether a pattern names one of S3's operations that are always done to an object.
func onObject(p awsPattern) bool {
	return p.service == "s3" && slices.Contains([]string{"getobject", "putobject", "deleteobject", "headobject", "copyobject", "getobjectversion", "deleteobjectversion"}, p.operation)
}

// words returns what stands in the line of a table that begins with key; ok: there is one.
func words(table, key string) (list []string, ok bool) {
	_, rest, ok := strings.Cut(table, "\n"+key+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Fields(line), ok
}

func kindsOf(service string) (kinds []string, known bool) {
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
func mayBegin(service string, kinds []string, text string) bool {
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
func meantKind(subject []awsPattern, text string) string {
	for _, s := range subject {
		kinds, _ := kindsOf(s.service)
		for _, kind := range kinds {
			word := kind[:len(kind)-1]
			if rest, ok := strings.CutPrefix(text, word); ok && rest != "" && strings.ContainsAny(rest[:1], "/:") {
				return kind + rest[1:]
			}
		}
		if len(kinds) > 0 && s.service != "sns" && !strings.ContainsAny(text, "/:") {
			return kinds[0] + text
		}
	}
	return ""
}

func kindProblem(service string, kinds []string, text, meant string) *problem {
	p := &problem{what: quoted(text) + " can never match: it is no resource of " + service + "'s"}
	switch {
	case meant != "":
		p.fix = "did you mean " + quoted(meant) + "?"
	case service == "sqs":
		p.fix = "write the queue's name"
	case service == "sns":
		p.fix = "write the topic's name, or what begins with " + strings.Join(kinds, ", ")
	default:
		p.fix = "begin with " + strings.Join(kinds[:min(len(kinds), 8)], ", ") + ", or write the whole ARN"
	}
	return p
}
