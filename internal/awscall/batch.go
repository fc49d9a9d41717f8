package awscall

import (
	"reflect"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// batchOf returns the actions on one thing that an operation on many stands for, where its name
// does not show them. Most names do: BatchGetItem, PutRecordBatch.
func batchOf(service, operation string) string {
	switch service + ":" + operation {
	case "dynamodb:BatchWriteItem":
		return "PutItem,DeleteItem"
	case "lambda:InvokeFunctionUrl": // one function by another way
		return "InvokeFunction"
	case "kinesis:PutRecords":
		return "PutRecord"
	case "ssm:DeleteParameters":
		return "DeleteParameter"
	case "ssm:GetParameters", "ssm:GetParametersByPath",
		"ssm:GetParameterHistory": // the current value is part of the history
		return "GetParameter"
	}
	return ""
}

// batch returns the actions that the operation takes on each single thing. IAM asks for an action
// of its own for a batch, but a blacklist that names the single action means the batch too.
// See decision 20.
func (op *Op) batch() (actions ActionSet) {
	// The list comes before the spelling, since it is exact.
	if list := batchOf(op.Service, op.Name); list != "" {
		for name := range strings.SplitSeq(list, ",") {
			actions = actions.Union(op.single(name))
		}
		return actions
	}
	// "BatchGetItem" and "PutRecordBatch".
	of, ok := strings.CutPrefix(op.Name, "Batch")
	if !ok {
		if of, ok = strings.CutSuffix(op.Name, "Batch"); !ok {
			return 0
		}
	}
	// BatchGetProjects is GetProject, BatchGetRepositories is GetRepository.
	for _, name := range [...]string{of, strings.TrimSuffix(of, "s"), strings.TrimSuffix(of, "ies") + "y"} {
		// The level must be the same, so that a rule for an access level catches no more than
		// before.
		if e, ok := awsops.Find(op.Service, name); ok && e.Level == op.Level {
			return op.single(name)
		}
	}
	return 0
}

// single adds the single action of a batch. It has no level, so that rules about access levels go
// by the batch's own action.
func (op *Op) single(name string) ActionSet {
	n := len(op.Actions)
	i := op.action(name)
	// The action is new, and not one that the operation takes anyway.
	if i == n {
		op.Actions[i].Level = awsops.None
	}
	return oneAction(i)
}

// parseRequests reads a table of a BatchWriteItem, with the items that are put into it and deleted
// from it.
func parseRequests(ts *Touches, s *step, values []string) {
	table := values[0]
	parseName(ts, s, values)
	if ts.op.input == nil {
		return // a Body: all that the batch may do counts
	}
	t := &ts.List[len(ts.List)-1]
	// RequestItems is a map from tables to lists of requests, each either a put or a delete.
	items := reflect.NewAt(inputType(ts.op.input), ts.root).Elem().FieldByName("RequestItems")
	// Another form would be a newer input; also stays empty then, and the batch's own action
	// counts.
	if items.Kind() != reflect.Map || items.Type().Key() != reflect.TypeFor[string]() {
		return
	}
	requests := items.MapIndex(reflect.ValueOf(table))
	if requests.Kind() != reflect.Slice {
		return
	}
	for i := range requests.Len() {
		r := requests.Index(i)
		if isSet(r, "PutRequest") {
			t.Also.Add(ts.op.index("dynamodb", "PutItem"))
		}
		if isSet(r, "DeleteRequest") {
			t.Also.Add(ts.op.index("dynamodb", "DeleteItem"))
		}
	}
}

// isSet reports whether a field of a struct is there and not nil.
func isSet(v reflect.Value, field string) bool {
	if v.Kind() != reflect.Struct {
		return false
	}
	f := v.FieldByName(field)
	return f.IsValid() && !f.IsZero()
}

// inputType returns the struct that an input type points to.
func inputType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
