package roles

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
)

// This file translates the resources of a statement, service by service.

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
