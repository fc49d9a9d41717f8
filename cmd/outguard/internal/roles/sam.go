package roles

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// samTemplates has AWS's policy templates of SAM: a line with the name, and a line for each
// statement with its actions, its resources and the keys of its condition. In an ARN, the partition
// is left out, and ~ is the own region or account. The facts are those of policy_templates.json in
// github.com/aws/serverless-application-model (Apache-2.0), as of 2026-05.
//
//go:embed sam.txt
var samTemplates string

// samPolicies adds what Policies: or ManagedPolicyArns: grant.
func (r *Reader) samPolicies(f *function, s *scope, policies *tree) {
	for _, p := range r.branches(policies) {
		r.samPolicy(f, s, p)
	}
}

// samPolicy adds one entry of Policies. SAM distinguishes its forms by their shape alone.
func (r *Reader) samPolicy(f *function, s *scope, p *tree) {
	name, arg := p.call()
	switch policy := s.root.get("Resources", arg.str()); {
	// {Statement: […]}: a document in place.
	case p.get("Statement") != nil:
		r.when(f, p, "", func() { r.statements(f, p, s, "") })
	// {Ref: OrdersPolicy}: a policy that the template makes.
	case name == "Ref" && policy.get("Type").str() == "AWS::IAM::ManagedPolicy":
		r.when(f, policy, arg.str(), func() { r.statements(f, policy.get("Properties", "PolicyDocument"), s, arg.str()) })
	// {S3ReadPolicy: {BucketName: !Ref Bucket}}: a policy template with its parameters.
	case p.kind == 'm' && name == "" && len(p.keys) == 1:
		r.samTemplate(f, s, p.keys[0], p.items[0])
	case p.kind == 'm' && len(p.keys) == 2 && p.get("Condition") != nil: // SAM itself does not read such a condition
		i := slices.IndexFunc(p.keys, func(k string) bool { return k != "Condition" })
		r.when(f, p, p.keys[i], func() { r.samTemplate(f, s, p.keys[i], p.items[i]) })
	// AmazonS3FullAccess, or an ARN: a managed policy by name.
	default:
		texts, why := s.texts(p)
		if why != "" {
			r.leave(f.name, "a managed policy", why)
		}
		for _, text := range texts {
			r.managed(f, text)
		}
	}
}

// samTemplate adds the statements of a policy template.
func (r *Reader) samTemplate(f *function, s *scope, name string, params *tree) {
	// Templates are separated by lines that begin without a tab. The name comes from a file, so
	// that one with a line break or tab could match inside the text.
	_, after, ok := strings.Cut("\n"+samTemplates, "\n"+name+"\n")
	if !ok || name == "" || strings.ContainsAny(name, "\n\t") {
		r.leave(f.name, shorten(name), "it is not a policy template of SAM that is known here")
		return
	}
	inner := *s
	// The parameters of the policy template are locals of an inner scope: their values are
	// evaluated in the outer one, where {Ref: Bucket} has a meaning.
	inner.locals = map[string][]string{}
	why := map[string]string{}
	for k, v := range params.entries {
		if texts, w := s.texts(v); w != "" {
			// A parameter that is not known matters only where the template uses it.
			why[k] = w
		} else {
			inner.locals[k] = texts
		}
	}
	for line := range strings.Lines(after) {
		body, ok := strings.CutPrefix(line, "\t")
		if !ok {
			break
		}
		// A body line is "actions | resources | conditions", and the last part may be missing.
		fields := strings.Split(strings.TrimSpace(body), " | ")
		st := statement{from: name, actions: strings.Fields(fields[0])}
		for resource := range strings.FieldsSeq(fields[1]) {
			if rest, ok := strings.CutPrefix(resource, "arn:"); ok {
				// The forms of sam.txt are those of resourceTypes, with ${Parameter} in the place
				// of %.
				resource = arnOf(rest, "%")
			}
			texts, w := inner.template(resource, why)
			if w != "" {
				r.leave(f.name, name, w)
			}
			st.resources = append(st.resources, texts...)
		}
		if len(fields) > 2 {
			for c := range strings.FieldsSeq(fields[2]) {
				// The values of conditions are not in sam.txt. Without them, conditions reports the
				// key as wider.
				op, key, _ := strings.Cut(c, ":")
				st.conditions = append(st.conditions, condition{op: op, key: key})
			}
		}
		if len(st.resources) > 0 {
			f.statements = append(f.statements, st)
		}
	}
}

// template replaces the parameters in a resource of a policy template.
func (s *scope) template(text string, why map[string]string) (all []string, cannot string) {
	all = []string{""}
	for {
		before, rest, ok := strings.Cut(text, "${")
		// A parameter may stand for several texts, such as both branches of an Fn::If. all has
		// every combination.
		all, cannot = product(all, []string{before}, cannot)
		if !ok || cannot != "" {
			return all, cannot
		}
		name, after, _ := strings.Cut(rest, "}")
		if w := why[name]; w != "" {
			return nil, w
		}
		values, ok := s.locals[name]
		if !ok {
			return nil, fmt.Sprintf("its parameter %s is missing", name)
		}
		all, cannot = product(all, values, cannot)
		text = after
	}
}
