package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/report"
)

// tooFewParts says that a resource leaves out a part of the ARN of its kind: "table/orders" of
// Glue, whose tables are "table/DatabaseName/TableName". text is the resource as written, and rest
// what follows the fifth colon. It is nil for other texts, and in a blacklist, where a resource
// covers what is below it, for those that leave out the end.
func tooFewParts(service, rest, text string, m Mode) *report.Problem {
	form := awsops.TooFewParts(service, rest)
	if form == "" {
		return nil
	}
	begin := form[:strings.IndexByte(form, '$')]
	last := form[strings.LastIndexByte(form, '$'):]
	between := form[len(form)-len(last)-1 : len(form)-len(last)]
	meant, why := begin+"*"+between+rest[len(begin):], "can never match"
	atEnd := isMade(last) || strings.ContainsAny(last, "*/:")
	if atEnd {
		meant = rest + between + "*"
	}
	if m == Wide && between == "/" {
		if atEnd {
			return nil
		}
		why = "matches only what is below it"
	}
	return &report.Problem{
		What: report.Quoted(report.Short(text)) + " " + why + ": resources of its kind are " + strings.ReplaceAll(form, "$", ""),
		Fix:  "did you mean " + report.Quoted(strings.TrimSuffix(text, rest)+meant) + "?",
	}
}

// isMade reports whether the name of a part says that AWS makes it, so that it is the part that
// people leave out.
func isMade(name string) bool {
	for _, end := range [...]string{"id", "uuid", "time", "timestamp", "version", "number", "hash", "versionname"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return true
		}
	}
	return false
}
