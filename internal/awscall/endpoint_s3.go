package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// This file reads the hosts of S3: buckets, access points, control endpoints.

// ofS3 reads a host of S3, whose label stands behind a bucket, an access point or an account. It
// returns what stands before the label, and reports whether the host is S3's.
func (e *Endpoint) ofS3(name string) (before string, ok bool) {
	before, label, _ := cutLast(name)
	// s3-fips and s3 are the same API.
	label = strings.TrimSuffix(label, "-fips")
	switch {
	// 111122223333.s3-control is the control API of an account.
	case label == "s3-control", label == "s3express-control":
		return before, before == "" || awsname.IsAccount(before)
	case label == "s3", label == "s3-external-1":
		if e.VPC {
			// Behind a VPC endpoint, the kind of what is named is a label of its own.
			for _, kind := range [...]string{"bucket", "accesspoint", "control"} {
				if rest, ok := strings.CutSuffix("."+before, "."+kind); ok {
					return strings.TrimPrefix(rest, "."), true
				}
			}
		}
		return before, true
	// The whole name before the label is one of an access point, an outpost or a bucket.
	case label == "s3-accesspoint", label == "s3-object-lambda", label == "s3-outposts", label == "s3-accelerate",
		strings.HasPrefix(label, "s3express-"):
		return before, true
	// Multi-region access points have no region.
	case label == "s3-global":
		return before, e.Region == ""
	}
	return "", false
}

// s3Label returns the label of an S3 host, without "-fips". It shows what kind of name stands
// before it.
func (e *Endpoint) s3Label() string {
	_, label, _ := cutLast(e.Name)
	// In "receipts.accesspoint.vpce-0a1b-2c3d.s3", the kind stands before the endpoint's id.
	if e.VPC {
		for _, kind := range [...]string{"accesspoint", "control"} {
			if strings.Contains("."+e.Name, "."+kind+".vpce-") {
				return "s3-" + kind
			}
		}
	}
	return strings.TrimSuffix(label, "-fips")
}
