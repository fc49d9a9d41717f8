package roles

import (
	"fmt"
	"slices"
	"strings"
)

// This file finds what a plan's references mean: of a resource that does not exist yet, the plan
// has the expression's references and no values.

// withoutIndexes returns an address without the indexes of its parts.
func withoutIndexes(address string) string {
	for {
		// count makes [0], for_each makes ["key"].
		i := strings.IndexByte(address, '[')
		if i < 0 {
			return address
		}
		j := strings.IndexByte(address[i:], ']')
		// An index without an end is in no valid address; the rest is dropped.
		if j < 0 {
			return address[:i]
		}
		address = address[:i] + address[i+j+1:]
	}
}

// splitAddress returns the module of an address, with the dot behind it and with its indexes, the
// resource in it, and the resource's index: module.m["a"]. aws_s3_bucket.b [0].
func splitAddress(address string) (module, resource, index string) {
	rest := address
	for strings.HasPrefix(rest, "module.") {
		end := segmentEnd(rest, len("module."))
		// Module names may hold dots in their keys only: module.m["a.b"].
		if end == len(rest) {
			break
		}
		rest = rest[end+1:]
	}
	module = address[:len(address)-len(rest)]
	resource = withoutIndexes(rest)
	return module, resource, strings.TrimPrefix(rest, resource)
}

// segmentEnd returns where the dot stands that ends a name with its index; a key may hold dots.
func segmentEnd(s string, from int) int {
	quoted := false
	for i := from; i < len(s); i++ {
		switch {
		// \" inside a key does not end it.
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '.' && !quoted:
			return i
		}
	}
	return len(s)
}

// instances returns the resources that a reference in another resource may mean: those of the same
// instance of the module, and of these the one with the index that the reference has, or with the
// index of the other resource where that is what the expression says. sure is false if it may mean
// one of several.
func (tf *terraform) instances(from string, expression *tree, ref string) (all []string, sure bool) {
	// Expressions in a module refer to resources of the same module.
	module, _, index := splitAddress(from)
	named, wanted := refAddress(ref), refIndex(ref)
	// aws_s3_bucket.b[each.key] in a resource with for_each: the instance with the same key.
	if slices.ContainsFunc(expression.get("references").list(), isOwnIndex) {
		wanted = index
	}
	for _, a := range tf.order {
		m, resource, i := splitAddress(a)
		// A resource without count has no index, and each reference is to it.
		if m == module && resource == named && (wanted == "" || i == wanted || i == "") && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all, len(all) == 1
}

// refAddress returns the resource of a reference: aws_iam_role.fn of aws_iam_role.fn.arn.
func refAddress(ref string) string {
	parts := strings.Split(withoutIndexes(ref), ".")
	// aws_iam_role.fn.arn has the type and the name in front.
	n := 2
	// Data sources have one part more: data.aws_iam_policy_document.fn.json.
	if parts[0] == "data" {
		n = 3
	}
	return strings.Join(parts[:min(n, len(parts))], ".")
}

// isOwnIndex reports whether a reference is to the index of the resource that it stands in.
func isOwnIndex(ref *tree) bool { return ref.str() == "each.key" || ref.str() == "count.index" }

// refIndex returns the index in a reference: [0] of aws_iam_role.fn[0].arn.
func refIndex(ref string) string {
	rest := strings.TrimPrefix(ref, refAddress(ref))
	if !strings.HasPrefix(rest, "[") {
		return ""
	}
	return rest[:segmentEnd(rest, 0)]
}

// terraformTypes are the types that statements refer to: the attribute with the name, and the ARN
// as in resourceTypes.
var terraformTypes = map[string][2]string{
	"aws_athena_workgroup":                 {"name", "athena:~:~:workgroup/%"},
	"aws_cloudwatch_event_bus":             {"name", "events:~:~:event-bus/%"},
	"aws_cloudwatch_log_group":             {"name", "logs:~:~:log-group:%:*"},
	"aws_cognito_user_pool":                {"id", "cognito-idp:~:~:userpool/%"},
	"aws_dynamodb_table":                   {"name", "dynamodb:~:~:table/%"},
	"aws_iam_role":                         {"name", "iam::~:role/%"},
	"aws_kinesis_firehose_delivery_stream": {"name", "firehose:~:~:deliverystream/%"},
	"aws_kinesis_stream":                   {"name", "kinesis:~:~:stream/%"},
	"aws_kms_alias":                        {"name", "kms:~:~:%"},
	"aws_kms_key":                          {"key_id", "kms:~:~:key/%"},
	"aws_lambda_function":                  {"function_name", "lambda:~:~:function:%"},
	"aws_s3_bucket":                        {"bucket", "s3:::%"},
	"aws_secretsmanager_secret":            {"name", "secretsmanager:~:~:secret:%"},
	"aws_sfn_state_machine":                {"name", "states:~:~:stateMachine:%"},
	"aws_sns_topic":                        {"name", "sns:~:~:%"},
	"aws_sqs_queue":                        {"name", "sqs:~:~:%"},
	"aws_ssm_parameter":                    {"name", "ssm:~:~:parameter/%"},
}

// reference returns the texts that a reference in the actions or resources of a statement may stand
// for. A plan does not have the text around it, such as "${aws_s3_bucket.receipts.arn}/*": what is
// in a bucket or a table is added.
// alone: the expression refers to nothing else.
func (tf *terraform) reference(f *function, m *meant, alone bool, key string) (all []string, why string) {
	const unknown = "it is not known before apply; read the state after it: terraform show -json"
	// arn, or arn and name: only resources have text around the reference.
	onResources := strings.HasSuffix(key, "resources")
	if m.constant != nil {
		for _, item := range m.constant.list() {
			texts, w := (&scope{}).plain(item.str())
			// resources = ["${var.bucket_arn}/*"] and [var.bucket_arn] look the same in a plan.
			// Only an ARN is likely to be one by itself.
			if onResources && !strings.HasPrefix(item.str(), "arn:") && (item.str() != "*" || !alone) {
				return nil, "it is not an ARN, and the plan does not have the text around it; read the state after apply: terraform show -json"
			}
			all, why = append(all, texts...), first(why, w)
		}
		return all, why
	}
	found, sure := tf.instances(m.from, m.expression, m.ref)
	for _, a := range found {
		res := tf.resources[a]
		typ, ok := terraformTypes[res.get("type").str()]
		if !ok {
			return nil, fmt.Sprintf("the ARNs of %s are not known here", shorten(res.get("type").str()))
		}
		name := res.get("values", typ[0]).str()
		// The name is made during apply, so that the rule has any resource of the type.
		if name == "" {
			name = "*"
		}
		if texts, w := (&scope{}).plain(name); w != "" || len(texts) == 0 {
			return nil, w
		}
		arn := arnOf(typ[1], name)
		all = append(all, arn)
		switch res.get("type").str() {
		// An S3 object or a DynamoDB index is the usual text around such a reference.
		case "aws_s3_bucket", "aws_dynamodb_table":
			all = append(all, arn+"/*")
		}
	}
	if len(found) == 0 {
		return nil, unknown
	}
	if !sure {
		tf.r.wider(f.name, label(m.ref+" in a statement", withoutIndexes(m.from)), "the plan does not say which of its instances is meant, so that the rule is about all")
	}
	tf.r.note("the plan does not have the text around references: what is in a bucket or a table is in the policy, too")
	return all, ""
}
