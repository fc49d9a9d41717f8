package roles

import (
	"errors"
	"slices"
	"strings"
)

// isTerraform recognizes what terraform show -json prints of a plan or of the state.
func isTerraform(t *tree) bool {
	return t.get("terraform_version") != nil && (t.get("planned_values") != nil || t.get("values") != nil)
}

// A terraform is a plan or a state.
// Addresses are those of Terraform: module.m["a"].aws_iam_role.fn[0]. order is that of the file, so
// that the same plan makes the same policy. The configuration has one entry for all instances of a
// resource. variables are those of the root module.
type terraform struct {
	r         *Reader
	resources map[string]*tree // by address
	order     []string
	config    map[string]*tree // expressions, by address without indexes
	calls     map[string]*tree // of modules, by address without indexes
	variables *tree
}

// readTerraform reads the functions of a plan or of a state. In a plan, what depends on resources
// that do not exist yet is unknown; the configuration then says what it refers to.
func (r *Reader) readTerraform(t *tree) error {
	tf := &terraform{r: r, resources: map[string]*tree{}, config: map[string]*tree{}, calls: map[string]*tree{}, variables: t.get("variables")}
	tf.configure(t.get("configuration", "root_module"), "")
	// The prior state comes first, so that planned values replace it. Data sources are in the state
	// alone.
	for _, part := range []*tree{t.get("prior_state", "values", "root_module"), t.get("values", "root_module"), t.get("planned_values", "root_module")} {
		tf.collect(part)
	}
	found := false
	for _, address := range tf.order {
		res := tf.resources[address]
		// A data source describes a function that this configuration does not deploy.
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
// A module's addresses are relative: only the calls say where it is.
func (tf *terraform) configure(module *tree, prefix string) {
	for _, res := range module.get("resources").list() {
		tf.config[prefix+res.get("address").str()] = res.get("expressions")
	}
	for name, call := range module.get("module_calls").entries {
		tf.calls[prefix+"module."+name] = call
		tf.configure(call.get("module"), prefix+"module."+name+".")
	}
}

// expressions returns the configuration of a resource.
func (tf *terraform) expressions(address string) *tree { return tf.config[withoutIndexes(address)] }

// function adds one aws_lambda_function: its role, and everything that gives the role permissions.
func (tf *terraform) function(address string, values *tree) {
	if other := otherRuntime(values.get("runtime").str()); other != "" {
		tf.r.uncalled(address, "the function", other)
		return
	}
	name := values.get("function_name").str()
	// Unknown names, such as those with a random_id, are null in a plan. A glob over the resource's
	// name is a guess, and reported.
	if sectionName(name) != name || name == "" {
		name = sectionName("*" + address[strings.LastIndexByte(address, '.')+1:] + "*")
		tf.r.leave(name, "the function's name", "it is not known before apply; write it in the place of the section's")
	}
	f := tf.r.another(name)
	found := tf.find(address, values, "role", "aws_iam_role")
	// More than one role would be an expression with a choice; one of them would be too much.
	if len(found) != 1 {
		tf.r.leave(f.name, "its role", "it is not in the plan; give what aws iam get-role-policy and get-policy-version print to -from, with -function")
		return
	}
	role := found[0]
	tf.r.boundary(f, tf.resources[role].get("values", "permissions_boundary"))
	// A boundary that does not exist yet has no value, but a reference.
	tf.r.boundary(f, tf.expressions(role).get("permissions_boundary", "references"))
	// inline_policy and managed_policy_arns are the old way, within the role.
	for _, p := range tf.resources[role].get("values", "inline_policy").list() {
		tf.document(f, role, p.get("policy"), nil, role)
	}
	for _, arn := range tf.resources[role].get("values", "managed_policy_arns").list() {
		tf.managed(f, arn.str())
	}
	for _, a := range tf.order {
		// Attachments name the role, and not the other way round, so that all of them are looked
		// through.
		res := tf.resources[a]
		attribute, ok := attachments[res.get("type").str()]
		if !ok || res.get("mode").str() == "data" {
			continue
		}
		values := res.get("values")
		to := tf.find(a, values, attribute, "aws_iam_role")
		// It may be this role or another one: the report is about the plan as a whole, with no
		// function.
		if len(to) == 0 && values.get(attribute) == nil {
			tf.r.leave("", a, "the role that it is attached to is not known before apply; read the state after it: terraform show -json")
		}
		if !slices.Contains(to, role) {
			continue
		}
		if res.get("type").str() == "aws_iam_role_policy" {
			tf.document(f, a, values.get("policy"), tf.expressions(a).get("policy"), a)
			continue
		}
		// A policy of this plan has a document; any other is known by its ARN alone.
		policies := tf.find(a, values, "policy_arn", "aws_iam_policy")
		for _, p := range policies {
			tf.document(f, p, tf.resources[p].get("values", "policy"), tf.expressions(p).get("policy"), p)
		}
		if len(policies) == 0 {
			tf.managed(f, values.get("policy_arn").str())
		}
	}
}

// attachments are the types that give a role permissions, with the attribute that names the role.
var attachments = map[string]string{
	"aws_iam_role_policy":            "role",
	"aws_iam_role_policy_attachment": "role",
	"aws_iam_policy_attachment":      "roles",
}

// managed adds a managed policy by its ARN; "" for one that is not known yet.
func (tf *terraform) managed(f *function, arn string) {
	if arn == "" {
		tf.r.leave(f.name, "a managed policy", "its ARN is not known before apply")
		return
	}
	tf.r.managed(f, arn)
}

// find returns the resources that an attribute names: by its values, or by its expression if that
// says which.
func (tf *terraform) find(address string, values *tree, attribute, typ string) (found []string) {
	for _, value := range values.get(attribute).list() {
		// After apply, a value may be an ARN, a name or an id, depending on the attribute.
		for _, a := range tf.order {
			res := tf.resources[a]
			v := res.get("values")
			if value.str() != "" && res.get("type").str() == typ && res.get("mode").str() != "data" && slices.Contains([]string{v.get("arn").str(), v.get("name").str(), v.get("id").str()}, value.str()) {
				found = append(found, a)
			}
		}
	}
	if found != nil {
		// Values are certain. References are used for what is not known before apply only.
		return found
	}
	expression := tf.expressions(address).get(attribute)
	for _, ref := range references(expression) {
		for _, m := range tf.follow(address, expression, ref) {
			all, sure := tf.instances(m.from, m.expression, m.ref)
			// With several instances, sure is false, and the first one would be a guess.
			if sure && tf.resources[all[0]].get("type").str() == typ && !slices.Contains(found, all[0]) {
				found = append(found, all[0])
			}
		}
	}
	return found
}

// document adds the statements of a policy: its JSON, or the data source that its expression names.
func (tf *terraform) document(f *function, address string, policy, expression *tree, from string) {
	if text := policy.str(); text != "" {
		// The policy is a text with JSON inside the JSON of the plan.
		d, err := parseTree([]byte(text))
		if err != nil || d.get("Statement") == nil {
			tf.r.leave(f.name, from, "its policy is not an IAM document")
			return
		}
		// Terraform has replaced its own variables, so that ${…} in it is IAM's.
		tf.r.statements(f, d, new(scope), from)
		return
	}
	sources := map[string]bool{}
	for _, ref := range references(expression) {
		for _, m := range tf.follow(address, expression, ref) {
			module, _, index := splitAddress(m.from)
			source := refAddress(m.ref)
			if strings.HasPrefix(source, "data.aws_iam_policy_document.") && !sources[module+source] {
				sources[module+source] = true
				tf.source(f, module+source+index)
			}
		}
	}
	if len(sources) == 0 {
		tf.r.leave(f.name, from, "its policy is not known before apply; read the state after it: terraform show -json")
	}
}

// source adds the statements of a data source, as it is configured. Other documents in it may hold
// a Deny.
func (tf *terraform) source(f *function, address string) {
	config := tf.expressions(address)
	// These take other documents as JSON, whose text is made during apply.
	for _, key := range [...]string{"source_policy_documents", "override_policy_documents", "source_json", "override_json"} {
		if config.get(key) != nil {
			tf.r.leave(f.name, label(key, withoutIndexes(address)), "they are not known before apply; read the state after it: terraform show -json")
		}
	}
	statements := config.get("statement").list()
	if len(statements) == 0 {
		tf.r.leave(f.name, withoutIndexes(address), "the plan has no statement of it; read the state after it: terraform show -json")
	}
	// The configuration has a dynamic block as a template only, and its entries are made during
	// apply.
	tf.r.note("the plan does not have the statements that dynamic blocks make; the state has them: terraform show -json")
	for _, st := range statements {
		tf.statement(f, address, st)
	}
}

// statement adds a statement of a data source at an address.
func (tf *terraform) statement(f *function, address string, t *tree) {
	source := withoutIndexes(address)
	// Terraform's default for effect is Allow.
	st := statement{from: source, deny: strings.EqualFold(t.get("effect", "constant_value").str(), "Deny")}
	what := label("a statement", source)
	if e := t.get("effect"); e != nil && e.get("constant_value") == nil {
		tf.r.leave(f.name, what, "its effect is not known before apply")
		return
	}
	// list returns the texts of an attribute: literal ones, and those that its references stand
	// for.
	list := func(key string) (texts []string) {
		e := t.get(key)
		for _, v := range e.get("constant_value").list() {
			all, why := (&scope{}).plain(v.str())
			if why != "" {
				tf.r.leave(f.name, what, why)
			}
			texts = append(texts, all...)
		}
		for _, ref := range references(e) {
			for _, m := range tf.follow(address, e, ref) {
				all, why := tf.reference(f, &m, len(references(e)) == 1 && len(references(m.expression)) == 1, key)
				if why != "" {
					tf.r.leave(f.name, label(ref+" in a statement", source), why)
				}
				for _, text := range all {
					if !slices.Contains(texts, text) {
						texts = append(texts, text)
					}
				}
			}
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
		// The provider's names are test and variable; IAM's are operator and key.
		one := condition{op: c.get("test", "constant_value").str(), key: c.get("variable", "constant_value").str()}
		for _, v := range c.get("values", "constant_value").list() {
			one.values = append(one.values, v.str())
		}
		st.conditions = append(st.conditions, one)
	}
	// An empty list has been reported by list, entry by entry.
	if len(st.actions) > 0 && len(st.resources) > 0 {
		f.statements = append(f.statements, st)
	}
}
