package awscall

import (
	"bytes"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// This file reads what the inputs of other services name in their own forms.

// parseFunction reads a function's name, partial ARN ("account:function:name") or ARN, each with or
// without a qualifier. A second value is the qualifier.
func parseFunction(ts *Touches, s *step, values []string) {
	t, text, ok := ts.named(values[0], "lambda", "function:")
	if !ok {
		return
	}
	if !isARN(values[0]) {
		// Lambda takes a region, an account and "function" before the name, and each may be left
		// out.
		if region, rest, ok := strings.Cut(text, ":"); ok && awsname.LooksLikeRegion(region) {
			t.Region, t.Partition, text = region, awsname.PartitionOf(region), rest
		}
		if account, rest, ok := strings.Cut(text, ":"); ok && awsname.IsAccount(account) {
			t.Account, text = account, rest
		}
		text = strings.TrimPrefix(text, "function:")
	}
	name, qualifier, qualified := strings.Cut(text, ":")
	// A second value is Qualifier, which must not contradict the name's.
	if len(values) > 1 {
		if qualified && qualifier != values[1] {
			ts.unknown()
			return
		}
		qualifier, qualified = values[1], true
	}
	// Names with other characters could reach another function.
	if !isWord(name) || (qualified && !isWord(qualifier)) {
		ts.unknown()
		return
	}
	if qualified {
		t.Resource = ts.join("function:", name, ":", qualifier)
	} else {
		t.Resource = ts.join("function:", name)
	}
	ts.add(t)
}

// parseAlias reads a function and the name of one of its aliases. IAM asks for the function, and a
// rule may also name the alias.
func parseAlias(ts *Touches, s *step, values []string) {
	parseFunction(ts, s, values)
	// The alias is the function without the qualifier.
	t := &ts.List[len(ts.List)-1]
	if t.State == Known && bytes.HasPrefix(t.Resource, []byte("function:")) { // the name may be the ARN of something else
		t.Alias = t.Resource[:bytes.LastIndexByte(t.Resource, ':')]
	}
}

// parseDestination reads where a subscription filter sends to. IAM asks for no permission on
// streams and functions.
func parseDestination(ts *Touches, s *step, values []string) {
	// A destination in CloudWatch Logs has permissions of its own.
	if a, ok := cutARN(values[0]); !ok || a.service == "logs" {
		ts.arn(values[0])
	}
}

// parseRule reads the bus and the name of a rule.
func parseRule(ts *Touches, s *step, values []string) {
	bus, name := values[0], values[1]
	t := Touch{Partition: ts.at.Partition, Service: "events", Region: ts.at.Region, Account: ts.at.Account}
	// The bus may be another account's, by its ARN.
	if isARN(bus) {
		a, ok := cutARN(bus)
		if !ok {
			ts.unknown()
			return
		}
		t.Partition, t.Region, t.Account = a.partition, a.region, a.account
		bus = bus[strings.LastIndexByte(bus, '/')+1:]
	}
	switch {
	case isARN(name):
		ts.arn(name)
		return
	case !isName(bus) || !isName(name):
		ts.unknown()
		return
	// Rules of the default bus have no bus in their ARNs.
	case bus == "default":
		t.Resource = ts.join("rule/", name)
	default:
		t.Resource = ts.join("rule/", bus, "/", name)
	}
	ts.add(t)
}

// parseLogGroup reads a log group's name or ARN, and perhaps a stream. A rule that names the group
// matches its streams, and a rule that names everything in the group matches the group.
func parseLogGroup(ts *Touches, s *step, values []string) {
	t, group, ok := ts.named(values[0], "logs", "log-group:")
	if !ok {
		return
	}
	// ":*" at the end of the ARN means the group and all in it.
	if isARN(values[0]) {
		group = strings.TrimSuffix(group, ":*")
	}
	if !isPath(group) || (len(values) > 1 && (!isPlain(values[1]) || strings.ContainsAny(values[1], ":*"))) {
		ts.unknown()
		return
	}
	if len(values) == 1 && ts.op.Name == "FilterLogEvents" { // all streams of the group
		t.Resource, t.Alias = ts.join("log-group:", group), ts.join("log-group:", group, ":log-stream:")
	} else if len(values) > 1 {
		t.Resource, t.Alias = ts.join("log-group:", group, ":log-stream:", values[1]), ts.join("log-group:", group)
	} else {
		t.Resource, t.Alias = ts.join("log-group:", group), ts.join("log-group:", group, ":")
	}
	ts.add(t)
}

// parseModel reads a model's ARN or id. An id that begins with a geography names an inference
// profile.
func parseModel(ts *Touches, s *step, values []string) {
	id := values[0]
	geography, _, _ := strings.Cut(id, ".")
	switch {
	case isARN(id):
		ts.arn(id)
		ts.behindProfile(id)
	// A model's id has a colon before its version: anthropic.claude-v2:1.
	case !isPath(strings.ReplaceAll(id, ":", "-")):
		ts.unknown()
	case len(geography) == 2 || geography == "apac" || geography == "global" || geography == "us-gov":
		// The names of model providers are longer than two letters.
		ts.put("bedrock", "inference-profile/", id)
		// Behind the profile, IAM asks for the model too.
		ts.modelElsewhere(id[len(geography)+1:])
	default:
		ts.foundationModel(id)
	}
}

// behindProfile adds the model that the ARN of an inference profile leads to, which is not known of
// a profile that a customer has made.
func (ts *Touches) behindProfile(arn string) {
	_, resource, _ := strings.Cut(arn, ":inference-profile/")
	switch _, model, ok := strings.Cut(resource, "."); {
	case ok && isPath(strings.ReplaceAll(model, ":", "-")):
		ts.modelElsewhere(model)
	case strings.Contains(arn, ":application-inference-profile/"):
		ts.unknown()
		ts.forBlacklists()
	}
}

// foundationModel adds a model of AWS's. Its ARN has no account.
func (ts *Touches) foundationModel(id string) {
	ts.add(Touch{Partition: ts.at.Partition, Service: "bedrock", Region: ts.at.Region, Resource: ts.join("foundation-model/", id)})
}

// modelElsewhere adds the model behind an inference profile, which is in one of the regions of the
// profile's geography.
func (ts *Touches) modelElsewhere(id string) {
	ts.add(Touch{Partition: ts.at.Partition, Service: "bedrock", Region: AnyRegion, Resource: ts.join("foundation-model/", id), Vague: true})
	ts.forBlacklists()
}

// forBlacklists leaves the last touch to blacklists: a whitelist that names the profile means its
// model too.
func (ts *Touches) forBlacklists() {
	t := &ts.List[len(ts.List)-1]
	t.Actions, t.Also = 0, t.Also.Union(t.Actions)
}

// parsePool reads the id of an identity pool: "eu-west-1:…".
func parsePool(ts *Touches, s *step, values []string) {
	// The region is a part of the id.
	if region, id, ok := strings.Cut(values[0], ":"); !ok || !awsname.ValidRegion(region) || !isWord(id) {
		ts.unknown()
		return
	}
	ts.put("cognito-identity", "identitypool/", values[0])
}

// parseRevision reads "name", "name:revision" or the ARN of a definition (of an ECS task, of a
// Batch job). The revision is unknown where it is left out. A rule that names the definition
// matches any revision.
func parseRevision(ts *Touches, s *step, values []string) {
	text := values[0]
	if isARN(text) {
		ts.arn(text)
		return
	}
	name, revision, _ := strings.Cut(text, ":")
	if !isName(name) || (revision != "" && !isWord(revision)) {
		ts.unknown()
		return
	}
	// The latest revision is used, and its number is not in the input.
	if revision == "" {
		revision = string([]byte{Any})
	}
	kind := s.template.pieces[0]
	t := ts.put(s.template.service, kind, name, ":", revision)
	t.Alias = ts.join(kind, name)
}

// parseZone reads a hosted zone's id, which may come with its path.
func parseZone(ts *Touches, s *step, values []string) {
	id := strings.TrimPrefix(strings.TrimPrefix(values[0], "/"), "hostedzone/")
	if !isWord(id) {
		ts.unknown()
		return
	}
	// Route 53 has no region, and its ARNs have no account.
	ts.add(Touch{Partition: ts.at.Partition, Service: "route53", Resource: ts.join("hostedzone/", id)})
}

// parseCatalog reads a Glue catalog: an account's own, one in an account ("111122223333:sales"), or
// a name.
func parseCatalog(ts *Touches, s *step, values []string) {
	name := values[0]
	if account, rest, _ := strings.Cut(name, ":"); awsname.IsAccount(account) {
		name = rest // parseAccount has read the account
	}
	switch {
	case isARN(name):
		ts.arn(name)
	case name == "":
		ts.put("glue", "catalog")
	case isPath(name):
		ts.put("glue", "catalog/", name)
	default:
		ts.unknown()
	}
}
