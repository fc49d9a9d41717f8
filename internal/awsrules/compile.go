// Package awsrules is the engine for aws: rules. Compile keeps the rules by service; Read reads a
// call, and Judge matches everything that the call touches against both lists.
//
// The package finds out at the first call of an operation which rules concern it and how its input
// is read, and keeps that. Findings name rules by their number among the policy's rules.
package awsrules

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// Config is what the engine knows of the function.
type Config struct {
	Region    string
	Account   string // 12 digits; "" when it is not known
	Whitelist bool   // some whitelist applies: default deny
}

// Rules are the compiled aws: rules of both lists. Any number of goroutines may use them.
// Everything but the memos is fixed by Compile.
type Rules struct {
	Own         awscall.Where
	Signers     []string // accounts in whitelist rules that do not list the own one; see JudgeUnsigned
	validRegion bool     // own has the code of a region, or none
	number      uint64   // own's account; noAccount if it is not known
	Config
	services  map[string][]*compiled           // by IAM prefix, in the order written; "*" has those of every service
	byInput   memo[unsafe.Pointer, *operation] // by its type
	byName    memo[opName, *operation]         // of calls without an input
	unknown   memo[opName, *operation]         // the same for operations not in the tables: a request may name any, and none takes the place of a known one
	hosts     memo[string, *awscall.Endpoint]
	endpoints memo[opName, *Endpoint] // a host, as name, beside a service
	readings  sync.Pool               // *awsReading
}

// An awsRule is one compiled aws: rule.
// A nil list in it means that the rule does not have the key.
type compiled struct {
	origin          *rule.Origin
	Number          int32 // among the policy's rules
	mode            pattern.Mode
	Outcome         rule.Outcome
	any             bool
	subject, except []pattern.AWS
	access          pattern.Levels
	hasAccess       bool
	resources       []arnPattern // nil matches any resource, and operations that take none
	regions         []string
	accounts        []string
	callers         []pattern.Caller
}

// An awsOp is an operation with the rules that concern it.
// nearest is for the reason of a refusal; the indexes are for judging.
type operation struct {
	*awscall.Op
	service      string // as in the call
	Access       string // the level, in words; "" when the operation is not known
	white, black index
	nearest      int32 // the first whitelist rule that names the operation; -1: none
	leftOut      bool  // the tables do not have it, and whitelist rules with access: do not match it for that
	byRegion     bool  // one of the rules has regions:
}

// noAccount is greater than the number of any account.
const noAccount = math.MaxUint64

// Compile compiles the aws: rules among rules, which must not change afterwards.
// Compile reads the rules once. Their numbers are their places in rules.
func Compile(config Config, rules []rule.Rule) *Rules {
	region := awsname.Region(config.Region)
	a := &Rules{
		Own:      awscall.Where{Partition: awsname.PartitionOf(region), Region: region, Account: config.Account},
		Config:   config,
		services: map[string][]*compiled{},
	}
	// A function outside AWS may have no region, and then every call shows its own.
	a.number = noAccount
	if n, err := strconv.ParseUint(config.Account, 10, 64); err == nil && awsname.IsAccount(config.Account) {
		a.number = n
	}
	a.validRegion = a.Own.Region == "" || awsname.ValidRegion(a.Own.Region)
	for i := range rules {
		if rules[i].Kind == rule.AWS {
			a.add(&rules[i], int32(i))
		}
	}
	return a
}

// add compiles one rule and files it under each service that it names.
func (a *Rules) add(r *rule.Rule, number int32) {
	c := &compiled{
		origin: &r.Origin, Number: number, mode: r.Mode, Outcome: r.Outcome, any: r.Any, subject: pattern.AllAWS(r.Subject),
		except: pattern.AllAWS(r.Except), hasAccess: r.Access != nil, accounts: r.Accounts, callers: r.Callers,
	}
	// Package policy has refused unknown levels, so that no error is left.
	c.access, _ = pattern.AccessLevels(r.Access, r.Mode)
	if c.vouches() && r.Accounts != nil && !c.lists(a.Own.Account, &a.Own) {
		a.Signers = append(a.Signers, r.Accounts...)
	}
	for _, region := range r.Regions {
		c.regions = append(c.regions, awsname.Region(region))
	}
	// "*" takes any resource, and the others add nothing.
	for _, text := range r.Resources {
		if text == "*" {
			c.resources = nil
			break
		}
		c.resources = append(c.resources, newARNPattern(text))
	}
	// Rules with aws: "*:*" are tried for calls of every service.
	if r.Any {
		a.services["*"] = append(a.services["*"], c)
	}
	// A rule with several operations of a service is filed once.
	seen := map[string]bool{}
	for _, p := range c.subject {
		if !seen[p.Service] {
			seen[p.Service] = true
			a.services[p.Service] = append(a.services[p.Service], c)
		}
	}
}

// vouches reports whether the rule is in a whitelist. All other rules forbid.
func (r *compiled) vouches() bool { return r.mode == pattern.Narrow }

// of returns the rules of both lists that name a service.
func (a *Rules) of(service string) []*compiled {
	prefix, ok := awsops.Service(service)
	if !ok {
		prefix = awsops.Plain(service)
	}
	return slices.Concat(a.services["*"], a.services[prefix])
}

// newOp finds the rules that concern an operation. It runs once for each operation and input type,
// and its result is kept.
func (a *Rules) newOp(c *Call, input reflect.Type) *operation {
	op := &operation{service: c.Service, nearest: -1}
	if c.Body != nil {
		op.Op = awscall.NewBodyOp(c.Service, c.Operation)
	} else {
		op.Op = awscall.NewOp(c.Service, c.Operation, input)
	}
	// A request with versionId is another IAM action: GetObjectVersion.
	if c.Version {
		op.Op = op.OfVersion()
	}
	if c.Adds != 0 {
		op.Op = op.Adding(c.Adds)
	}
	if op.Name != "" {
		op.Access = op.Level.String()
	}
	// Rules of other services concern the operation if their actions do: s3express:CreateSession.
	services := []string{"*", op.Service}
	for _, alias := range op.Aliases {
		services = append(services, alias.Service)
	}
	for _, action := range op.Actions {
		if action.Service != op.Service {
			services = append(services, action.Service)
		}
	}
	seen := map[*compiled]bool{}
	for _, service := range services {
		for _, r := range a.services[service] {
			if seen[r] {
				continue
			}
			seen[r] = true
			actions := r.covers(op.Op)
			// Such a rule may be what the author meant, and the reason of a refusal says so.
			if actions.Empty() {
				op.leftOut = op.leftOut || r.vouches() && r.hasAccess && op.Guessed && op.Name != ""
				continue
			}
			op.byRegion = op.byRegion || r.regions != nil
			if r.mode == pattern.Wide {
				op.black.add(r, actions, op.Service)
				continue
			}
			op.white.add(r, actions, op.Service)
			// Services are visited in this order, so that the first rule is the nearest.
			if op.nearest < 0 {
				op.nearest = r.Number
			}
		}
	}
	op.white.build()
	op.black.build()
	return op
}
