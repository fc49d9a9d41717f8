package pattern

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// This file recognizes resources in the notation of something else, whatever their service, and
// judges what is proposed for a resource before it is printed.

// neverMatches is the problem of a resource that can never match. The fix is to write what is
// meant, or to write the form if that is "".
func neverMatches(text, why, meant, form string) *report.Problem {
	if meant != "" {
		form = quoteText(meant)
	}
	return report.Of(text, " can never match: "+why, "write "+form)
}

// wrongText says that a text is written as templates, IAM documents, URLs or regular expressions
// have resources. certain: no name of any kind looks so. p is nil for other texts.
func wrongText(subject []AWS, text string) (p *report.Problem, certain bool) {
	fail := func(why, meant string) *report.Problem {
		return neverMatches(text, why, meant, "the resource's name with its kind, or its ARN; ${NAME} stands for a variable")
	}
	// some reports whether a subject is of one of some services.
	some := func(services ...string) bool {
		return anyOf(services, func(name string) bool { return anyOf(subject, func(s AWS) bool { return s.Service == name }) })
	}
	// "!Sub arn:aws:…" of CloudFormation, which a build would have replaced.
	if inTemplate(text) {
		meant := ""
		// The ARN inside may be complete.
		if i := strings.Index(text, "arn:"); i > 0 && !strings.ContainsAny(text[i:], "{}()[] ") {
			meant = strings.Trim(text[i:], `"'`)
		}
		return fail("a function or a reference of a template is not evaluated here", meant), true
	}
	// From what is wrong for every service to what depends on one: keys and log groups hold
	// anything.
	low := strings.ToLower(text)
	if p, certain := around(subject, text, some); p != nil {
		return p, certain
	}
	switch {
	// Lists of other tools negate so.
	case strings.HasPrefix(text, "!"), strings.HasPrefix(low, "not "), strings.HasPrefix(low, "not:"):
		p := fail("nothing is negated here", "")
		p.Fix = "name the resources that are meant; a rule in the other list may exclude some"
		return p, true
	// "queue?name=x" of a URL.
	case hasQuery(text) && !some("s3", "logs"):
		return fail("it has the query of a URL", text[:strings.IndexByte(text, '?')]), true
	// "arn%3Aaws%3A…" of a page's address.
	case strings.HasPrefix(low, "arn%3a"), (strings.Contains(low, "%2f") || strings.Contains(low, "%3a")) && !some("s3", "logs", "iot"):
		meant, _ := url.PathUnescape(text)
		return fail("it is percent-encoded, as in a URL", meant), true
	case strings.HasPrefix(text, "arn/"):
		return fail("the parts of an ARN are joined by colons", strings.Join(strings.SplitN(text, "/", 6), ":")), true
	// "^table/orders.*$"
	case strings.HasPrefix(text, "^") && !some("logs", "cloudwatch"):
		return fail("it is a regular expression", strings.TrimSuffix(strings.TrimSuffix(text[1:], "$"), ".*")), true
	// A line of a JSON list, cut with its comma, or SQL's wildcard.
	case strings.HasSuffix(text, ",") || strings.HasSuffix(text, ";") || strings.HasSuffix(text, "%"):
		meant := strings.TrimRight(text, `,;"' `)
		if strings.HasSuffix(text, "%") { // the wildcard of SQL
			meant = strings.TrimRight(text, "%") + "*"
		}
		p := fail("it ends with "+report.Quoted(text[len(text)-1:]), meant)
		certain := !some("s3", "logs", "iam", "cloudwatch", "iot", "ec2")
		if !certain {
			p.What = strings.Replace(p.What, " can never match: it ends", " ends", 1)
		}
		return p, certain
	}
	// rest is what follows the fifth colon.
	rest := text
	if strings.HasPrefix(text, "arn:") {
		parts := strings.SplitN(text, ":", 6)
		if len(parts) == 6 {
			rest = parts[5]
		}
		// "arn:aws:SQS:…"
		if service := parts[min(2, len(parts)-1)]; service != strings.ToLower(service) {
			parts[2] = strings.ToLower(service)
			return fail("ARNs have their service in small letters", strings.Join(parts, ":")), true
		}
	}
	if some("s3", "logs") && rest == text {
		return nil, false
	}
	// Blanks around separators come from line breaks in documents.
	for _, odd := range [...]string{": ", "/ ", " :", " /"} {
		if strings.Contains(text, odd) {
			return fail("a blank stands beside "+strings.TrimSpace(odd), strings.ReplaceAll(text, " ", "")), true
		}
	}
	return nil, false
}

// inTemplate reports whether a text is a function of CloudFormation, or a reference of CDK or
// Terraform.
func inTemplate(text string) bool {
	for _, begin := range [...]string{"!Sub", "!GetAtt", "!Ref", "!Join", "!ImportValue", "Fn::", "Ref:", "data.aws_", "module.", "aws_", "local.", "var.", "${Token["} {
		after, ok := strings.CutPrefix(text, begin)
		// What begins with a mark of its own is clear; a Terraform reference must also end like
		// one.
		switch {
		case !ok:
		case begin[0] == '!' || begin[0] == 'F' || begin[0] == '$' || begin[0] == 'R':
			return true
		default: // Terraform: names joined by dots, which end in an attribute
			last := after[strings.LastIndexByte(after, '.')+1:]
			if strings.HasPrefix(begin, "local") || strings.HasPrefix(begin, "var") {
				return !strings.ContainsAny(after, "/:*?")
			}
			return last != after && anyOf([]string{"arn", "id", "name", "bucket", "url", "function_name", "qualified_arn", "invoke_arn"}, func(s string) bool {
				return last == s || strings.HasSuffix(last, "_"+s)
			})
		}
	}
	return strings.HasPrefix(text, "Token[") || strings.Contains(text, "[TOKEN.")
}

// hasQuery reports whether a text that is not a URL has the query of one.
func hasQuery(text string) bool {
	_, query, ok := strings.Cut(text, "?")
	return ok && strings.Contains(query, "=") && !strings.Contains(text, "://") && !isURLHost(text)
}

// openEnd says that a resource of a service whose kinds may be others too ends behind a separator,
// or has two of them. It is nil for a service whose resources may look so.
func openEnd(service, rest, text string) *report.Problem {
	if p := oddParts(service, rest, text); p != nil {
		return p
	}
	// Services whose resources may end in a separator, or have empty parts.
	switch service {
	case "*", "s3", "s3express", "s3-object-lambda", "s3-outposts", "ssm", "logs", "execute-api", "iot", "apigateway", "cassandra", "opsworks",
		"vpc-lattice", "vpc-lattice-svcs", "codeartifact", "neptune-db", "glue":
		return nil
	}
	problem := func(why, fix string) *report.Problem {
		return report.Of(text, " probably matches nothing: "+why, fix)
	}
	// head is what stands in front of the resource, as in an ARN.
	head := strings.TrimSuffix(text, rest)
	bare := strings.TrimRight(rest, "/:")
	// A wildcard at the end takes what is missing.
	switch {
	case bare == "" || strings.HasSuffix(bare, "*"):
	case bare != rest && !strings.ContainsAny(bare, "/:"):
		return problem("no name follows "+report.Quoted(report.Short(rest)), "write "+quoteText(head+rest+"*")+" for each of them, or name the one that is meant")
	case bare != rest:
		return problem("nothing follows its end", "write "+quoteText(head+bare))
	}
	// "table//orders"
	for _, two := range [...]string{"//", "::"} {
		if kind, name, ok := strings.Cut(rest, two); ok && kind != "" && !strings.ContainsAny(kind, "/:") {
			return problem("it has two separators after "+kind, "write "+quoteText(head+kind+two[:1]+strings.TrimLeft(name, "/:")))
		}
	}
	return nil
}

// cured returns the fix of a resource that is wrong, after what it proposes has been judged as the
// resource was. What would be wrong again is replaced by what is right, and otherwise left out.
func cured(subject []AWS, text string, m Mode, fix string) string {
	// Advice is not a text to judge.
	if len(text) > maxProposed || strings.HasPrefix(fix, "name ") {
		return fix
	}
	if list := proposedList(fix); list != nil {
		return curedList(subject, list, m)
	}
	// "bucket/" for operations on buckets means the bucket.
	if bucket, ok := strings.CutSuffix(text, "/"); ok && !strings.ContainsAny(bucket, "/:") && !anyOf(subject, func(s AWS) bool { return !onBucket(s) }) {
		return "write " + quoteText(bucket)
	}
	// The resource without its head is the plainest fix, where it is right.
	if alone := withoutHead(subject, text); alone != text && !strings.HasPrefix(text, "arn:") && known(subject) && rightResource(subject, alone, m) {
		return "write " + quoteText(alone)
	}
	meant, ok := proposed(fix)
	if ok && rightResource(subject, meant, m) {
		return fix
	}
	// Otherwise the proposal, and other spellings of the text, are mended step by step.
	for _, candidate := range append([]string{meant}, spellings(text)...) {
		if candidate == "" || candidate == text {
			continue
		}
		// Three steps are enough: a text has rarely more than two faults.
		for range 3 {
			if rightResource(subject, candidate, m) {
				return "write " + quoteText(candidate)
			}
			p, _ := wrongResource(subject, candidate, m)
			if p == nil {
				break
			}
			next, ok := proposed(p.Fix)
			if !ok || next == text || next == candidate {
				break
			}
			candidate = next
		}
	}
	// The fix proposed something that is wrong, and nothing better was found.
	if ok {
		return "write the resource's name with its kind, or its ARN"
	}
	return fix
}

// known reports whether the kinds of resources of all services are known.
func known(subject []AWS) bool {
	return !anyOf(subject, func(s AWS) bool {
		_, known, _ := kindsOf(s.Service)
		return !known
	})
}

// rightResource reports whether a proposal is free of faults.
func rightResource(subject []AWS, text string, m Mode) bool {
	// Proposals must not be wider than the text.
	if text == "*" || strings.HasPrefix(text, "arn:*") && m == Narrow && truncated(text) {
		return false
	}
	if _, slip := Slip(text); slip != nil {
		return false
	}
	p, _ := wrongResource(subject, text, m)
	return p == nil
}

// proposed returns the text that a fix proposes, without its quotes. ok is false for other fixes.
func proposed(fix string) (text string, ok bool) {
	for _, begin := range [...]string{"write ", "did you mean "} {
		if rest, found := strings.CutPrefix(fix, begin); found {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return "", false
			}
			text, err := strconv.Unquote(quoted)
			return text, err == nil
		}
	}
	return "", false
}

// curedList returns the fix that proposes several resources. Each is right, or is mended first.
func curedList(subject []AWS, list []string, m Mode) string {
	for i, s := range list {
		if rightResource(subject, s, m) {
			continue
		}
		meant := ""
		if p, _ := wrongResource(subject, s, m); p != nil {
			meant, _ = proposed(p.Fix)
		}
		// Only the kind is added: less than was written would not be what was meant.
		if !strings.HasSuffix(meant, s) || !rightResource(subject, meant, m) {
			return "write each resource that is meant as an entry of its own"
		}
		list[i] = meant
	}
	return writeList(list)
}

// proposedList returns the texts that a fix proposes in a list; nil for other fixes.
func proposedList(fix string) (list []string) {
	rest, ok := strings.CutPrefix(fix, "write [")
	for ok {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return nil
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return nil
		}
		list = append(list, text)
		rest, ok = strings.CutPrefix(rest[len(quoted):], ", ")
	}
	return list
}

// spellings returns what may have been meant by a resource, from the likeliest on.
func spellings(text string) []string {
	// Without quotes and invisible characters.
	bare := strings.Map(func(r rune) rune {
		if isQuote(r) || isOdd(r) {
			return -1
		}
		return r
	}, text)
	bare = strings.NewReplacer(": ", ":", " :", ":", "/ ", "/", " /", "/").Replace(strings.Trim(bare, ",; "))
	decoded, _ := url.PathUnescape(bare)
	// "arn:aws:sqs:::q" has a colon too many in some spellings.
	dense := bare
	for strings.Contains(dense, "::") && strings.HasPrefix(dense, "arn:") && strings.Count(dense, ":") > 5 {
		dense = strings.Replace(dense, "::", ":", 1)
	}
	// From the smallest change to the largest.
	return []string{
		bare, decoded, dense, strings.ReplaceAll(bare, `\`, "/"),
		strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(bare, "^"), "$"), ".*"),
	}
}
