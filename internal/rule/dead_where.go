package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// This file finds conditions of an aws: rule that contradict what stands beside them, so that they
// leave nothing: access: and the operations, regions: or accounts: and the ARNs.

// deadAccess finds operations whose level access: leaves out.
func (r *Rule) deadAccess(add func(Key, int, bool, *report.Problem)) {
	if r.Access == nil {
		return
	}
	levels, ok := pattern.AccessLevels(r.Access, r.Mode)
	// ok is false for words that are reported elsewhere.
	if !ok {
		return
	}
	type dead struct {
		index   int
		certain bool
		level   awsops.Level
	}
	// All are collected first, because the fix depends on how many there are.
	var all []dead
	subject := pattern.AllAWS(r.Subject)
	for i, s := range subject {
		// Any service, and services newer than the tables, have levels that nobody knows.
		if s.Service == "*" || s.Unlisted {
			continue
		}
		of, certain := levelsOf(s)
		if of != nil && !slices.ContainsFunc(of, levels.Has) {
			all = append(all, dead{i, certain, of[0]})
		}
	}
	// If every operation has one and the same level, access: is wrong. Otherwise the operation is.
	for _, d := range all {
		p := &report.Problem{
			What: fmt.Sprintf("%q can never match with access: %s: it is %s", subject[d.index].Text, listed(r.Access), d.level),
			Fix:  "write access: " + d.level.String(),
		}
		if len(all) < len(subject) || slices.ContainsFunc(all, func(e dead) bool { return e.level != d.level }) {
			p.Fix = "delete it, or add " + d.level.String() + " to access:"
		}
		add(Subject, d.index, !d.certain, p)
	}
}

// levelsOf returns the levels of everything that a pattern names: of an operation, its own and
// those of its IAM actions. It is nil if that is not known. certain is false for a glob, whose
// levels are guessed from its verb.
func levelsOf(s pattern.AWS) (levels []awsops.Level, certain bool) {
	// A glob: get* is judged by its verb, and *item by nothing.
	if verb, rest, ok := strings.Cut(s.Operation, "*"); ok || strings.Contains(verb, "?") {
		if strings.Contains(verb, "?") || strings.Trim(rest, "*") != "" && verb == "" {
			return nil, false
		}
		// Several levels each, so that only clear contradictions are reported: put* with access:
		// read.
		switch {
		case verbIs(verb, "get", "list", "describe", "head"):
			return []awsops.Level{awsops.Read, awsops.List}, false
		case verbIs(verb, "put", "create", "delete", "update", "send"):
			return []awsops.Level{awsops.Write, awsops.Tagging, awsops.Permissions}, false
		}
		return nil, false
	}
	add := func(prefix, name string) {
		if e, ok := awsops.Find(prefix, name); ok && !slices.Contains(levels, e.Level) {
			levels = append(levels, e.Level)
		}
	}
	// The operation, then the IAM actions that stand for it, then the operations of an action.
	add(s.Service, s.Operation)
	if levels == nil && awsops.Actions(s.Service, s.Operation) == "" {
		return nil, false // newer than the tables, which is reported elsewhere
	}
	for action := range strings.SplitSeq(awsops.Actions(s.Service, s.Operation), ",") {
		// An action of another service has its prefix: iam:PassRole.
		if prefix, name, ok := strings.Cut(action, ":"); ok {
			add(prefix, name)
		} else if action != "" {
			add(s.Service, action)
		}
	}
	awsops.Operations(s.Service, s.Operation, add)
	return levels, true
}

// verbIs reports whether a glob's text in front of the * begins with one of some verbs.
func verbIs(verb string, verbs ...string) bool {
	return slices.ContainsFunc(verbs, func(v string) bool { return strings.HasPrefix(verb, v) })
}

// listed writes a list as a policy has it: one text, or several in brackets.
func listed(texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// deadPlaces finds ARNs in places that regions: and accounts: leave out.
func (r *Rule) deadPlaces(add func(Key, int, bool, *report.Problem)) {
	for i, text := range r.Resources {
		// arn:partition:service:region:account:resource
		parts := strings.SplitN(text, ":", 6)
		if len(parts) < 6 || parts[0] != "arn" {
			continue
		}
		partition, region, account := parts[1], parts[3], parts[4]
		never := func(why, fix string) {
			add(Resources, i, false, report.Of(text, " can never match: "+why, fix))
		}
		// S3's ARNs have no region, so that any region agrees.
		in := func(r string) bool {
			r = awsname.Region(r)
			return pattern.MatchGlob(region, r) || region == ""
		}
		// China and GovCloud have partitions of their own: cn-north-1 is in aws-cn.
		ofPartition := func(r string) bool { return pattern.MatchGlob(partition, awsname.PartitionOf(awsname.Region(r))) }
		switch {
		case r.Regions == nil:
		case !slices.ContainsFunc(r.Regions, in):
			never("regions: does not have "+region, orDelete("regions", region))
			continue
		// The region may be a *, and the partition excludes all of regions: all the same.
		case !slices.ContainsFunc(r.Regions, ofPartition):
			never("regions: has none of the partition "+report.Quoted(report.Short(partition)), "delete regions:, which the ARN has")
			continue
		}
		// Which account self is, is known only when the function runs. NotOwn checks it then.
		ofAccount := func(id string) bool { return id == "self" || pattern.MatchGlob(account, id) }
		if r.Accounts != nil && account != "" && !slices.ContainsFunc(r.Accounts, ofAccount) {
			never("accounts: does not have "+account, orDelete("accounts", account))
		}
	}
}

// orDelete says how a key agrees with a value that an ARN has beside it.
func orDelete(key, value string) string {
	if strings.ContainsAny(value, "*?") {
		return "delete " + key + ":, which the ARN has"
	}
	return fmt.Sprintf("write %s: %q, or delete it: the ARN has it", key, value)
}

// NotOwn reports whether all ARNs in resources: name other accounts than own, the function's, where
// accounts: has self alone. Then no call matches. Outside Lambda, own is "", and it reports false.
func (r *Rule) NotOwn(own string) bool {
	accounts := r.besideSelf()
	return own != "" && len(accounts) > 0 && !slices.Contains(accounts, own)
}

// BesideSelf returns the account that all ARNs in resources: name where accounts: has self alone,
// so that the rule is for functions in that account and nowhere else; "" if they name several or
// none.
func (r *Rule) BesideSelf() string {
	accounts := slices.Compact(r.besideSelf())
	if len(accounts) != 1 {
		return ""
	}
	return accounts[0]
}

// besideSelf returns the account of each ARN in resources:, where accounts: has self alone and each
// names one.
func (r *Rule) besideSelf() (accounts []string) {
	if len(r.Accounts) != 1 || r.Accounts[0] != "self" || r.Resources == nil {
		return nil
	}
	for _, text := range r.Resources {
		parts := strings.SplitN(text, ":", 6)
		if len(parts) < 6 || parts[0] != "arn" || !awsname.IsAccount(parts[4]) {
			return nil
		}
		accounts = append(accounts, parts[4])
	}
	return accounts
}
