package awscall

import (
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// Adds is what a request asks for beside its operation, for which IAM asks for actions of their
// own: by the headers of a call of S3, which are parameters in a presigned URL, or by members of a
// body.
type Adds uint16

// Each is one kind of addition; Adding has the actions.
const (
	addsACL Adds = 1 << iota
	addsTags
	addsRetention
	addsHold
	addsOwnership
	addsBypass
	addsLock
	addsMemberTags
	addsMemberIdentity
	addsKey // of an upload whose bucket is not known; else the key is one of the resources
)

// ofObjects are those that count for what is done to objects that are there.
const ofObjects = addsBypass

// amz is what the names of all of these headers begin with, in any case.
const amz = "x-amz-"

// isEncrypt reports whether a header names the key that S3 encrypts an upload with; without it, S3
// uses a key of its own.
func isEncrypt(name string) bool {
	const encrypt = "x-amz-server-side-encryption-aws-kms-key-id"
	return len(name) == len(encrypt) && strings.EqualFold(name, encrypt)
}

// addedBy returns what a header with a value asks for, by its name in any case.
// The length decides first, since each request has many headers.
func addedBy(name, value string) Adds {
	const prefix = len(amz)
	if len(name) <= prefix || name[:prefix] != "X-Amz-" && !strings.EqualFold(name[:prefix], amz) {
		return 0
	}
	is := func(rest string) bool { return strings.EqualFold(name[prefix:], rest) }
	switch len(name) - prefix {
	case len("acl"):
		if is("acl") {
			return addsACL
		}
	case len("tagging"):
		if is("tagging") {
			return addsTags
		}
	// Two names have the same length.
	case len("object-lock-mode"): // and object-ownership
		if is("object-lock-mode") {
			return addsRetention
		}
		if is("object-ownership") {
			return addsOwnership
		}
	case len("object-lock-retain-until-date"):
		if is("object-lock-retain-until-date") {
			return addsRetention
		}
	// "false" is what clients write for the default.
	case len("bypass-governance-retention"):
		if is("bypass-governance-retention") && !strings.EqualFold(value, "false") {
			return addsBypass
		}
	case len("bucket-object-lock-enabled"):
		if is("bucket-object-lock-enabled") && !strings.EqualFold(value, "false") {
			return addsLock
		}
	case len("object-lock-legal-hold"):
		if is("object-lock-legal-hold") {
			return addsHold
		}
	case len("grant-read"), len("grant-write"), len("grant-read-acp"), len("grant-write-acp"), len("grant-full-control"):
		if is("grant-read") || is("grant-write") || is("grant-read-acp") || is("grant-write-acp") || is("grant-full-control") {
			return addsACL
		}
	}
	return 0
}

// uploadAdds returns what a request to S3 with an operation asks for beside it, and the KMS key
// that it is to be encrypted with, "" for none.
// Only uploads and deletions are read: other operations ignore these headers.
func uploadAdds(h *header, query, operation string) (adds Adds, key string) {
	counted := ^ofObjects
	switch operation {
	case "PutObject", "CopyObject", "CreateMultipartUpload", "CreateBucket":
	case "DeleteObject", "DeleteObjects", "PutObjectRetention":
		counted = ofObjects
	default:
		return 0, ""
	}
	adds, key = h.adds, h.kmsKey
	// A presigned URL has the same names as parameters.
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		adds |= addedBy(name, value)
		if key == "" && isEncrypt(name) {
			key = unescape(value)
		}
	}
	// Deletions encrypt nothing.
	if counted == ofObjects {
		key = ""
	}
	return adds & counted, key
}

// bodyAdds returns what the members of a body ask for beside an operation: tags for what is made,
// or the identity and the tags of a session. A body that cannot be read asks for nothing.
func bodyAdds(r *http.Request, h *header, service, operation string) (adds Adds) {
	// Reading a body costs time, so that most operations end here.
	if !mayAdd(service, operation) {
		return 0
	}
	adds = queryAdds(r.URL.RawQuery)
	if r.Body == nil || r.Body == http.NoBody {
		return adds
	}
	text, ok := peek(r)
	switch {
	// A compressed body is not unpacked, and asks for nothing.
	case !ok || h.encoded:
		return adds
	case isForm(h.contentType):
		return adds | queryAdds(text)
	}
	// The names are those of JSON members in small letters, with their quotes.
	for _, member := range [...]struct {
		name string
		adds Adds
	}{{`"tags"`, addsMemberTags}, {`"tagspecifications"`, addsMemberTags}, {`"transitivetagkeys"`, addsMemberTags}, {`"sourceidentity"`, addsMemberIdentity}} {
		if hasMember(text, member.name) {
			adds |= member.adds
		}
	}
	return adds
}

// mayAdd reports whether members of an operation can add an action, as the tables have it: a test
// compares. The bodies of other operations are not read for that.
func mayAdd(service, operation string) bool {
	switch operation {
	case "AssumeRole", "GetFederationToken", "CreateAccessPoint", "CreateAccount", "CreateActivity", "CreateCluster", "CreateCollection",
		"CreateComputeEnvironment", "CreateDBCluster", "CreateDBInstance", "CreateDBSnapshot", "CreateDeliveryStream", "CreateDocument",
		"CreateEventBus", "CreateFileSystem", "CreateFunction", "CreateGovCloudAccount", "CreateIndex", "CreateInstanceProfile", "CreateJobQueue",
		"CreateKey", "CreateLogGroup", "CreateOrganizationalUnit", "CreatePolicy", "CreateQueue", "CreateRepository", "CreateRole",
		"CreateSecret", "CreateService", "CreateStateMachine", "CreateStream", "CreateStreamProcessor", "CreateTable", "CreateTableBucket",
		"CreateTopic", "CreateUser", "CreateVectorBucket", "CreateWorkGroup", "InviteAccountToOrganization", "PutCompositeAlarm", "PutMetricAlarm",
		"PutParameter", "PutRule", "RegisterJobDefinition", "RegisterStreamConsumer", "RegisterTaskDefinition", "ReplicateKey", "RunTask",
		"StartTask", "SubmitJob":
		return true
	}
	// EC2 takes TagSpecification in many operations.
	return service == "ec2"
}

// queryAdds is bodyAdds for the parameters of a form or a query, "Tags.member.1.Key=…".
func queryAdds(query string) (adds Adds) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		// "Tags.member.1.Key" and "Tag.1.Key" are lists.
		first, _, list := strings.Cut(unescape(name), ".")
		switch strings.ToLower(first) {
		case "tag", "tags", "tagspecification", "tagspecifications", "transitivetagkeys":
			if list {
				adds |= addsMemberTags
			}
		case "sourceidentity":
			if value != "" {
				adds |= addsMemberIdentity
			}
		}
	}
	return adds
}

// hasMember reports whether a JSON text has a member of a name, in quotes and small letters, whose
// value is not empty. A member of a member counts too.
func hasMember(text, name string) bool {
	// The text is searched and not parsed: it may be large, and a wrong find only asks for more.
	for i := 0; i+len(name) <= len(text); {
		k := strings.IndexByte(text[i:], '"')
		if k < 0 || i+k+len(name) > len(text) {
			return false
		}
		i += k
		if !strings.EqualFold(text[i:i+len(name)], name) {
			i++
			continue
		}
		i += len(name)
		rest, ok := strings.CutPrefix(strings.TrimLeft(text[i:], " \t\r\n"), ":")
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " \t\r\n")
		// null, "", [] and {} add nothing.
		switch {
		case strings.HasPrefix(rest, "null"), strings.HasPrefix(rest, `""`):
		case rest != "" && (rest[0] == '[' || rest[0] == '{'):
			inner := strings.TrimLeft(rest[1:], " \t\r\n")
			if inner != "" && inner[0] != ']' && inner[0] != '}' {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// Adding returns the operation with the actions that a request adds. It is for calls without an
// input, whose headers or members show them.
func (op *Op) Adding(adds Adds) *Op {
	// op is shared, so that the copy has actions of its own.
	added := *op
	added.Actions = append([]Action(nil), op.Actions...)
	add := func(name string) {
		i := added.action(name)
		// A new action has no level yet if a batch has added it.
		added.Actions[i].Level, added.Actions[i].Guessed = awsops.LevelOf(added.Actions[i].Service, added.Actions[i].Name)
		// The added action is needed, but a rule that names the operation does not give it.
		added.Primary.Add(i)
		added.added.Add(i)
	}
	for _, row := range [...]struct {
		adds            Adds
		objects, bucket string // actions, separated by commas
	}{
		{addsACL, "PutObjectAcl", "PutBucketAcl"}, {addsTags, "PutObjectTagging", ""}, {addsRetention, "PutObjectRetention", ""},
		{addsHold, "PutObjectLegalHold", ""}, {addsOwnership, "", "PutBucketOwnershipControls"}, {addsBypass, "BypassGovernanceRetention", ""},
		{addsLock, "", "PutBucketObjectLockConfiguration,PutBucketVersioning"}, {addsKey, "kms:GenerateDataKey", ""},
	} {
		// The same header is about the bucket when that is made.
		names := row.objects
		if op.Name == "CreateBucket" {
			names = row.bucket
		}
		if adds&row.adds != 0 && names != "" {
			for name := range strings.SplitSeq(names, ",") {
				add(name)
			}
		}
	}
	if adds&(addsMemberTags|addsMemberIdentity) != 0 {
		op.members(adds, add)
	}
	return &added
}

// members calls add with the actions that members of the operation's input add, of the kinds that a
// body has shown.
func (op *Op) members(adds Adds, add func(action string)) {
	// An entry of the table is "path=type~parser!action&member@operations".
	for entry := range strings.FieldsSeq(awsops.Resources(op.Service)) {
		entry, ops, limited := strings.Cut(entry, "@")
		if limited && !names(ops, op.Name) {
			continue
		}
		_, action, _ := strings.Cut(entry, "!")
		action, when, ok := strings.Cut(action, "&")
		if ok && (strings.Contains(when, "Tag") && adds&addsMemberTags != 0 || when == "SourceIdentity" && adds&addsMemberIdentity != 0) {
			add(action)
		}
	}
}
