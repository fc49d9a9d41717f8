package roles

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// isTerraform recognizes what terraform show -json prints of a plan or of the state.
func isTerraform(t *tree) bool {
	return t.get("terraform_version") != nil && (t.get("planned_values") != nil || t.get("values") != nil)
}

// A terraform is a plan or a state.
type terraform struct {
	r         *Reader
	resources map[string]*tree // by address
	order     []string
	config    map[string]*tree // expressions, by address without indexes
	variables *tree
}

// readTerraform reads the functions of a plan or of a state. In a plan, what depends on resources
// that do not exist yet is unknown; the configuration then says what it refers to.
func (r *Reader) readTerraform(t *tree) error {
	tf := &terraform{r: r, resources: map[string]*tree{}, config: map[string]*tree{}, variables: t.get("variables")}
	tf.configure(t.get("configuration", "root_module"), "")
	for _, part := range []*tree{t.get("prior_state", "values", "root_module"), t.get("values", "root_module"), t.get("planned_values", "root_module")} {
		tf.collect(part)
	}
	found := false
	for _, address := range tf.order {
		res := tf.resources[address]
		if res.get("type").str() == "aws_lambda_function" && res.get("mode").str() != "data" {
			found = true
			tf.function(address, res.get("values"))
		}
	}
	if !found {
		return errors.New("it has no aws_lambda_function")
	}
	return nil
}

// collect finds the resources of a module and of those below it. What is read later counts.
func (tf *terraform) collect(module *tree) {
	for _, res := range module.get("resources").list() {
		address := res.get("address").str()
		if _, ok := tf.resources[address]; !ok {
			tf.order = append(tf.order, address)
		}
		tf.resources[address] = res
	}
	for _, child := range module.get("child_modules").list() {
		tf.collect(child)
	}
}

// configure finds the expressions of the resources of a module and of those below it.
func (tf *terraform) configure(module *tree, prefix string) {
	for _, res := range module.get("resources").list() {
		tf.config[prefix+res.get("address").str()] = res.get("expressions")
	}
	for name, call := range module.get("module_calls").entries {
		tf.configure(call.get("module"), prefix+"module."+name+".")
	}
}

// expressions returns the configuration of a resource.
func (tf *terraform) expressions(address string) *tree { return tf.config[withoutIndexes(address)] }

func withoutIndexes(address string) string {
	for {
		i := strings.IndexByte(address, '[')
		if i < 0 {
			return address
		}
		j := strings.IndexByte(address[i:], ']')
		if j < 0 {
			return address[:i]
		}
		address = address[:i] + address[i+j+1:]
	}
}

// module returns the part of an address that names its module, with the dot behind it.
func moduleOf(address string) string {
	parts := strings.Split(withoutIndexes(address), ".")
	i := 0
	for i+1 < len(parts) && parts[i] == "module" {
		i += 2
	}
	if i == 0 {
		return ""
	}
	return strings.Join(parts[:i], ".") + "."
}

func (tf *terraform) function(address string, values *tree) {
	if other := otherRuntime(values.get("runtime").str()); other != "" {
		tf.r.uncalled(address, "the function", other)
		return
	}
	name := values.get("function_name").str()
	if sectionName(name) != name || name == "" {
		name = sectionName("*" + address[strings.LastIndexByte(address, '.')+1:] + "*")
		tf.r.leave(name, "the function's name", "it is not known before apply; write it in the place of the section's")
	}
	f := tf.r.function(name)
	role, ok := tf.find(address, values, "role", "aws_iam_role")
	if !ok {
		tf.r.leave(f.name, "its role", "it is not in the plan; give what aws iam get-role-policy and get-policy-version print to -from, with -function")
		return
	}
	for _, p := range tf.resources[role].get("values", "inline_policy").list() {
		tf.document(f, role, p.get("policy"), nil, role)
	}
	for _, arn := range tf.resources[role].get("values", "managed_policy_arns").list() {
		tf.managed(f, arn.str())
	}
	for _, a := range tf.order {
		res := tf.resources[a]
		values := res.get("values")
		switch res.get("type").str() {
		case "aws_iam_role_policy":
			if of, ok := tf.find(a, values, "role", "aws_iam_role"); ok && of == role {
				tf.document(f, a, values.get("policy"), tf.expressions(a).get("policy"), a)
			}
		case "aws_iam_role_policy_attachment":
			if of, ok := tf.find(a, values, "role", "aws_iam_role"); !ok || of != role {
				continue
			}
			if p, ok := tf.find(a, values, "policy_arn", "aws_iam_policy"); ok {
				tf.document(f, p, tf.resources[p].get("values", "policy"), tf.expressions(p).get("policy"), p)
				continue
			}
			tf.managed(f, values.get("policy_arn").str())
		}
	}
}

func (tf *terraform) managed(f *function, arn string) {
	if arn == "" {
		tf.r.leave(f.name, "a managed policy", "its ARN is not known before apply")
		return
	}
	tf.r.managed(f, arn)
}

// find returns the resource that an attribute names: by its value, or by its expression.
func (tf *terraform) find(address string, values *tree, attribute, typ string) (found string, ok bool) {
	if value := values.get(attribute).str(); value != "" {
		for _, a := range tf.order {
			res := tf.resources[a]
			v := res.get("values")
			if res.get("type").str() == typ && res.get("mode").str() != "data" && slices.Contains([]string{v.get("arn").str(), v.get("name").str(), v.get("id").str()}, value) {
				return a, true
			}
		}
	}
	for _, ref := range tf.expressions(address).get(attribute, "references").list() {
		for _, a := range tf.order {
			if withoutIndexes(a) == moduleOf(address)+refAddress(ref.str()) && tf.resources[a].get("type").str() == typ {
				return a, true
			}
		}
	}
	return "", false
}

// refAddress returns the resource of a reference: aws_iam_role.fn of aws_iam_role.fn.arn.
func refAddress(ref string) string {
	parts := strings.Split(withoutIndexes(ref), ".")
	n := 2
	if parts[0] == "data" {
		n = 3
	}
	return strings.Join(parts[:min(n, len(parts))], ".")
}

// document adds the statements of a policy: its JSON, or the data source that its expression names.
func (tf *terraform) document(f *function, address string, policy, expression *tree, from string) {
	if text := policy.str(); text != "" {
		d, err := parseTree([]byte(text))
		if err != nil || d.get("Statement") == nil {
			tf.r.leave(f.name, from, "its policy is not an IAM document")
			return
		}
		tf.r.statements(f, d, new(scope), from)
		return
	}
	for _, ref := range expression.get("references").list() {
		source := moduleOf(address) + refAddress(ref.str())
		if !strings.Contains(source, "data.aws_iam_policy_document.") || strings.HasSuffix(ref.str(), ".json") {
			continue
		}
		for _, st := range tf.config[source].get("statement").list() {
			tf.statement(f, source, st)
		}
		return
	}
	tf.r.leave(f.name, from, "its policy is not known before apply; read the state after it: terraform show -json")
}

// statement adds a statement of a data source, as it is configured.
func (tf *terraform) statement(f *function, source string, t *tree) {
	st := statement{from: source, deny: strings.EqualFold(t.get("effect", "constant_value").str(), "Deny")}
	what := label("a statement", source)
	if e := t.get("effect"); e != nil && e.get("constant_value") == nil {
		tf.r.leave(f.name, what, "its effect is not known before apply")
		return
	}
	list := func(key string) (texts []string) {
		e := t.get(key)
		for _, v := range e.get("constant_value").list() {
			all, why := (&scope{}).plain(v.str())
			if why != "" {
				tf.r.leave(f.name, what, why)
			}
			texts = append(texts, all...)
		}
		seen := map[string]bool{}
		for _, ref := range e.get("references").list() {
			address := refAddress(ref.str())
			if seen[address] {
				continue
			}
			seen[address] = true
			all, why := tf.reference(moduleOf(source)+address, ref.str())
			if why != "" {
				tf.r.leave(f.name, label(ref.str()+" in a statement", source), why)
			}
			texts = append(texts, all...)
		}
		return texts
	}
	st.actions = list("actions")
	if t.get("not_actions") != nil {
		st.not, st.actions = true, list("not_actions")
	}
	st.resources = list("resources")
	if t.get("not_resources") != nil {
		st.notOn, st.resources = true, list("not_resources")
	}
	for _, c := range t.get("condition").list() {
		one := condition{op: c.get("test", "constant_value").str(), key: c.get("variable", "constant_value").str()}
		for _, v := range c.get("values", "constant_value").list() {
			one.values = append(one.values, v.str())
		}
		st.conditions = append(st.conditions, one)
	}
	if len(st.actions) > 0 && len(st.resources) > 0 {
		f.statements = append(f.statements, st)
	}
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

// reference returns the ARNs that a reference may stand for. A plan does not have the text around
// it, such as "${aws_s3_bucket.receipts.arn}/*": what is in a bucket or a table is added.
func (tf *terraform) reference(address, ref string) (all []string, why string) {
	if v := tf.variables.get(strings.TrimPrefix(ref, "var."), "value"); strings.HasPrefix(ref, "var.") && v != nil {
		for _, item := range v.list() {
			texts, w := (&scope{}).plain(item.str())
			all, why = append(all, texts...), first(why, w)
		}
		return all, why
	}
	found := false
	for _, a := range tf.order {
		if withoutIndexes(a) != address {
			continue
		}
		res := tf.resources[a]
		typ, ok := terraformTypes[res.get("type").str()]
		if !ok {
			return nil, fmt.Sprintf("the ARNs of %s are not known here", shorten(res.get("type").str()))
		}
		found = true
		name := res.get("values", typ[0]).str()
		if name == "" {
			name = "*"
		}
		if texts, w := (&scope{}).plain(name); w != "" || len(texts) == 0 {
			return nil, w
		}
		arn := arnOf(typ[1], name)
		all = append(all, arn)
		switch res.get("type").str() {
		case "aws_s3_bucket", "aws_dynamodb_table":
			all = append(all, arn+"/*")
		}
	}
	if !found {
		return nil, "it is not known before apply; read the state after it: terraform show -json"
	}
	tf.r.note("the plan does not have the text around references: what is in a bucket or a table is in the policy, too")
	return all, ""
}
