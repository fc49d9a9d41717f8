package awscall

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRegion(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "eu-west-1": "eu-west-1", "fips-us-east-1": "us-east-1", "us-gov-west-1-fips": "us-gov-west-1", "us-fips-east-1": "us-east-1",
		"aws-global": "us-east-1", "aws-cn-global": "cn-north-1", "fips-aws-global": "us-east-1", "eusc-de-east-1": "eusc-de-east-1",
	} {
		assert.Equal(t, want, Region(name), name)
	}
}
