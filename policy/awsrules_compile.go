// Package awsrules is the engine for aws: rules. Compile keeps the rules by service; Read reads a call, and Judge
// matches everything that the call touches against both lists.
//
// The package finds out at the first call of an operation which rules concern it and how its input is read, and keeps that.
// Findings name rules by their number among the policy's rules.
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

// awsConfig is what the engine knows of the function.
type awsConfig struct {
	region    string
	account   string // 12 digits; "" when it is not known
	strict    bool   // strict_operations
	whitelist bool   // some whitelist applies: default deny
}

// awsRules are the compiled aws: rules of both lists. Any number of goroutines may use them.
type awsRules struct {
	own         awscall.Where
	signers     []string // accounts in whitelist rules that do not list the own one; see judgeUnsigned
	validRegion bool     // own has the code of a region, or none
	awsConfig
	services  map[string][]*awsRule        // by IAM prefix, in the order written; "*" has those of every service
	byInput   memo[unsafe.Pointer, *awsOp] // by its type, as a pointer: an interface is slower to hash
	byName    memo[awsName, *awsOp]        // of calls without an input
	unknown   memo[awsName, *awsOp]        // the same for operations not in the tables: a request may name any, and none takes the place of a known one
	hosts     memo[string, *awscall.Endpoint]
	endpoints memo[awsName, *awsEndpoint] // a host, as name, beside a service
	readings  sync.Pool                   // *awsReading
}

// An awsRule is one compiled aws: rule.
type awsRule struct {
	origin          *origin
	number          int32 // among the policy's rules
	mode            mode
	outcome         outcome
	any             bool
	subject, except []awsPattern
	access          levels
	hasAccess       bool
	resources       []arnPattern // nil matches any resource, and operations that take none
	regions         []string
	accounts        []string
}

// An awsOp is an operation with the rules that concern it.
type awsOp struct {
	*awscall.Op
	service      string // as in the call
	access       string // the level, in words; "" when the operation is not known
	white, black awsIndex
	nearest      int32 // the first whitelist rule that names the operation; -1: none
}

// compileAWS compiles the aws: rules among rules, which must not change afterwards.
func compileAWS(config awsConfig, rules []rule) *awsRules {
	region := awscall.Region(config.region)
	a := &awsRules{
		own:       awscall.Where{Partition: awscall.PartitionOf(region), Region: region, Account: config.account},
		awsConfig: config,
		services:  map[string][]*awsRule{},
	}
	a.validRegion = a.own.Region == "" || awscall.IsRegion(a.own.Region)
	for i := range rules {
		if rules[i].kind == kindAWS {
			a.add(&rules[i], int32(i))
		}
	}
	return a
}

func (a *awsRules) add(r *rule, number int32) {
	c := &awsRule{
		origin: &r.origin, number: number, mode: r.mode, outcome: r.outcome, any: r.any, subject: awsPatterns(r.subject),
		except: awsPatterns(r.except), hasAccess: r.access != "", accounts: r.accounts,
	}
	c.access, _ = accessOf(r.access, r.mode)
	if c.vouches() && r.accounts != nil && !c.lists(a.own.Account, &a.own) {
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

// vouches reports whether the rule is in a whitelist. All other rules forbid.
func (r *awsRule) vouches() bool { return r.mode == narrow }

// of returns the rules of both lists that name a service.
func (a *awsRules) of(service string) []*awsRule {
	prefix, _ := awsops.Service(service)
	return slices.Concat(a.services["*"], a.services[prefix])
}

func (a *awsRules) newOp(c *awsCall, input reflect.Type) *awsOp {
	op := &awsOp{Op: awscall.NewOp(c.service, c.operation, input), service: c.service, nearest: -1}
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
			if actions == 0 {
				continue
			}
			if r.mode == wide {
				op.black.add(r, actions, op.Service)
				continue
			}
			op.white.add(r, actions, op.Service)
			if op.nearest < 0 {
				op.nearest = r.number
			}
		}
	}
	op.white.build()
	op.black.build()
	return op
}

// covers returns the actions of an operation that the rule is about, as a bit set.
func (r *awsRule) covers(op *awscall.Op, strict bool) (actions uint64) {
	if op.Name == "" {
		return r.coversUnknown(op)
	}
	named := r.any || namedBy(r.subject, op)
	excepted := namedBy(r.except, op)
	if r.mode == narrow && excepted {
		return 0
	}
	// Of an operation that does more than its actions say, the level is its own.
	more := true
	for i, a := range op.Actions {
		more = more && (op.Primary&(1<<i) == 0 || a.Level != op.Level)
	}
	for i, a := range op.Actions {
		own := op.Own(i)
		if !(named && own) && !r.any && !namesAction(r.subject, &a) || namesAction(r.except, &a) {
			continue
		}
		if r.mode == narrow {
			if !r.access.has(a.Level) || (r.hasAccess && strict && a.Guessed) {
				continue
			}
		} else if excepted || !r.access.has(a.Level) && !(more && named && own && r.access.has(op.Level)) {
			continue
		}
		actions |= 1 << i
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
func (r *awsRule) coversUnknown(op *awscall.Op) uint64 {
	all := uint64(1)<<len(op.Actions) - 1
	for _, p := range r.subject {
		if p.service != "*" && p.service != op.Service {
			if r.mode == wide && slices.ContainsFunc(op.Actions, func(a awscall.Action) bool { return a.Same && a.Service == p.service }) {
				return all
			}
			continue
		}
		if r.mode == wide || (p.operation == "*" && !r.hasAccess && r.except == nil) {
			return all
		}
	}
	if r.any && (r.mode == wide || r.except == nil) {
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
