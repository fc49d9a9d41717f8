package pattern

import (
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// nameLetters are the characters, other than letters and digits of ASCII, that the names of a kind
// of resource may have, with those of what follows them: indexes, qualifiers, consumers. The names
// of kinds that are not known here may have any.
func nameLetters(service, kind string) (also string, known bool) {
	// By the kind, as kindsOf has it. Tables and streams also have ARNs with a timestamp or a name
	// behind a colon.
	switch service + " " + kind {
	case "athena workgroup/", "dynamodb table/", "events event-bus/", "firehose deliverystream/", "kinesis stream/", "ssm parameter/":
		also = "._-/"
		if service == "dynamodb" || service == "kinesis" {
			also += ":"
		}
	case "cognito-idp userpool/", "ecr repository/", "events rule/", "events archive/", "events connection/", "events api-destination/", "scheduler schedule/", "scheduler schedule-group/":
		also = "._-/"
	case "ecs cluster/", "ecs service/", "ecs task-definition/", "ecs capacity-provider/", "ecs task/":
		also = "_-:/"
	case "logs log-group:":
		also = "._-/#:$[]=@+,;!&%()~' "
	case "iam role/", "iam user/", "iam policy/", "iam group/", "iam instance-profile/", "sts role/", "sts user/":
		also = "+=,.@_-/"
	case "kms key/":
		also = "-"
	case "kms alias/":
		also = ":/_-"
	case "lambda function:":
		also = "-_:$/"
	case "secretsmanager secret:":
		also = "/_+=.@-!"
	case "sns ":
		also = "._-:"
	case "sqs ":
		also = "._-"
	default:
		return "", false
	}
	return also, true
}

// misspelled says that a name of a kind of resource has a character that no such name has, or a
// form that none has. text is the resource as written, and name what follows its kind.
func misspelled(service, kind, name, text string) *report.Problem {
	also, known := nameLetters(service, kind)
	// Of these, Step Functions says which characters their names do not hold.
	machine := service == "states" && kind != ""
	if !known && !machine || name == "" {
		return nil
	}
	// The first character that no name of the kind has. Wildcards stand for some that it may have.
	bad := strings.IndexFunc(name, func(r rune) bool {
		if machine {
			return strings.ContainsRune("<>{}[]\"#%\\^|~`$&,; ", r)
		}
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("*?"+also, r))
	})
	why := ""
	switch {
	// All characters are fine, and the form may not be.
	case bad >= 0:
		why = "no name of this kind holds " + report.Quoted(string([]rune(name[bad:])[:1]))
	default:
		if bad, why = wrongPart(service, kind, name); why == "" {
			return nil
		}
	}
	p := report.Of(text, " can never match: "+why, "write the name as AWS shows it")
	// What stands in front of it is probably the name.
	if meant := strings.TrimRight(name[:bad], also); meant != "" {
		p.Fix = "did you mean " + report.Quoted(report.Short(strings.TrimSuffix(text, name)+meant)) + "?"
	}
	return p
}

// wrongPart finds what can follow no name of a kind. at is where it begins; why is "" if there is
// nothing of the kind.
func wrongPart(service, kind, name string) (at int, why string) {
	wild := strings.ContainsAny(name, "*?")
	// By kind, what may follow the name.
	switch service + " " + kind {
	// table/orders/index/by-date
	case "dynamodb table/":
		slash := strings.IndexByte(name, '/')
		if slash < 0 {
			return 0, ""
		}
		part, rest, _ := strings.Cut(name[slash+1:], "/")
		switch {
		// Wildcards may take the separators, too.
		case part == "" && rest != "":
			return slash, "a part of it is empty"
		case part == "", strings.ContainsAny(part, "*?"), strings.ContainsAny(name[:slash], "*"):
		case part == "index", part == "stream", part == "backup", part == "export", part == "import":
			if rest == "" {
				return slash, "a name follows " + part + "/"
			}
		default:
			return slash, "a table has index/, stream/, backup/, export/ and import/, and no " + report.Quoted(report.Short(part))
		}
	// log-group:/aws/lambda/f:log-stream:s
	case "logs log-group:":
		at := strings.IndexByte(name, ':')
		if at >= 0 && at+1 < len(name) && !strings.ContainsAny(name[at:], "*?") && !strings.HasPrefix(name[at:], ":log-stream:") {
			return at, "a colon stands before log-stream: alone"
		}
	// orders.fifo, and topic:SUBSCRIPTION-ID
	case "sqs ", "sns ":
		topic, sub, more := strings.Cut(name, ":")
		dot := strings.IndexByte(topic, '.')
		switch {
		case dot >= 0 && topic[dot:] != ".fifo" && !strings.ContainsAny(topic[dot:], "*?"):
			return dot, "a dot stands in .fifo alone"
		case more && !strings.ContainsAny(sub, "*?") && !isUUID(sub):
			return len(topic), "a colon stands before the id of a subscription alone"
		}
	// function:NAME:ALIAS
	case "lambda function:":
		if name[0] == ':' {
			return 0, "it has a colon too many"
		}
		if at := strings.IndexByte(name, '/'); at >= 0 && !wild && !strings.HasPrefix(name[at:], "/durable-execution/") {
			return at, "a slash stands before durable-execution/ alone"
		}
	}
	return 0, ""
}

// isUUID reports a UUID by its hyphens and its length.
func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}
