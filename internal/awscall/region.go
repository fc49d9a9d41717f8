package awscall

import "github.com/outguard/outguard/internal/awsname"

// These three go once their callers use package awsname.

// Region is awsname.Region.
func Region(name string) string { return awsname.Region(name) }

// PartitionOf is awsname.PartitionOf.
func PartitionOf(region string) string { return awsname.PartitionOf(region) }

// IsRegion is awsname.ValidRegion.
func IsRegion(s string) bool { return awsname.ValidRegion(s) }
