package policy

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
)

// awsRules are the compiled aws: rules of one policy. Which of them concern an operation, and how its input is read, is found
// out at its first call and kept.
type awsRules struct {
	own         awscall.Where
	signers     []string                     // accounts in whitelist rules that do not list the own one; see decideUnsigned
	validRegion bool                         // own has a region's code, or none
	strict      bool                         // strict_operations
	white       bool                         // there is a whitelist
	services    map[string][]*awsRule        // by IAM prefix, in the order written; "*" has those of every service
	byInput     memo[unsafe.Pointer, *awsOp] // by its type, as a pointer: an interface is slower to hash
	byName      memo[awsName, *awsOp]        // of calls without an input
	unknown     memo[awsName, *awsOp]        // the same, of operations not in the tables: a request may name any, and none takes a known one's place
	hosts       memo[string, *awscall.Endpoint]
	endpoints   memo[awsName, *awsEndpoint] // a host, as name, beside a service
	readings    sync.Pool                   // *awsReading
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
	access       string // the level, in words; "" when the operation is not known
	white, black awsIndex
	nearest      *RuleRef // the first whitelist rule that names the operation
}

// compileAWS compiles the aws: rules among rules; the others are not its business. set outlives the call and never changes.
func compileAWS(set *settings, rules []rule) (*awsRules, error) {
	region := awscall.Region(set.env.Region)
	a := &awsRules{
		own:      awscall.Where{Partition: awscall.PartitionOf(region), Region: region, Account: set.env.Account},
		strict:   set.strictOperations,
		white:    set.whitelist,
		services: map[string][]*awsRule{},
	}
	a.validRegion = a.own.Region == "" || awscall.IsRegion(a.own.Region)
	for i := range rules {
		r := &rules[i]
		if r.kind != kindAWS {
			continue
		}
		c := &awsRule{
			ref: &r.ref, list: r.list, verdict: r.verdict, order: i, any: r.any, subject: r.subject.aws, except: r.except.aws,
			hasAccess: r.access != "", accounts: r.accounts,
		}
		c.access, _ = accessOf(r.access, r.list)
		if r.list == Whitelist && r.accounts != nil && !c.lists(a.own.Account, &a.own) {
			a.signers = append(a.signers, r.accounts...)
		}
		for _, region := range r.regions {
			c.regions = append(c.regions, awscall.Region(region))
		}
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

// of returns the rules of both lists that name a service.
func (a *awsRules) of(service string) []*awsRule {
	prefix, _ := awsops.Service(service)
	return slices.Concat(a.services["*"], a.services[prefix])
}

func (a *awsRules) newOp(c *AWSCall, input reflect.Type) *awsOp {
	op := &awsOp{Op: awscall.NewOp(c.Service, c.Operation, input), service: c.Service}
	if c.version {
		op.Op = op.OfVersion()
	}
	if op.Name != "" {
		op.access = op.Level.String()
	}
	services := []string{"*", op.Service}
	for _, alias := range op.Aliases {
		services = append(services, alias.Service)
	}
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
			if actions.Empty() {
				continue
			}
			if r.list == Blacklist {
				op.black.add(r, actions, op.Service)
				continue
			}
			op.white.add(r, actions, op.Service)
			if op.nearest == nil {
				op.nearest = r.ref
			}
		}
	}
	op.white.build()
	op.black.build()
	return op
}

// covers returns the actions of an operation that the rule is about.
func (r *awsRule) covers(op *awscall.Op, strict bool) (actions awscall.ActionSet) {
	if op.Name == "" {
		return r.coversUnknown(op)
	}
	named := r.any || namedBy(r.subject, op)
	excepted := namedBy(r.except, op)
	if r.list == Whitelist && excepted {
		return 0
	}
	// Of an operation that does more than its actions say, the level is its own.
	more := true
	for i, a := range op.Actions {
		more = more && (!op.Primary.Has(i) || a.Level != op.Level)
	}
	for i, a := range op.Actions {
		own := op.Own(i)
		if !(named && own) && !r.any && !namesAction(r.subject, &a) || namesAction(r.except, &a) {
			continue
		}
		if r.list == Whitelist {
			if !r.access.has(a.Level) || (r.hasAccess && strict && a.Guessed) {
				continue
			}
		} else if excepted || !r.access.has(a.Level) && !(more && named && own && r.access.has(op.Level)) {
			continue
		}
		actions.Add(i)
	}
	return actions
}

// namedBy reports whether one of the patterns names an operation, by its own name. One that is named by IAM's action is any of those that take it.
func namedBy(patterns []awsPattern, op *awscall.Op) bool {
	return matchesAny(patterns, op.Service, strings.ToLower(op.Name)) ||
		slices.ContainsFunc(op.Aliases, func(a awscall.Alias) bool { return matchesAny(patterns, a.Service, strings.ToLower(a.Name)) })
}

// namesAction reports whether one of the patterns names an action. One on an object's version goes by the name of the one on the object, too.
func namesAction(patterns []awsPattern, a *awscall.Action) bool {
	return matchesAny(patterns, a.Service, strings.ToLower(a.Name)) || a.Plain != "" && matchesAny(patterns, a.Service, strings.ToLower(a.Plain))
}

// coversUnknown is covers for an operation that cannot be known, of a known service: it may be any of them.
func (r *awsRule) coversUnknown(op *awscall.Op) awscall.ActionSet {
	all := op.AllActions()
	for _, p := range r.subject {
		if p.service != "*" && p.service != op.Service {
			if r.list == Blacklist && slices.ContainsFunc(op.Actions, func(a awscall.Action) bool { return a.Same && a.Service == p.service }) {
				return all
			}
			continue
		}
		if r.list == Blacklist || (p.operation == "*" && !r.hasAccess && r.except == nil) {
			return all
		}
	}
	if r.any && (r.list == Blacklist || r.except == nil) {
		return all
	}
	return 0
}

func matchesAny(patterns []awsPattern, service, name string) bool {
	for i := range patterns {
		if patterns[i].matches(service, name) {
			return true
		}
	}
	return false
}
