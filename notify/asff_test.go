package notify

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
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

func TestEndpointOfEveryPartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "https://events.eu-west-1.amazonaws.com", "us-gov-west-1": "https://events.us-gov-west-1.amazonaws.com",
		"cn-north-1": "https://events.cn-north-1.amazonaws.com.cn", "eusc-de-east-1": "https://events.eusc-de-east-1.amazonaws.eu",
		"us-iso-east-1": "https://events.us-iso-east-1.c2s.ic.gov", "us-isob-east-1": "https://events.us-isob-east-1.sc2s.sgov.gov",
		"eu-isoe-west-1": "https://events.eu-isoe-west-1.cloud.adc-e.uk", "us-isof-south-1": "https://events.us-isof-south-1.csp.hci.ic.gov",
	} {
		none := func(string) string { return "" }
		assert.Equal(t, want, putEvents.endpoint(aws.Config{Region: region}, none))
	}
	fips := func(name string) string { return map[string]string{"AWS_USE_FIPS_ENDPOINT": "TRUE"}[name] }
	for s, want := range map[jsonService]string{
		putEvents:      "https://events-fips.us-east-1.amazonaws.com",
		getSecretValue: "https://secretsmanager-fips.us-east-1.amazonaws.com",
		getParameter:   "https://ssm-fips.us-east-1.amazonaws.com",
	} {
		assert.Equal(t, want, s.endpoint(aws.Config{Region: "us-east-1"}, fips))
	}
}
