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
	// form is the ARN's end, with $ before each part that is a name:
	// table/$DatabaseName/$TableName.
	begin := form[:strings.IndexByte(form, '$')]
	last := form[strings.LastIndexByte(form, '$'):]
	between := form[len(form)-len(last)-1 : len(form)-len(last)]
	// The part in front is missing, unless its last one is what people leave out.
	meant, why := begin+"*"+between+rest[len(begin):], "can never match"
	// An id that AWS makes is left out at the end, because nobody knows it when writing the rule.
	atEnd := isMade(last) || strings.ContainsAny(last, "*/:")
	if atEnd {
		meant = rest + between + "*"
	}
	// A blacklisted resource covers what is below it, behind a slash.
	if m == Wide && between == "/" {
		if atEnd {
			return nil
		}
		why = "matches only what is below it"
	}
	return report.Of(text, " "+why+": resources of its kind are "+strings.ReplaceAll(form, "$", ""),
		"did you mean "+report.Quoted(strings.TrimSuffix(text, rest)+meant)+"?")
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
