package awscall

// A parser makes touches of the values that a step has read. It adds an unknown touch for values
// that it cannot read.
// values has min to max texts, one for each path of the entry.
type parser func(ts *Touches, s *step, values []string)

// A parserRow is one parser that a resource path can name.
type parserRow struct {
	name     string
	min, max int // of values, which are the paths of its entry
	typed    bool
	parse    parser
	prepare  func(*Op) // adds the actions that the parser's touches can take
}

// parsers is the one table of parsers. gen/data/parsers.txt of package awsops, by which the
// generator checks the resource paths, has the same rows: a test compares them.
var parsers = [...]parserRow{
	{name: "account", min: 1, max: 1, parse: parseAccount},
	{name: "accounts", min: 1, max: 1, parse: parseAccounts},
	{name: "adds", min: 2, max: 3, parse: parseAdds},
	{name: "alias", min: 2, max: 2, parse: parseAlias},
	{name: "bucket", min: 1, max: 2, parse: parseBucket},
	{name: "buildid", min: 1, max: 1, parse: parseBuild},
	{name: "catalog", min: 1, max: 1, parse: parseCatalog},
	{name: "copysource", min: 1, max: 1, parse: parseCopySource, prepare: (*Op).versions},
	{name: "destination", min: 1, max: 1, parse: parseDestination},
	{name: "ec2id", min: 1, max: 1, parse: parseEC2},
	{name: "email", min: 1, max: 1, parse: parseEmail},
	{name: "family", min: 2, max: 3, typed: true, parse: parseFamily},
	{name: "folded", min: 1, max: 3, typed: true, parse: parseFolded},
	{name: "function", min: 1, max: 2, parse: parseFunction},
	{name: "hidden", min: 1, max: 1, typed: true, parse: parseHidden},
	{name: "inside", min: 1, max: 1, typed: true, parse: parseInside},
	{name: "instance", min: 1, max: 1, parse: parseInstance},
	{name: "key", min: 1, max: 1, parse: parseKey},
	{name: "kindid", min: 1, max: 1, parse: parseKindID},
	{name: "loggroup", min: 1, max: 2, parse: parseLogGroup},
	{name: "managed", min: 1, max: 1, typed: true, parse: parseManaged},
	{name: "model", min: 1, max: 1, parse: parseModel},
	{name: "objects", min: 2, max: 2, parse: parseObjects},
	{name: "opaque", min: 1, max: 3, parse: parseOpaque},
	{name: "organized", min: 1, max: 1, parse: parseOrganized},
	{name: "owner", min: 1, max: 1, parse: parseOwner},
	{name: "parameter", min: 1, max: 1, parse: parseParameter, prepare: (*Op).secretParameter},
	{name: "parameters", min: 1, max: 1, parse: parseParameters},
	{name: "partiql", min: 1, max: 1, parse: parsePartiQL, prepare: (*Op).partiQL},
	{name: "path", min: 1, max: 3, typed: true, parse: parsePath},
	{name: "pathed", min: 2, max: 2, typed: true, parse: parsePathed},
	{name: "phone", min: 1, max: 1, parse: parsePhone},
	{name: "pool", min: 1, max: 1, typed: true, parse: parsePool},
	{name: "queue", min: 1, max: 2, parse: parseQueue},
	{name: "rename", min: 2, max: 2, parse: parseRename},
	{name: "requests", min: 1, max: 1, typed: true, parse: parseRequests},
	{name: "revision", min: 1, max: 1, typed: true, parse: parseRevision},
	{name: "rule", min: 2, max: 2, parse: parseRule},
	{name: "s3uri", min: 1, max: 1, parse: parseS3URI},
	{name: "secret", min: 1, max: 1, parse: parseSecret},
	{name: "ssmresource", min: 2, max: 2, parse: parseSSMResource},
	{name: "version", min: 1, max: 1, parse: parseVersion, prepare: (*Op).versions},
	{name: "versions", min: 1, max: 1, parse: parseVersions, prepare: (*Op).versions},
	{name: "within", min: 2, max: 2, typed: true, parse: parseWithin},
	{name: "zone", min: 1, max: 1, parse: parseZone},
}

// opaque is the row that stands for a parser that cannot be used.
// A parser that is missing would be a mistake in the table, which a test finds.
var opaque = parserRow{name: "opaque", parse: parseOpaque}

// parserNamed returns the parser that a resource path names, for so many values. A parser that does
// not exist, or not for these, makes the resource unknown.
func parserNamed(name string, values int, typed bool) *parserRow {
	for i := range parsers {
		p := &parsers[i]
		if p.name != name {
			continue
		}
		// A wrong number of values is treated as a parser that is missing.
		if values < p.min || values > p.max || p.typed && !typed {
			break
		}
		return p
	}
	return &opaque
}

// parseOpaque reads a value that does not show the resource.
func parseOpaque(ts *Touches, _ *step, _ []string) { ts.unknown() }
