package learn

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/foldids"
)

// A statement is one of an IAM document.
type statement struct {
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
}

// IAM returns the document of a role that is enough for the AWS calls that the rules allow, with
// ids as *. An operation that takes several actions gets each of them on all of its resources, so
// the role can be wider than the calls, and never narrower as far as the tables know the actions.
// It is nil without AWS calls.
// It says what a role needs, beside the policy: both should allow the same.
func (r *Result) IAM() []byte {
	resources := map[string]map[string]bool{} // by action
	for i := range r.Sections {
		// Only calls that rules allow count: what was left must not get a permission.
		for _, c := range r.Sections[i].learned {
			if c.Kind == "aws" && c.Operation != "" {
				c.actions(resources)
			}
		}
	}
	if len(resources) == 0 {
		return nil
	}
	// Actions on the same resources share a statement, as people write it.
	actions := map[string][]string{} // by resources
	for _, action := range slices.Sorted(maps.Keys(resources)) {
		on := slices.Sorted(maps.Keys(resources[action]))
		key := strings.Join(on, "\x00")
		actions[key] = append(actions[key], action)
	}
	doc := struct {
		Version   string      `json:"Version"`
		Statement []statement `json:"Statement"`
	}{Version: "2012-10-17"}
	for key, on := range actions {
		doc.Statement = append(doc.Statement, statement{"Allow", on, strings.Split(key, "\x00")})
	}
	// Each action is in one statement only, so that the first one orders them.
	slices.SortFunc(doc.Statement, func(a, b statement) int { return cmp.Compare(a.Action[0], b.Action[0]) })
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil // texts alone always marshal
	}
	return append(text, '\n')
}

// actions adds what the call needs.
func (c *call) actions(resources map[string]map[string]bool) {
	// Most operations need the action of the same name. s3:ListBuckets needs s3:ListAllMyBuckets,
	// and s3:CopyObject needs two.
	names := cmp.Or(awsops.Actions(c.Service, c.Operation), c.Operation)
	for action := range strings.SplitSeq(names, ",") {
		// An action of another service has its prefix, as s3express:CreateSession of s3.
		if !strings.Contains(action, ":") {
			action = c.Service + ":" + action
		}
		if resources[action] == nil {
			resources[action] = map[string]bool{}
		}
		for _, arn := range c.Resources {
			resources[action][foldids.String(foldids.Resource, unmask(arn))] = true
		}
		// An operation without resources, such as sts:GetCallerIdentity, is allowed on * only.
		if len(c.Resources) == 0 {
			resources[action]["*"] = true
		}
	}
}
