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
