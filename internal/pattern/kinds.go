package pattern

import (
	"slices"
	"strings"
)

// closedKinds are the beginnings of a service's resources, one for each kind of resource: what
// follows an ARN's fifth colon. The usual kind comes first. A service is here if its operations
// touch nothing else under their own actions, or if the kinds of others that they touch are
// listed too.
//
// For sns they are what is not a topic: the name of a topic holds no slash. For sqs there are only
// queues, whose names hold neither slash nor colon. After an @ come other services whose ARNs the
// operations touch; @* stands for any.
const closedKinds = `
athena: workgroup/ datacatalog/ capacity-reservation/
cognito-identity: identitypool/
cognito-idp: userpool/ @wafv2
dynamodb: table/ global-table/ @kinesis
ecr: repository/
ecs: cluster/ service/ task/ task-definition/ container-instance/ capacity-provider/ task-set/ service-deployment/ service-revision/ daemon/ daemon-deployment/ daemon-revision/ daemon-task-definition/
events: event-bus/ rule/ archive/ replay/ connection/ api-destination/ endpoint/ event-source/ target/ event-busv2/ event-sourcev2/ subscriber/ alias/ key/ @kms
firehose: deliverystream/
iam: role/ user/ policy/ group/ instance-profile/ access-report/ assumed-role/ delegation-request/ federated-user/ mfa/ oidc-provider/ role-template/ saml-provider/ server-certificate/ sms-mfa/ contextProvider/ root @sts
kinesis: stream/ channel/ key/ @kms
kms: key/ alias/
lambda: function: layer: event-source-mapping: code-signing-config: capacity-provider: microvm-image: network-connector:
logs: log-group: destination: delivery: delivery-source: delivery-destination: anomaly-detector: lookup-table: scheduled-query: @*
scheduler: schedule/ schedule-group/
secretsmanager: secret:
sns: app/ endpoint/ phone/
sqs:
ssm: parameter/ document/ instance/ managed-instance/ association/ automation-definition/ automation-execution/ cloud-connector/ maintenancewindow/ managed-instance-inventory/ opsitem/ opsitemgroup/ opsmetadata/ patchbaseline/ resource-data-sync/ role/ servicesetting/ session/ task/ windowtarget/ windowtask/ @*
states: stateMachine: execution: activity: express: mapRun:
sts: role/ user/ federated-user/ assumed-role/ contextProvider/ root self @iam
`

// openKinds are those of services that take ARNs of others, or get new kinds often. What does not
// begin so is worth a warning, and no more.
const openKinds = `
apigateway: /restapis /apis /domainnames /usageplans /apikeys /vpclinks /clientcertificates /account /tags /portals /portalproducts /domainnameaccessassociations
appconfig: application/ deploymentstrategy/ extension/ extensionassociation/
batch: job-queue/ job-definition/ job/ compute-environment/ consumable-resource/ scheduling-policy/ service-environment/ service-job/
bedrock: foundation-model/ inference-profile/ application-inference-profile/ knowledge-base/ agent/ agent-alias/ guardrail/ flow/ prompt/ custom-model/ provisioned-model/ imported-model/ session/ advanced-prompt-optimization-job/ async-invoke/ automated-reasoning-policy/ marketplace/ blueprint/ blueprint-optimization-invocation/ custom-model-deployment/ data-automation-invocation/ data-automation-library/ data-automation-library-ingestion-job/ data-automation-profile/ data-automation-project/ default-prompt-router/ evaluation-job/ guardrail-profile/ model-copy-job/ model-customization-job/ model-evaluation-job/ model-import-job/ model-invocation-job/ project/ prompt-router/ system-tool/ @*
cloudformation: stack/ stackset/ changeSet/ stackset: stackset-target/ type/ generatedTemplate/ resourceScan/ @*
cloudfront: distribution/ function/ cache-policy/ key-value-store/ anycast-ip-list/ connection-function/ connection-group/ continuous-deployment-policy/ distribution-tenant/ field-level-encryption-config/ field-level-encryption-profile/ origin-access-control/ origin-access-identity/ origin-request-policy/ realtime-log-config/ response-headers-policy/ streaming-distribution/ trust-store/ vpcorigin/ @*
cloudwatch: alarm: dashboard/ insight-rule/ metric-stream/ access-grant/ access-profile/ alarm-mute-rule: alert/ dataset/ domain/ ingestion-endpoint/ integration/ omni-dashboard/ organization-access-grant/ organization-domain/ service/ slo/ space/ view/ @*
codebuild: project/ build/ build-batch/ fleet/ report/ report-group/ sandbox/
comprehend: document-classifier/ document-classifier-endpoint/ entity-recognizer/ entity-recognizer-endpoint/ flywheel/ document-classification-job/ dominant-language-detection-job/ entities-detection-job/ events-detection-job/ key-phrases-detection-job/ pii-entities-detection-job/ sentiment-detection-job/ targeted-sentiment-detection-job/ topics-detection-job/ @*
ec2: instance/ volume/ security-group/ subnet/ vpc/ image/ snapshot/ network-interface/ application-status-check/ capacity-block/ capacity-manager-data-export/ capacity-reservation-cancellation-quote/ capacity-reservation-fleet/ capacity-reservation/ carrier-gateway/ certificate/ client-vpn-endpoint/ coip-pool/ customer-gateway/ declarative-policies-report/ dedicated-host/ dhcp-options/ egress-only-internet-gateway/ elastic-gpu/ elastic-inference-accelerator/ elastic-ip/ export-image-task/ export-instance-task/ fleet/ fpga-image/ group/ host-reservation/ image-usage-report/ import-image-task/ import-snapshot-task/ instance-connect-endpoint/ instance-event-window/ internet-gateway/ ipam-external-resource-verification-token/ ipam-internet-registry-association/ ipam-policy/ ipam-pool-allocation/ ipam-pool/ ipam-prefix-list-resolver-target/ ipam-prefix-list-resolver/ ipam-resource-discovery-association/ ipam-resource-discovery/ ipam-scope/ ipam/ ipv4pool-ec2/ ipv6pool-ec2/ key-pair/ launch-template/ local-gateway-route-table-virtual-interface-group-association/ local-gateway-route-table-vpc-association/ local-gateway-route-table/ local-gateway-virtual-interface-group/ local-gateway-virtual-interface/ local-gateway/ mac-modification-task/ natgateway/ network-acl/ network-insights-access-scope-analysis/ network-insights-access-scope/ network-insights-analysis/ network-insights-path/ outpost-lag/ placement-group/ prefix-list/ replace-root-volume-task/ reserved-instances/ role/ route-server-endpoint/ route-server-peer/ route-server/ route-table/ secondary-interface/ secondary-network/ secondary-subnet/ security-group-rule/ spot-fleet-request/ spot-instances-request/ subnet-cidr-reservation/ traffic-mirror-filter-rule/ traffic-mirror-filter/ traffic-mirror-session/ traffic-mirror-target/ transit-gateway-attachment/ transit-gateway-connect-peer/ transit-gateway-metering-policy/ transit-gateway-multicast-domain/ transit-gateway-policy-table/ transit-gateway-route-table-announcement/ transit-gateway-route-table/ transit-gateway/ verified-access-endpoint-target/ verified-access-endpoint/ verified-access-group/ verified-access-instance/ verified-access-policy/ verified-access-trust-provider/ vpc-block-public-access-exclusion/ vpc-encryption-control/ vpc-endpoint-connection/ vpc-endpoint-service-permission/ vpc-endpoint-service/ vpc-endpoint/ vpc-flow-log/ vpc-peering-connection/ vpn-concentrator/ vpn-connection-device-type/ vpn-connection/ vpn-gateway/ @*
elasticache: cluster: replicationgroup: serverlesscache: snapshot: globalreplicationgroup: parametergroup: reserved-instance: securitygroup: serverlesscachesnapshot: subnetgroup: user: usergroup: @*
es: domain/ application/ datasource/ role/ @*
glue: database/ table/ catalog job/ crawler/ connection/ trigger/ workflow/ registry/ schema/ session/ blueprint/ completion/ connectionType: customEntityType/ dataQualityRuleset/ devEndpoint/ integration: integrationresourceproperty/ mlTransform/ tableVersion/ usageProfile/ userDefinedFunction/ @*
pipes: pipe/ @*
polly: lexicon/ @*
rds-data: cluster: @*
redshift-data: cluster: workgroup/ managed-workgroup/ @*
rekognition: collection/ project/ streamprocessor/ @*
route53: hostedzone/ healthcheck/ change/ cidrcollection/ delegationset/ queryloggingconfig/ trafficpolicy/ trafficpolicyinstance/ vpc/ @*
servicediscovery: service/ namespace/ @*
ses: identity/ configuration-set/ template/ custom-verification-email-template/ contact-list/ dedicated-ip-pool/ deliverability-test-report/ addon-instance/ addon-subscription/ export-job/ import-job/ mailmanager-address-list/ mailmanager-archive/ mailmanager-ingress-point/ mailmanager-rule-set/ mailmanager-smtp-relay/ mailmanager-traffic-policy/ multi-region-endpoint/ reputation-policy/ tenant/ @*
textract: /adapters @*
timestream: database/ scheduled-query/ @*
transcribe: transcription-job/ vocabulary/ vocabulary-filter/ language-model/ medical-vocabulary/ medical-transcription-job/ medical-scribe-job/ analytics/ analytics-category/ @*
translate: terminology/ parallel-data/ @*
xray: group/ sampling-rule/ @*
`

// regional are the services whose ARNs all have a region and an account; global are those whose
// ARNs have no region. The kinds that a word names are exempt. For other services, nothing is
// known here.
const (
	regional = `
acm:
appconfig:
appsync:
athena:
backup:
batch:
codebuild:
codecommit:
codepipeline:
cognito-identity:
cognito-idp:
dynamodb: global-table/
ecr:
ecs:
eks: cluster-access-policy/
elasticache: globalreplicationgroup:
elasticfilesystem:
es:
events: event-source/
firehose:
glue:
kafka:
kinesis:
kms:
lambda:
logs:
mq:
pipes:
rds: global-cluster:
redshift:
scheduler:
secretsmanager:
sns: phone/
sqs:
ssm: parameter/aws/ document/ automation-definition/ patchbaseline/
states:
timestream:
`
	global = `
iam:
s3: accesspoint/ job/ storage-lens/ storage-lens-group/ access-grants/ async-request/
route53:
`
)

// words returns the words in the line of a table that begins with key. ok reports whether there
// is one. The key is at the start of a line, and its colon ends it.
func words(table, key string) (list []string, ok bool) {
	_, rest, ok := strings.Cut(table, "\n"+key+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Fields(line), ok
}

// kindsOf returns what the resources of a service begin with. known reports whether that is known;
// closed, whether AWS's calls touch nothing else. A service is in one of the tables at most.
func kindsOf(service string) (kinds []string, known, closed bool) {
	kinds, closed = words(closedKinds, service)
	if known = closed; !known {
		kinds, known = words(openKinds, service)
	}
	// "@kms" is another service, and not a kind.
	return slices.DeleteFunc(kinds, func(w string) bool { return w[0] == '@' }), known, closed
}

// touchesOf reports whether the operations of a service touch resources whose ARNs name another
// one.
func touchesOf(service, other string) bool {
	// S3 has several prefixes for the ARNs of one service.
	if service == other || strings.HasPrefix(service, "s3") && strings.HasPrefix(other, "s3") {
		return true
	}
	list, known := words(closedKinds, service)
	// Of services that no table has, nothing is known: any other may be touched.
	if !known {
		if list, known = words(openKinds, service); !known && service != "s3" && service != "s3express" {
			return true
		}
	}
	return slices.Contains(list, "@*") || slices.Contains(list, "@"+other)
}

// mayBegin reports whether a pattern can match something that begins as one of a service's kinds
// does.
func mayBegin(service string, kinds []string, text string) bool {
	// Up to the first wildcard, the text must begin as a kind does, or a kind as the text.
	begin, wild := text, false
	if i := strings.IndexAny(text, "*?"); i >= 0 {
		begin, wild = text[:i], true
	}
	switch service {
	// Queues have no kind in front of their names.
	case "sqs":
		return !strings.ContainsAny(text, "/:")
	case "sns":
		// A topic is a name alone; kinds of SNS have a slash.
		if !strings.Contains(text, "/") {
			return !strings.HasPrefix(text, "topic:")
		}
	}
	return slices.ContainsFunc(kinds, func(kind string) bool {
		return strings.HasPrefix(begin, kind) || wild && strings.HasPrefix(kind, begin)
	})
}
