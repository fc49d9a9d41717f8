package roles

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

// samValues are the parameters with which the templates were translated by hand.
var samValues = map[string]string{
	"AccessPoint": "fsap-1", "BucketName": "receipts", "ClusterId": "j-ABC", "CollectionId": "col1",
	"CertificateArn":     "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-1111-2222-3333-444455556666",
	"DeliveryStreamName": "ds1", "DomainName": "dom1", "EndpointConfigName": "ec1", "EndpointName": "ep1",
	"EventBusName": "bus1", "FileSystem": "fs-1", "FunctionName": "fn1", "HostedZoneId": "Z123ABC",
	"IdentityName": "example.com", "ImageId": "ami-0a1b2c3d", "KeyId": "0a1b2c3d-1111-2222-3333-444455556666",
	"LexiconName": "lex1", "LogGroupName": "/aws/lambda/x", "ParameterName": "pn1", "PinpointApplicationId": "app1",
	"PipelineName": "pipe1", "QueueName": "q1", "RepositoryName": "repo1",
	"SecretArn":        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
	"StateMachineName": "sm1", "StreamName": "str1", "TableName": "orders", "TaskDefinition": "task1",
	"TemplateName": "tpl1", "TopicName": "top1", "WorkGroupName": "wg1",
}

// The policy templates of SAM, translated by this package and by hand, judge every kind of call the
// same. What no code calls is Left.
func TestSAMTemplatesAgainstTheirTranslations(t *testing.T) {
	files, err := filepath.Glob("../../../../policy/testdata/sam/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 81)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			byHand, err := os.ReadFile(file)
			require.NoError(t, err)
			template := "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      FunctionName: f\n      Policies:\n        - " + name + ":\n"
			for _, p := range parametersOf(name) {
				value := samValues[p]
				if name == "SSMParameterWithSlashPrefixReadPolicy" {
					value = "/" + value
				}
				template += fmt.Sprintf("            %s: %q\n", p, value)
			}
			r := &Reader{}
			require.NoError(t, r.Read("template.yaml", []byte(template)))
			text, err := r.Policy()
			require.NoError(t, err)
			changes, exact := diff(t, string(byHand), strings.Replace(string(text), "alert", "block", 1))
			assert.True(t, exact)
			for _, c := range changes {
				operation, _, _ := strings.Cut(c.Text, " ")
				assert.True(t, slices.ContainsFunc(r.Left(), func(l Left) bool {
					return strings.Contains(l.What, operation) && (l.Kind == Wider) == c.Widens()
				}), "%s %s is not left\n%s%v", c.Text, c.Where, text, r.Left())
			}
		})
	}
}

var parameter = regexp.MustCompile(`\$\{(\w+)\}`)

// parametersOf returns the parameters of a policy template.
func parametersOf(name string) (all []string) {
	_, after, _ := strings.Cut("\n"+samTemplates, "\n"+name+"\n")
	for line := range strings.Lines(after) {
		if line[0] != '\t' {
			break
		}
		for _, m := range parameter.FindAllStringSubmatch(line, -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// diff compares two policies of the function f. A sample has the operations that they name.
func diff(t *testing.T, old, new string) ([]policy.Change, bool) {
	var both [2]*policy.Policy
	for i, text := range []string{old, new} {
		p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err, text)
		both[i] = p
	}
	stride := corpustest.Sample(10, 1)
	d := policy.Differ{Operations: func(prefix string) (some []string) {
		for i, operation := range names.Of(prefix) {
			if i%stride == 0 || strings.Contains(old+new, operation) {
				some = append(some, operation)
			}
		}
		return some
	}}
	return d.Diff(both[0], both[1])
}
