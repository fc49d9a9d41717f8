package policy

import (
	"reflect"
	"strings"
	"sync"

	"github.com/outguard/outguard/internal/awscall"
)

// awsRules are the compiled aws: rules of one policy. Which of them concern an operation, and how its input is read, is found
// out at its first call and kept.
type awsRules struct {
	own       awscall.Where
	strict    bool                  // strict_operations
	white     bool                  // there is a whitelist
	services  map[string][]*awsRule // by IAM prefix, in the order written; "*" has those of every service
	byInput   sync.Map              // reflect.Type of an input → *awsOp
	byName    sync.Map              // "service:Operation" → *awsOp, of calls without an input
	workspace sync.Pool             // *awsWorkspace
}

// An awsRule is one compiled aws: rule.
type awsRule struct {
	ref             *RuleRef
	list            List
	verdict         Verdict
	order           int // place among the rules
	any             bool
	subject, except []awsPattern
	access          levels
	hasAccess       bool
	resources       []arnPattern // nil: any, and none
	regions         []string
	accounts        []string
}

// An awsOp is an operation with the rules that concern it.
type awsOp struct {
	*awscall.Op
	service      string // as in AWSCall
	white, black awsIndex
	nearest      *RuleRef // the first whitelist rule that names the operation
}

// awsWorkspace is what one decision needs; it is used again by later ones.
type awsWorkspace struct {
	touches awscall.Touches
	hits    []int32
}

// compileAWS compiles the aws: rules among rules; the others are not its business. set outlives the call and never changes.
func compileAWS(set *settings, rules []rule) (*awsRules, error) {
	a := &awsRules{
		own:      awscall.Where{Partition: awscall.PartitionOf(set.env.Region), Region: set.env.Region, Account: set.env.Account},
		strict:   set.strictOperations,
		white:    set.whitelist,
		services: map[string][]*awsRule{},
	}
	a.workspace.New = func() any { return new(awsWorkspace) }
	for i := range rules {
		r := &rules[i]
		if r.kind != kindAWS {
			continue
		}
		c := &awsRule{
			ref: &r.ref, list: r.list, verdict: r.verdict, order: i, any: r.any, subject: r.subject.aws, except: r.except.aws,
			hasAccess: r.access != "", regions: r.regions, accounts: r.accounts,
		}
		c.access, _ = accessOf(r.access, r.list)
		for _, text := range r.resources {
			if text == "*" {
				c.resources = nil
				break
			}
			c.resources = append(c.resources, newARNPattern(text))
		}
		if r.any {
			a.services["*"] = append(a.services["*"], c)
		}
		seen := map[string]bool{}
		for _, p := range c.subject {
			if !seen[p.service] {
				seen[p.service] = true
				a.services[p.service] = append(a.services[p.service], c)
			}
		}
	}
	return a, nil
}

// maxNames bounds how many operations without an input are kept: their names come from requests.
const maxNames = 4096

// op finds the operation of a call, and the rules that concern it.
func (a *awsRules) op(c *AWSCall) *awsOp {
	if c.Input == nil {
		return a.named(c)
	}
	t := reflect.TypeOf(c.Input)
	if kept, ok := a.byInput.Load(t); ok {
		if op := kept.(*awsOp); op.service == c.Service && (op.Name == c.Operation || c.Operation == "" || c.Operation[0] == '$') {
			return op
		}
		return a.newOp(c, t)
	}
	op := a.newOp(c, t)
	a.byInput.Store(t, op)
	return op
}

func (a *awsRules) named(c *AWSCall) *awsOp {
	key := c.Service + ":" + c.Operation
	if kept, ok := a.byName.Load(key); ok {
		return kept.(*awsOp)
	}
	op := a.newOp(c, nil)
	if op.Known && !op.Guessed {
		a.byName.Store(key, op)
	}
	return op
}

func (a *awsRules) newOp(c *AWSCall, input reflect.Type) *awsOp {
	op := &awsOp{Op: awscall.NewOp(c.Service, c.Operation, input), service: c.Service}
	services := []string{"*", op.Service}
	for _, action := range op.Actions {
		if action.Service != op.Service {
			services = append(services, action.Service)
		}
	}
	seen := map[*awsRule]bool{}
	for _, service := range services {
		for _, r := range a.services[service] {
			if seen[r] {
				continue
			}
			seen[r] = true
			actions := r.covers(op.Op, a.strict)
			if actions == 0 {
				continue
			}
			if r.list == Blacklist {
				op.black.add(r, actions)
				continue
			}
			op.white.add(r, actions)
			if op.nearest == nil {
				op.nearest = r.ref
			}
		}
	}
	op.white.build()
	op.black.build()
	return op
}

// covers returns the actions of an operation that the rule is about, as a bit set.
func (r *awsRule) covers(op *awscall.Op, strict bool) (actions uint64) {
	name := strings.ToLower(op.Name)
	named := r.any || matchesAny(r.subject, op.Service, name)
	if r.list == Whitelist && matchesAny(r.except, op.Service, name) {
		return 0
	}
	excepted := matchesAny(r.except, op.Service, name)
	for i, a := range op.Actions {
		own := a.Service == op.Service || a.Same
		lower := strings.ToLower(a.Name)
		if !(named && own) && !r.any && !matchesAny(r.subject, a.Service, lower) {
			continue
		}
		if r.list == Whitelist {
			if matchesAny(r.except, a.Service, lower) {
				return 0
			}
			if !r.access.has(a.Level) || (r.hasAccess && strict && a.Guessed) {
				continue
			}
		} else {
			if excepted || matchesAny(r.except, a.Service, lower) {
				continue
			}
			if !r.access.has(a.Level) && !(named && own && r.access.has(op.Level)) {
				continue
			}
		}
		actions |= 1 << i
	}
	return actions
}

func matchesAny(patterns []awsPattern, service, name string) bool {
	for i := range patterns {
		if patterns[i].matches(service, name) {
			return true
		}
	}
	return false
}
