package awscall

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The inputs of services whose modules no test has, as far as they say whose resources they are
// about.
type (
	permissionsInput struct {
		CatalogId *string
		Resource  *permissionsResource
		Entries   []permissionsEntry
	}
	permissionsEntry    struct{ Resource *permissionsResource }
	permissionsResource struct{ Table, Database *permissionsCatalog }
	permissionsCatalog  struct{ CatalogId *string }
	ownedInput          struct{ AccountId, AwsAccountId, DomainOwner, RegistryId, ProfileOwner *string }
)

func TestOwnersOfOtherServices(t *testing.T) {
	const own, other = "111122223333", "222233334444"
	str := func(s string) *string { return &s }
	catalog := func(account string) *permissionsResource {
		return &permissionsResource{Table: &permissionsCatalog{str(account)}}
	}
	for _, tt := range []struct {
		service, operation string
		input              any
		want               string
	}{
		{"LakeFormation", "ListPermissions", &permissionsInput{}, ""},
		{"LakeFormation", "ListPermissions", &permissionsInput{CatalogId: str(other)}, other},
		{"LakeFormation", "GrantPermissions", &permissionsInput{Resource: catalog(other)}, other},
		{"LakeFormation", "GrantPermissions", &permissionsInput{Resource: catalog(own)}, ""},
		{"LakeFormation", "BatchGrantPermissions", &permissionsInput{Entries: []permissionsEntry{{catalog(own)}, {catalog(other)}}}, other},
		{"Budgets", "DescribeBudgets", &ownedInput{AccountId: str(other)}, other},
		{"Account", "GetContactInformation", &ownedInput{AccountId: str(other)}, other},
		{"QuickSight", "ListDashboards", &ownedInput{AwsAccountId: str(other)}, other},
		{"codeartifact", "GetAuthorizationToken", &ownedInput{DomainOwner: str(other)}, other},
		{"ECR PUBLIC", "DescribeRepositories", &ownedInput{RegistryId: str(other)}, other},
		{"signer", "GetSigningProfile", &ownedInput{ProfileOwner: str(other)}, other},
		{"Glacier", "ListVaults", &ownedInput{AccountId: str("-")}, ""},
		{"Organizations", "DescribeAccount", &ownedInput{AccountId: str(other)}, ""}, // which is a resource of the organization's
	} {
		op := NewOp(tt.service, tt.operation, reflect.TypeOf(tt.input))
		assert.True(t, op.Known, tt.service)
		var ts Touches
		ts.Of(op, tt.input, nil, &Where{Partition: "aws", Region: "eu-west-1", Account: own})
		owner := ""
		for _, touch := range ts.List {
			if touch.Owner != "" {
				owner = touch.Owner
			}
		}
		assert.Equal(t, tt.want, owner, "%s:%s", tt.service, tt.operation)
	}
}
