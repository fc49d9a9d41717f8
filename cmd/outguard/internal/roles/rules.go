package roles

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/pattern"
)

// A rule is a rule of the policy.
// Its lists are those of the YAML: aws, except, resources, regions, accounts. Empty ones are left
// out.
type rule struct {
	deny                        bool
	actions, except, resources  []string
	regions, accounts, comments []string
}

// rules returns the rules for the statements of a function, and reports what they cannot express.
func (r *Reader) rules(f *function) (all []*rule) {
	for i := range f.statements {
		t := &translation{r: r, function: f.name, st: &f.statements[i]}
		t.translate()
		all = append(all, t.rules...)
	}
	return all
}

// A translation makes rules of one statement.
type translation struct {
	r        *Reader
	function string
	st       *statement
	base     rule // what all rules of the statement have in common
	rules    []*rule
}

// leave reports what makes no rule. A Deny without a rule leaves the policy wider than the role.
func (t *translation) leave(what, why string) {
	if t.st.deny {
		t.r.wider(t.function, what, why)
		return
	}
	t.r.leave(t.function, what, why)
}

// translate fills t.rules. Each case that adds no rule reports why.
func (t *translation) translate() {
	t.base.deny = t.st.deny
	if t.st.from != "" {
		// Reviewers find the statement of a rule by its Sid, or by the policy that it is in.
		t.base.comments = []string{"from " + t.st.from}
	}
	if t.st.when != "" {
		t.base.comments = append(t.base.comments, "the role has it on the template's condition only: "+t.st.when)
	}
	// The order matters: what cannot be a rule at all comes before conditions, which would only
	// confuse the report.
	switch what := label("a statement", t.st.from); {
	case t.st.notOn:
		t.leave(label("NotResource", t.st.from), "a rule cannot name what it is not about; name the resources")
	case t.st.not && !t.st.deny:
		t.leave(label("NotAction", t.st.from), "it allows every action but those that it names; name the actions that the function calls")
	case !t.conditions():
	case t.st.not:
		t.denyOthers(what)
	default:
		t.actions()
	}
}

// denyOthers translates a Deny with NotAction: a blacklist of everything, with exceptions.
func (t *translation) denyOthers(what string) {
	if !slices.Contains(t.st.resources, "*") {
		// "*:*" is about all calls, so that it cannot be limited to some resources.
		t.leave(what, "a Deny with NotAction that names resources cannot be a rule")
		return
	}
	out := t.base
	out.actions = []string{"*:*"}
	for _, a := range t.st.actions {
		if a == "*" || a == "*:*" {
			return // it denies nothing
		}
		// Exceptions stay actions: except takes what aws takes, such as iam:Get*.
		out.except = append(out.except, a)
	}
	t.rules = append(t.rules, &out)
}

// conditions takes the conditions that a rule can express, and reports the others. It returns false
// if the statement makes no rule.
func (t *translation) conditions() bool {
	for _, c := range t.st.conditions {
		// IAM compares condition keys and operators without case.
		key, op := strings.ToLower(c.key), strings.ToLower(c.op)
		text := strings.TrimSpace(c.op + " " + c.key)
		// ForAnyValue:StringEquals is the same for a key with one value. StringNotEquals is not one
		// of these.
		equals := op == "stringequals" || op == "stringlike" || op == "stringequalsignorecase" || strings.HasPrefix(op, "foranyvalue:string") && !strings.Contains(op, "not")
		// A glob in a value, such as eu-*, is not one that regions: takes.
		plain := len(c.values) > 0 && !slices.ContainsFunc(c.values, func(v string) bool { return strings.ContainsAny(v, "*?") })
		switch {
		case !t.st.deny && equals && (key == "kms:viaservice" || key == "aws:calledvia" || key == "aws:calledviafirst" || key == "aws:calledvialast"):
			// kms:ViaService means that DynamoDB or S3 decrypts with the key on behalf of the
			// function. The function itself sends no call to KMS.
			for _, a := range t.st.actions {
				t.r.uncalled(t.function, a, "another service of AWS calls it for the function ("+c.key+")")
			}
			return false
		case t.st.deny:
			// A Deny on a condition must not become a rule: it would block calls that the role
			// allows.
			t.leave(label("a Deny", t.st.from)+": "+strings.Join(t.st.actions[:min(3, len(t.st.actions))], ", "), "it holds on a condition only ("+text+"), which a rule cannot express")
			return false
		case equals && plain && t.base.regions == nil && key == "aws:requestedregion" && !slices.ContainsFunc(c.values, func(v string) bool { return v != ownRegion && !awsname.ValidRegion(v) }):
			// The function's own region is the default of regions:, and needs no entry.
			if !slices.Contains(c.values, ownRegion) || len(c.values) > 1 {
				t.base.regions = values(c.values, ownRegion, "${region}")
			}
		case equals && plain && t.base.accounts == nil && key == "aws:resourceaccount" && !slices.ContainsFunc(c.values, func(v string) bool { return v != ownAccount && !awsname.IsAccount(v) }):
			// The first list of each key is taken. A second one means both, which a rule cannot
			// say: it falls to the default, and is reported.
			t.base.accounts = values(c.values, ownAccount, "self")
		// The SDK calls over https, so that the condition limits nothing.
		case key == "aws:securetransport" && op == "bool" && slices.Equal(c.values, []string{"true"}):
		default:
			// The rule stays, without the condition: the function would break without it. That it
			// is wider is reported.
			t.base.comments = append(t.base.comments, "the role allows it on a condition only: "+text)
			t.r.wider(t.function, label("the condition "+text, t.st.from), "a rule cannot express it, so that its rule allows more than the role")
		}
	}
	return true
}

// values writes conditions' values as rules have them: own, a mark of values.go, becomes as.
func values(all []string, own, as string) (out []string) {
	for _, v := range all {
		if v == own {
			v = as
		}
		out = append(out, v)
	}
	return out
}

// actions makes rules of the actions of each service.
func (t *translation) actions() {
	var prefixes []string
	groups := map[string][]string{}
	for _, a := range t.st.actions {
		prefix, name, ok := strings.Cut(a, ":")
		prefix = strings.ToLower(prefix)
		switch {
		case a == "*" || a == "*:*":
			t.everything()
			continue
		// IAM's action is PREFIX:NAME. The prefix must be literal, as IAM itself demands.
		case !ok || name == "" || strings.ContainsAny(prefix, "*?\x01\x02\x03"):
			t.leave(readableText(a), "it is not an action")
			continue
		}
		// Calls of lambda:InvokeFunctionUrl go to a host of the function's own, and need an http:
		// rule. A fix that begins with delete means that no call needs the action.
		if what, fix := awsops.NoCall(prefix, strings.ToLower(name)); what != "" {
			if strings.HasPrefix(fix, "delete") {
				t.r.uncalled(t.function, a, what)
			} else {
				t.leave(a, what+"; "+fix)
			}
			continue
		}
		// A Deny of what Lambda does stays: the code must not do it either.
		if why := byPlatform(prefix, name, t.st); why != "" && !t.st.deny {
			t.r.uncalled(t.function, a, why)
			continue
		}
		if groups[prefix] == nil {
			prefixes = append(prefixes, prefix)
		}
		groups[prefix] = append(groups[prefix], a)
	}
	// Actions of several services on * share one rule; with resources, each service has one of its
	// own.
	var anywhere set
	everywhere := slices.Contains(t.st.resources, "*")
	for _, prefix := range prefixes {
		if everywhere {
			anywhere.add(groups[prefix]...)
			continue
		}
		t.service(prefix, groups[prefix], prefixes)
	}
	if anywhere.list != nil {
		out := t.base
		out.actions = anywhere.list
		t.rules = append(t.rules, &out)
	}
}

// everything translates the action *.
func (t *translation) everything() {
	switch {
	case !t.st.deny:
		t.leave(label("the action *", t.st.from), "a whitelist with every action would refuse nothing; name the actions that the function calls")
	case !slices.Contains(t.st.resources, "*"):
		t.leave(label("the action *", t.st.from), "a rule for every action cannot name resources; name the services")
	default:
		out := t.base
		out.actions = []string{"*:*"}
		t.rules = append(t.rules, &out)
	}
}

// service makes the rules of the actions of one service, on the resources that are the service's.
// prefixes are all services of the statement: IAM lets one statement hold actions and resources of
// several, and only equal services belong together.
func (t *translation) service(prefix string, actions, prefixes []string) {
	var on, anywhere, unseen set // unseen: calls do not show what they touch
	resources, inOwn := set{exact: true}, set{exact: true}
	known, _ := awsops.Service(prefix)
	// An unknown service is kept by its prefix. The check of the policy reports it later.
	if known == "" {
		known = prefix
	}
	for _, resource := range t.st.resources {
		parts := strings.SplitN(resource, ":", 6)
		if len(parts) > 2 && parts[0] == "arn" && parts[2] != prefix && slices.Contains(prefixes, parts[2]) {
			continue // of another service of the statement
		}
		text, short := resourceText(prefix, resource)
		if !t.st.deny && strings.ContainsAny(afterColons(resource, 5), ownRegion+ownAccount) {
			// A name with the account in it, such as bucket-111122223333, has * in the rule: it
			// matches more than the role's.
			t.r.wider(t.function, text, "the role has the function's own account or region in the name, and the rule has any")
		}
		switch {
		// What has neither its own region nor its own account, such as arn:aws:s3:::receipts, says
		// all itself.
		case short || t.st.deny || !strings.ContainsAny(resource, ownRegion+ownAccount):
			resources.add(text)
		case strings.Contains(resource, ownAccount): // in another region
			inOwn.add(text)
		default: // in another account
			resources.add(text)
			t.r.wider(t.function, text, "the role allows it in the function's own region, and the rule in any")
		}
	}
	// An action whose resources all belong to other services can never be allowed by this
	// statement.
	if len(resources.list)+len(inOwn.list) == 0 {
		t.leave(strings.Join(actions[:min(3, len(actions))], ", "), "the statement names no resource of "+prefix)
		return
	}
	// wider takes an action that cannot be limited to the resources: unseen if nothing is known
	// about the service, anywhere if the call has an id in the place of a name.
	wider := func(action, why string) {
		switch {
		case t.st.deny:
			// In a blacklist, wider would block more than the role denies. The resources stay.
			on.add(action)
			return
		case why == byID:
			anywhere.add(action)
		default:
			unseen.add(action)
		}
	}
	for _, a := range actions {
		p, err := pattern.ParseAWS(a, pattern.Wide)
		switch {
		case err != nil:
			on.add(a) // its error is found with the others
		case !awsops.HasResources(known):
			// "" is not byID, so that the action goes to unseen.
			wider(a, "")
		case pattern.Resourceless(p):
			// IAM ignores a resource for s3:ListAllMyBuckets and the like: the statement allows it
			// nowhere.
			t.leave(a, "it takes no resource, so that only a statement on * allows it")
		case strings.ContainsAny(p.Operation, "*?"):
			on.add(t.expand(p, a, wider)...)
		case awsops.GoesByID(known, p.Operation):
			wider(a, byID)
		default:
			on.add(a)
		}
	}
	// The two parts differ in accounts only: an ARN with a foreign region and the own account is
	// still limited to that account.
	for _, part := range [...]struct {
		resources []string
		accounts  []string
	}{{inOwn.list, []string{"self"}}, {resources.list, nil}} {
		if len(on.list) == 0 || len(part.resources) == 0 {
			continue
		}
		out := t.base
		out.actions, out.resources = slices.Clone(on.list), part.resources
		// A condition on aws:ResourceAccount has set accounts already, and is the stricter one.
		if out.accounts == nil {
			out.accounts = part.accounts
		}
		t.rules = append(t.rules, &out)
	}
	t.anywhere(anywhere.list, byID)
	t.anywhere(unseen.list, "what calls of "+prefix+" touch is not known")
}

// byID is the reason for operations whose call has an id that only the service can resolve.
const byID = "the id in the call does not show what it touches"

// anywhere adds a rule that allows actions on any resource, and reports why.
func (t *translation) anywhere(actions []string, why string) {
	if len(actions) == 0 {
		return
	}
	out := t.base
	out.actions = actions
	out.comments = append(slices.Clone(out.comments), "on any resource: "+why)
	t.rules = append(t.rules, &out)
	t.r.wider(t.function, strings.Join(actions, ", "), why+", so that the rule allows any resource; the role still limits it")
}

// A set is a list in which each text is once.
// has is by the text, in lower case unless exact: IAM compares actions without case.
type set struct {
	exact bool // case matters, as in resources
	list  []string
	has   map[string]bool
}

// add keeps the first spelling of each text.
func (s *set) add(more ...string) {
	if s.has == nil {
		s.has = map[string]bool{}
	}
	for _, m := range more {
		key := m
		if !s.exact {
			key = strings.ToLower(m)
		}
		if !s.has[key] {
			s.has[key] = true
			s.list = append(s.list, m)
		}
	}
}

// expand returns what a glob stands for beside a rule of its own for operations that go by an id:
// the glob, or the operations that it matches if some of them do.
func (t *translation) expand(p pattern.AWS, action string, wider func(action, why string)) []string {
	if t.st.deny {
		// A Deny keeps its glob: wider would put the operations back on the same resources.
		return []string{action}
	}
	ids := awsops.ByID(p.Service, func(name string) bool { return pattern.MatchGlob(p.Operation, name) })
	prefix, _, _ := strings.Cut(action, ":")
	for _, name := range ids {
		wider(prefix+":"+name, byID)
	}
	// "sqs:*" stays as it is. Its rule and the one for operations by id overlap without harm.
	if len(ids) == 0 || strings.Trim(p.Operation, "*") == "" {
		return []string{action}
	}
	var all []string
	// s3:Get* becomes all of S3's operations that begin with Get and go by a name. Others are in
	// the rule of wider already.
	for _, name := range names.Of(p.Service) {
		one, err := pattern.ParseAWS(prefix+":"+name, pattern.Wide)
		if err == nil && pattern.MatchGlob(p.Operation, strings.ToLower(name)) && !awsops.GoesByID(p.Service, one.Operation) && !pattern.Resourceless(one) && !names.Untaken(p.Service, name) {
			all = append(all, prefix+":"+name)
		}
	}
	return all
}

// resourceText returns a resource as a rule has it: what follows the fifth colon of an ARN in the
// function's own account and region, which is short, and the ARN otherwise.
func resourceText(prefix, resource string) (text string, short bool) {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		// "*", or a part of an ARN, which IAM accepts: arn:aws:s3:::a*.
		return plainText(pattern.CompleteARN(resource)), false
	}
	// own means that the template itself has pseudo parameters: ${AWS::Partition}, ${AWS::Region}.
	// A literal account may be another one than the function's.
	own := parts[1] == ownPartition || parts[1] == "aws" && (parts[3] == ownRegion || parts[4] == ownAccount)
	if own && parts[2] == prefix && (parts[3] == "" || parts[3] == ownRegion) && (parts[4] == "" || parts[4] == ownAccount) && strings.Trim(parts[5], "*") != "" {
		return plainText(parts[5]), true
	}
	return plainText(resource), false
}

// plainText replaces what is known only where the function runs.
// It writes * for the marks of the own region, account and partition, as a glob in a resource.
func plainText(s string) string {
	return strings.NewReplacer(ownRegion, "*", ownAccount, "*", ownPartition, "*").Replace(s)
}
