package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// owners returns the members of a service's inputs that name the account whose resources an
// operation is about. Without them, the resources are the caller's. Members that name to whom
// something is given, or what to look for, are not among them.
func owners(service string) string {
	switch service {
	case "account", "budgets", "cognito-identity", "ssm",
		"s3",      // S3 Control
		"glacier": // "-" stands for the caller's account
		return "AccountId~account "
	case "codeartifact":
		return "DomainOwner~account "
	case "ecr", "ecr-public":
		return "RegistryId~account "
	case "glue":
		return "CatalogId~account CatalogID~account ParentCatalogId~account Entries[].catalogId~accounts "
	case "lakeformation":
		return "CatalogId~account " + lakeFormation
	case "quicksight":
		return "AwsAccountId~account "
	case "servicediscovery":
		return "OwnerAccount~account "
	case "signer":
		return "ProfileOwner~account "
	}
	return ""
}

// Each thing that Lake Formation gives permissions on names its own account.
const lakeFormation = "Resource.Catalog.Id~accounts Resource.Database.CatalogId~accounts " +
	"Resource.Table.CatalogId~accounts Resource.TableWithColumns.CatalogId~accounts " +
	"Resource.DataLocation.CatalogId~accounts Resource.DataCellsFilter.TableCatalogId~accounts " +
	"Resource.LFTag.CatalogId~accounts Resource.LFTagPolicy.CatalogId~accounts " +
	"Resource.LFTagExpression.CatalogId~accounts Entries[].Resource.Catalog.Id~accounts " +
	"Entries[].Resource.Database.CatalogId~accounts Entries[].Resource.Table.CatalogId~accounts " +
	"Entries[].Resource.TableWithColumns.CatalogId~accounts " +
	"Entries[].Resource.DataLocation.CatalogId~accounts " +
	"Entries[].Resource.DataCellsFilter.TableCatalogId~accounts Entries[].Resource.LFTag.CatalogId~accounts " +
	"Entries[].Resource.LFTagPolicy.CatalogId~accounts TableData.TableCatalogId~accounts " +
	"TableCatalogId~accounts "

// parseAccount notes the account that owns the operation's resources. The name of a Glue catalog
// may follow it.
// Whether the account is the function's own is judged by the rules.
func parseAccount(ts *Touches, _ *step, values []string) {
	account, _, _ := strings.Cut(values[0], ":")
	if awsname.IsAccount(account) {
		ts.account, ts.elsewhere = account, *ts.at
		ts.elsewhere.Account, ts.at = account, &ts.elsewhere // at itself is the caller's
	}
}

// parseAccounts reads the account of each element of a list. It adds an unknown resource for an
// account that is not the caller's.
func parseAccounts(ts *Touches, _ *step, values []string) {
	// The caller's own account adds nothing.
	if account, _, _ := strings.Cut(values[0], ":"); awsname.IsAccount(account) && account != ts.at.Account {
		ts.unknown()
		t := &ts.List[len(ts.List)-1]
		if t.Owner = account; ts.op.takesNone {
			t.State = Nothing
		}
	}
}

// parseOwner notes the account that owns the bucket that is read next. S3 refuses the call if
// another account owns it.
// Of another account's bucket, a rule must list that account.
func parseOwner(ts *Touches, _ *step, values []string) {
	ts.owner = ownerNamed(values[0])
}

// ownerNamed returns the account that a text names, "" if the text names none, and "?" if it names
// something else.
func ownerNamed(text string) string {
	switch {
	case text == "", text == "-":
		return ""
	case awsname.IsAccount(text):
		return text
	}
	return "?"
}

// ownerOf returns the account that owns a resource of a service according to the input, or "".
// See decision 22.
func (ts *Touches) ownerOf(service string) string {
	// The owner of a bucket is not that of other resources in the same input.
	if ts.owner != "" && (service == "s3" || strings.HasPrefix(service, "s3-")) {
		return ts.owner
	}
	return ts.account
}
