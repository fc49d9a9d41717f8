package roles

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// modules returns a plan with a function in the module fn, whose role comes out of the module role,
// and whose policy is on what the variable arn of the module fn stands for: %s is what its call
// gives.
func modules(arn string) string {
	return fmt.Sprintf(`{"terraform_version": "1", "variables": {"given": {"value": "arn:aws:sqs:eu-west-1:111122223333:given"}},
	"planned_values": {"root_module": {
		"resources": [
			{"address": "aws_sqs_queue.q[0]", "type": "aws_sqs_queue", "values": {"name": "q0"}},
			{"address": "aws_sqs_queue.q[1]", "type": "aws_sqs_queue", "values": {"name": "q1"}}],
		"child_modules": [
			{"resources": [
				{"address": "module.fn[0].aws_lambda_function.f", "type": "aws_lambda_function", "values": {"function_name": "pay"}},
				{"address": "module.fn[0].aws_iam_role_policy.p", "type": "aws_iam_role_policy", "values": {}}]},
			{"resources": [
				{"address": "module.table.aws_dynamodb_table.t", "type": "aws_dynamodb_table", "values": {"name": "orders"}}]},
			{"resources": [
				{"address": "module.role.aws_iam_role.r", "type": "aws_iam_role", "values": {"name": "pay"}}]}]}},
	"configuration": {"root_module": {"module_calls": {
		"table": {"module": {"resources": [{"address": "aws_dynamodb_table.t", "expressions": {}}],
			"outputs": {
				"arn": {"expression": {"references": ["aws_dynamodb_table.t.arn", "aws_dynamodb_table.t"]}},
				"arns": {"expression": {"references": ["aws_dynamodb_table.t.arn", "aws_dynamodb_table.t", "var.more"]}},
				"fixed": {"expression": {"constant_value": "arn:aws:sqs:eu-west-1:111122223333:fixed"}},
				"again": {"expression": {"references": ["var.again"]}}}},
			"expressions": {"again": {"references": ["module.table.again", "module.table"]}}},
		"role": {"module": {"outputs": {"arn": {"expression": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]}}}}},
		"fn": {
			"expressions": {"role": {"references": ["module.role.arn", "module.role"]}%s},
			"count_expression": {"constant_value": 1},
			"module": {
				"variables": {"arn": {"default": "arn:aws:sqs:eu-west-1:111122223333:usual"}},
				"resources": [
					{"address": "aws_lambda_function.f", "expressions": {"role": {"references": ["var.role"]}}},
					{"address": "aws_iam_role_policy.p", "expressions": {"role": {"references": ["var.role"]},
						"policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}}},
					{"address": "data.aws_iam_policy_document.d", "expressions": {"statement": [
						{"actions": {"constant_value": ["dynamodb:GetItem", "sqs:SendMessage"]}, "resources": {"references": ["var.arn"]}}]}}]}}
	}}}}`, arn)
}

// What a module gets and gives is followed to the resources, over any number of modules.
func TestTerraformModules(t *testing.T) {
	tests := []struct{ name, arn, want, left string }{
		{"an output", `, "arn": {"references": ["module.table.arn", "module.table"]}`, "table/orders", ""},
		{"a constant", `, "arn": {"constant_value": "arn:aws:sqs:eu-west-1:111122223333:own"}`, "eu-west-1:111122223333:own", ""},
		{"a constant output", `, "arn": {"references": ["module.table.fixed", "module.table"]}`, "eu-west-1:111122223333:fixed", ""},
		{"a default", ``, "eu-west-1:111122223333:usual", ""},
		{"a variable of the root", `, "arn": {"references": ["var.given"]}`, "eu-west-1:111122223333:given", ""},
		{"an instance", `, "arn": {"references": ["aws_sqs_queue.q[1].arn", "aws_sqs_queue.q[1]", "aws_sqs_queue.q"]}`, "q1", ""},
		{"the same instance", `, "arn": {"references": ["aws_sqs_queue.q", "count.index"]}`, "q0", ""},
		{"two", `, "arn": {"references": ["module.table.arn", "module.table", "aws_sqs_queue.q[1].arn", "aws_sqs_queue.q[1]", "aws_sqs_queue.q"]}`, "q1", ""},
		{"one that is not known", `, "arn": {"references": ["module.table.arns", "module.table"]}`, "table/orders", "missing var.arn in a statement of module.fn.data.aws_iam_policy_document.d: it is not known before apply"},
		{"a local", `, "arn": {"references": ["local.arn"]}`, "", "missing var.arn in a statement"},
		{"a value of for_each", `, "arn": {"references": ["each.value"]}`, "", "missing var.arn in a statement"},
		{"some instance of a module", `, "arn": {"references": ["module.table", "each.key"]}`, "", "missing var.arn in a statement"},
		{"a cycle", `, "arn": {"references": ["module.table.again", "module.table"]}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, left := read(t, modules(tt.arn))
			assert.Contains(t, text, "pay:")
			if tt.want != "" {
				assert.Contains(t, text, tt.want)
			}
			assert.NotContains(t, left, "its role")
			if assert.Contains(t, left, tt.left); tt.left == "" {
				assert.NotContains(t, left, "known") // the statement has resources of one service only
			}
		})
	}
}
