package notify

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestASFFNamesThePartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn", "eusc-de-east-1": "aws-eusc",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f",
	} {
		f := Alert{Region: region, Account: "111122223333", Function: "checkout", Verdict: "block"}.ASFF()
		resource := f["Resources"].([]any)[0].(map[string]any)
		assert.Equal(t, want, resource["Partition"], region)
		assert.Equal(t, "arn:"+want+":lambda:"+region+":111122223333:function:checkout", resource["Id"])
		assert.Equal(t, "arn:"+want+":securityhub:"+region+":111122223333:product/111122223333/default", f["ProductArn"])
	}
}
