package learn

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/fold"
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
func (r *Result) IAM() []byte {
	resources := map[string]map[string]bool{} // by action
	for i := range r.Sections {
		for _, c := range r.Sections[i].learned {
			if c.Kind == "aws" && c.Operation != "" {
				c.actions(resources)
			}
		}
	}
	if len(resources) == 0 {
		return nil
	}
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
	slices.SortFunc(doc.Statement, func(a, b statement) int { return cmp.Compare(a.Action[0], b.Action[0]) })
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil // texts alone always marshal
	}
	return append(text, '\n')
}

// actions adds what the call needs.
func (c *call) actions(resources map[string]map[string]bool) {
	names := cmp.Or(awsops.Actions(c.Service, c.Operation), c.Operation)
	for action := range strings.SplitSeq(names, ",") {
		if !strings.Contains(action, ":") {
			action = c.Service + ":" + action
		}
		if resources[action] == nil {
			resources[action] = map[string]bool{}
		}
		for _, arn := range c.Resources {
			resources[action][fold.String(fold.Resource, unmask(arn))] = true
		}
		if len(c.Resources) == 0 {
			resources[action]["*"] = true
		}
	}
}
