package roles

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plan returns a plan with functions a and b, each with a role, a bucket and a policy, which are
// instances of one resource or of one module: %s is the instance's address.
func plan(t *testing.T, module bool, statement string) string {
	t.Helper()
	var resources []string
	for _, name := range []string{"a.b", "c"} {
		before, index := "", fmt.Sprintf("[%q]", name)
		if module {
			before, index = "module.m"+index+".", ""
		}
		add := func(typ, values string) {
			address, err := json.Marshal(before + typ + ".x" + index)
			require.NoError(t, err)
			resources = append(resources, fmt.Sprintf(`{"address": %s, "mode": "managed", "type": %q, "values": {%s}}`, address, typ, values))
		}
		add("aws_lambda_function", fmt.Sprintf(`"function_name": %q`, "f-"+name[:1]))
		add("aws_iam_role", "")
		add("aws_s3_bucket", fmt.Sprintf(`"bucket": %q`, "bucket-"+name[:1]))
		add("aws_iam_role_policy", "")
	}
	key := `, "each.key"`
	if module {
		key = ""
	}
	config := `[{"address": "aws_lambda_function.x", "expressions": {"role": {"references": ["aws_iam_role.x"` + key + `]}}},
		{"address": "aws_iam_role_policy.x", "expressions": {"role": {"references": ["aws_iam_role.x"` + key + `]},
			"policy": {"references": ["data.aws_iam_policy_document.x.json", "data.aws_iam_policy_document.x"` + key + `]}}},
		{"address": "data.aws_iam_policy_document.x", "expressions": ` + strings.ReplaceAll(statement, "KEY", key) + `}]`
	calls := `{}`
	if module {
		config, calls = "[]", `{"m": {"module": {"resources": `+config+`}}}`
	}
	return `{"terraform_version": "1", "variables": {"prefix": {"value": "bucket"}, "all": {"value": "*"}, "arn": {"value": "arn:aws:s3:::bucket/*"}},
		"planned_values": {"root_module": {"resources": [` + strings.Join(resources, ",") + `]}},
		"configuration": {"root_module": {"resources": ` + config + `, "module_calls": ` + calls + `}}}`
}

// Each instance of a resource has its own role and refers to its own resources.
func TestTerraformInstances(t *testing.T) {
	for _, module := range []bool{false, true} {
		text, left := read(t, plan(t, module, `{"statement": [{"actions": {"constant_value": ["s3:PutObject"]}, "resources": {"references": ["aws_s3_bucket.x"KEY]}}]}`))
		assert.Equal(t, 1, strings.Count(text, "bucket-a/*"), text)
		assert.Equal(t, 1, strings.Count(text, "bucket-c/*"), text)
		assert.Less(t, strings.Index(text, "bucket-a/*"), strings.Index(text, "f-c:"), text)
		assert.Empty(t, left)
	}
}

// What a plan does not say is left.
func TestTerraformUnknown(t *testing.T) {
	const put = `{"statement": [{"actions": {"constant_value": ["s3:PutObject"]}, "resources": %s}]}`
	for _, tt := range []struct {
		name            string
		module          bool
		statement, left string
	}{
		{"one of several", false, fmt.Sprintf(put, `{"references": ["aws_s3_bucket.x"]}`), "wider aws_s3_bucket.x in a statement of data.aws_iam_policy_document.x"},
		{"a part of an ARN", false, fmt.Sprintf(put, `{"references": ["aws_s3_bucket.x"KEY, "var.prefix"]}`), "missing var.prefix in a statement"},
		{"a wildcard in an ARN", false, fmt.Sprintf(put, `{"references": ["aws_s3_bucket.x"KEY, "var.all"]}`), "missing var.all in a statement"},
		{"a variable of a module", true, fmt.Sprintf(put, `{"references": ["var.arn"]}`), "missing var.arn in a statement"},
		{"a variable", false, fmt.Sprintf(put, `{"references": ["var.arn"]}`), ""},
		{"another document", false, `{"override_policy_documents": {"references": ["local.deny"]}}`, "missing override_policy_documents of"},
		{"no statement", false, `{}`, "missing data.aws_iam_policy_document.x: the plan has no statement"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, left := read(t, plan(t, tt.module, tt.statement))
			assert.Contains(t, left, tt.left)
			if tt.left == "" {
				assert.Empty(t, left)
			}
		})
	}
}

// Every way to give a role permissions is read.
func TestTerraformAttachments(t *testing.T) {
	const file = `{"terraform_version": "1", "values": {"root_module": {"resources": [
		{"address": "aws_lambda_function.f", "type": "aws_lambda_function", "values": {"function_name": "f", "role": "arn:r"}},
		{"address": "aws_iam_role.r", "type": "aws_iam_role", "values": {"name": "r", "arn": "arn:r", "permissions_boundary": "arn:b"}},
		{"address": "aws_iam_policy.p", "type": "aws_iam_policy", "values": {"arn": "arn:p", "policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Action\": \"s3:DeleteObject\", \"Resource\": \"*\"}}"}},
		{"address": "aws_iam_policy_attachment.a", "type": "aws_iam_policy_attachment", "values": {"roles": ["other", "r"], "policy_arn": "arn:p"}},
		{"address": "aws_iam_role_policy.q", "type": "aws_iam_role_policy", "values": {}}
	]}}}`
	text, left := read(t, file)
	assert.Contains(t, text, "s3:DeleteObject")
	assert.Contains(t, left, "wider its permissions boundary")
	assert.Contains(t, left, "missing aws_iam_role_policy.q: the role that it is attached to is not known")
}
