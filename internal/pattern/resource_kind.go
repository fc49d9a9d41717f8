package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// OtherKind says that a resource is of a kind on which none of a rule's operations acts, by what
// kinds has for each operation that is named in full. It is nil if that is not known, and for what
// [WrongResource] reports.
func OtherKind(subject []AWS, text string, m Mode, kinds func(prefix, operation string) []string) *report.Problem {
	// One report is enough.
	if p, _ := WrongResource(subject, text, m); p != nil || len(subject) == 0 || text == "" || text == "*" {
		return nil
	}
	service, rest, whole := cutARN(text)
	if strings.HasPrefix(text, "arn:") && !whole {
		return nil
	}
	if !whole {
		rest = text
	}
	var acts []string
	// Each operation has to be known in full; one that is not may act on it.
	for _, s := range subject {
		// A glob may have operations that act on anything.
		if strings.ContainsAny(s.Service+s.Operation, "*?") || whole && s.Service != service || namesBeyondIAM(s) {
			return nil
		}
		switch s.Service {
		case "kms", "s3", "sns", "sqs", "sts": // a name may stand for the resource in other forms
			return nil
		}
		list := kinds(s.Service, s.Operation)
		if list == nil || mayBegin(s.Service, list, rest) {
			return nil
		}
		acts = append(acts, list...)
	}
	// One operation is named, several are summed up.
	of := subject[0].Text
	if len(subject) > 1 {
		of = "any of the operations"
	}
	return report.Of(text, " can never match "+of+": it is of another kind",
		"write what begins with "+report.OneOf(slices.Compact(acts))+", or name the operations that act on it")
}
