package awscall

import (
	"reflect"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// batchOf returns the actions that come to the same as an operation that does to many what another does to one, where its name does not say so.
// Most do: BatchGetItem, PutRecordBatch.
func batchOf(service, operation string) string {
	switch service + ":" + operation {
	case "dynamodb:BatchWriteItem":
		return "PutItem,DeleteItem"
	case "kinesis:PutRecords":
		return "PutRecord"
	case "ssm:DeleteParameters":
		return "DeleteParameter"
	case "ssm:GetParameters", "ssm:GetParametersByPath",
		"ssm:GetParameterHistory": // the value of now is one of them
		return "GetParameter"
	}
	return ""
}

// batch returns the actions that come to the same as the operation's own, one by one: IAM asks for an action of its own for a batch, and who forbids
// the one means the other.
func (op *Op) batch() (actions uint64) {
	if list := batchOf(op.Service, op.Name); list != "" {
		for name := range strings.SplitSeq(list, ",") {
			actions |= op.single(name)
		}
		return actions
	}
	of, ok := strings.CutPrefix(op.Name, "Batch")
	if !ok {
		if of, ok = strings.CutSuffix(op.Name, "Batch"); !ok {
			return 0
		}
	}
	for _, name := range [...]string{of, strings.TrimSuffix(of, "s"), strings.TrimSuffix(of, "ies") + "y"} {
		// With the same level, so that a rule for an access level catches no more than it did.
		if e, ok := awsops.Find(op.Service, name); ok && e.Level == op.Level {
			return op.single(name)
		}
	}
	return 0
}

// single adds an action that the batch comes to. It has no level: a rule about access levels goes by the batch's own actions.
func (op *Op) single(name string) uint64 {
	n := len(op.Actions)
	i := op.action(name)
	if i == n {
		op.Actions[i].Level = awsops.None
	}
	return 1 << i
}

// parseRequests reads a table of a BatchWriteItem, with what is put into it and deleted from it.
func parseRequests(ts *Touches, s *step, values []string) {
	table := values[0]
	parseName(ts, s, values)
	t := &ts.List[len(ts.List)-1]
	requests := reflect.NewAt(inputType(ts.op.input), ts.root).Elem().FieldByName("RequestItems").MapIndex(reflect.ValueOf(table))
	for i := range requests.Len() {
		r := requests.Index(i)
		if isSet(r, "PutRequest") {
			t.Also |= 1 << ts.op.index("dynamodb", "PutItem")
		}
		if isSet(r, "DeleteRequest") {
			t.Also |= 1 << ts.op.index("dynamodb", "DeleteItem")
		}
	}
}

func isSet(v reflect.Value, field string) bool {
	if v.Kind() != reflect.Struct {
		return false
	}
	f := v.FieldByName(field)
	return f.IsValid() && !f.IsZero()
}

func inputType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
