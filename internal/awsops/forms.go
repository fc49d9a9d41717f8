package awsops

import "strings"

// TooFewParts returns the form of a resource of a service whose kind always has more parts than a
// text that begins like it: "table/$DatabaseName/$TableName" for glue and "table/orders". It
// returns "" if the text may be whole. resource is what follows an ARN's fifth colon.
func TooFewParts(prefix, resource string) (form string) {
	if strings.ContainsAny(resource, "*?") {
		return "" // a wildcard crosses parts
	}
	// A form has a literal beginning and then parts that begin with $:
	// "table/$DatabaseName/$TableName".
	for f := range strings.FieldsSeq(find(forms, prefix)) {
		at := strings.IndexByte(f, '$')
		name, ok := strings.CutPrefix(resource, f[:at])
		if ok && name != "" && separators(name) < separators(f[at:]) {
			return f
		}
	}
	return ""
}

// separators counts what divides the parts of a resource.
func separators(text string) int { return strings.Count(text, "/") + strings.Count(text, ":") }
