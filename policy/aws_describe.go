package policy

import (
	"reflect"

	"github.com/outguard/outguard/internal/awscall"
)

// describeAWS fills in the AWS part of a Description: what Decide saw, with the ARNs of the resources that are known.
func describeAWS(c AWSCall, d *Description) {
	var input reflect.Type
	if c.Input != nil {
		input = reflect.TypeOf(c.Input)
	}
	op := awscall.NewOp(c.Service, c.Operation, input)
	d.Service, d.Operation, d.Region, d.Presigned = op.Service, op.Name, c.Region, c.Presigned
	region := awscall.Region(c.Region)
	at := awscall.Where{Partition: awscall.PartitionOf(region), Region: region, Account: c.Account}
	var ts awscall.Touches
	ts.Of(op, c.Input, c.Resources, &at)
	for i := range ts.List {
		if arn := ts.List[i].ARN(); arn != "" {
			d.Resources = append(d.Resources, arn)
		}
	}
}
