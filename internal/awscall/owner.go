package awscall

import "strings"

// owners returns the members of a service's inputs that say whose resources an operation is about. Without them, they are the caller's. (Members that
// say to whom something is given, or what to look for, are not among them.)
func owners(service string) string {
	switch service {
	case "account", "budgets", "cognito-identity", "ssm",
		"s3",      // S3 Control
		"glacier": // where "-" is the caller's own
		return "AccountId~account "
	case "codeartifact":
		return "DomainOwner~account "
	case "ecr", "ecr-public":
		return "RegistryId~account "
	case "glue":
		return "CatalogId~account ParentCatalogId~account Entries[].CatalogId~accounts "
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

// What Lake Formation's permissions are about says whose it is, each by itself.
const lakeFormation = "Resource.Catalog.Id~accounts Resource.Database.CatalogId~accounts Resource.Table.CatalogId~accounts " +
	"Resource.TableWithColumns.CatalogId~accounts Resource.DataLocation.CatalogId~accounts Resource.DataCellsFilter.TableCatalogId~accounts " +
	"Resource.LFTag.CatalogId~accounts Resource.LFTagPolicy.CatalogId~accounts Resource.LFTagExpression.CatalogId~accounts " +
	"Entries[].Resource.Catalog.Id~accounts Entries[].Resource.Database.CatalogId~accounts Entries[].Resource.Table.CatalogId~accounts " +
	"Entries[].Resource.TableWithColumns.CatalogId~accounts Entries[].Resource.DataLocation.CatalogId~accounts " +
	"Entries[].Resource.DataCellsFilter.TableCatalogId~accounts Entries[].Resource.LFTag.CatalogId~accounts " +
	"Entries[].Resource.LFTagPolicy.CatalogId~accounts TableData.TableCatalogId~accounts TableCatalogId~accounts "

// parseAccount notes the account that owns the resources of the operation. A catalog of Glue's in it may follow.
func parseAccount(ts *Touches, _ *step, values []string) {
	account, _, _ := strings.Cut(values[0], ":")
	if IsAccount(account) {
		ts.account, ts.at.Account = account, account
	}
}

// parseAccounts reads the accounts of a list's elements: what is another's is not known by name.
func parseAccounts(ts *Touches, _ *step, values []string) {
	if account, _, _ := strings.Cut(values[0], ":"); IsAccount(account) && account != ts.at.Account {
		ts.unknown()
		t := &ts.List[len(ts.List)-1]
		if t.Owner = account; ts.op.takesNone {
			t.State = Nothing
		}
	}
}

// parseOwner notes the account that owns the bucket that is read next. The input may give it so that S3 refuses the call if it is another's.
func parseOwner(ts *Touches, _ *step, values []string) {
	ts.owner = ownerNamed(values[0])
}

// ownerNamed returns the account that a text names, "" for none and ? for one that is no account's.
func ownerNamed(text string) string {
	switch {
	case text == "", text == "-":
		return ""
	case IsAccount(text):
		return text
	}
	return "?"
}

// ownerOf returns the account that the input names as the owner of something of a service, "" for none.
func (ts *Touches) ownerOf(service string) string {
	if ts.owner != "" && (service == "s3" || strings.HasPrefix(service, "s3-")) {
		return ts.owner
	}
	return ts.account
}

// said is what the input says about what it names, beside the names.
type said struct {
	account  string // that owns the operation's resources; "" if it is not said
	owner    string // that owns the bucket; "" if it is not said
	version  bool   // a version of the object is meant
	versions []bool // and of each object of a list
	objects  int    // how many of them have been read
}
