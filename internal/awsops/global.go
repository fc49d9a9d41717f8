package awsops

import "strings"

// The labels of services that have one endpoint in a partition, whatever the region of the client,
// and the labels whose hosts need no region. AWS's endpoint rules have the same ones: a test in
// internal/e2e/v1 compares them.
const (
	onlyOne = " account bcm-data-exports billingconductor budgets ce chime cloudfront freetier iam networkmanager organizations " +
		"route53 savingsplans shield support tax waf "
	regionless = " budgets cloudfront global.health iam importexport route53 s3 savingsplans sts waf "
)

// OnlyOne reports whether a label is of a service with one endpoint for all regions of a partition,
// such as "iam.amazonaws.com" or "organizations.us-east-1.amazonaws.com".
func OnlyOne(label string) bool { return strings.Contains(onlyOne, " "+label+" ") }

// Regionless reports whether a label also has a host without a region that belongs to no particular
// one. A host without a region of any other label, such as "dynamodb.amazonaws.com", is in the
// region that signs for the partition's global services.
func Regionless(label string) bool { return strings.Contains(regionless, " "+label+" ") }
