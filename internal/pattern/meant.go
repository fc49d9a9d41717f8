package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
)

// This file guesses which resource a text was meant to name.

// meantKind returns what was meant by a name without its kind, with a wrong character after it, or
// with a misspelled kind; "" for what is not clear.
func meantKind(subject []AWS, text string) string {
	// First without the head of an ARN, if what is left is a resource by itself.
	if alone := withoutHead(subject, strings.TrimPrefix(text, "!")); alone != text {
		for _, s := range subject {
			if kinds, known, _ := kindsOf(s.Service); known && alone != "" && mayBegin(s.Service, kinds, alone) {
				return alone
			}
		}
		text = alone
	}
	// Then with the word of a kind that is spelled otherwise: "tables/orders", "log_group:x".
	for _, s := range subject {
		kinds, _, _ := kindsOf(s.Service)
		// Queues and topics have no kind, so that the word goes.
		if s.Service == "sqs" || s.Service == "sns" {
			if meant := afterWord(text, "queue", "queues", "topic", "topics"); meant != "" && !strings.ContainsAny(meant, "/:") {
				return meant
			}
		}
		if meant := withKind(kinds, text); meant != "" {
			return meant
		}
	}
	// At last a name alone, which gets the usual kind.
	for _, s := range subject {
		if meant := named(s, text); meant != "" {
			return meant
		}
	}
	return ""
}

// withoutHead returns a text without the parts of an ARN that stand before a resource:
// "sqs:orders", "111122223333/orders".
func withoutHead(subject []AWS, text string) string {
	for {
		// "/orders" has nothing in front of its slash.
		i := strings.IndexAny(text, "/:.")
		if i <= 0 || i == len(text)-1 && text[i] != '.' {
			return text
		}
		word := text[:i]
		// The service counts before a slash only if a kind follows: "s3/a" may be a bucket s3.
		service := anyOf(subject, func(s AWS) bool {
			kinds, known, _ := kindsOf(s.Service)
			return s.Service == word && (text[i] != '/' || known && mayBegin(s.Service, kinds, text[i+1:]))
		})
		prefix := (word == "arn" || word == "aws") && text[i] != '/' || word == "iam" && anyOf(subject, func(s AWS) bool { return s.Service == "sts" })
		if !service && !prefix && !awsname.IsAccount(word) && !awsname.LooksLikeRegion(word) {
			return text
		}
		text = text[i+1:]
	}
}

// withKind returns a text that begins with the word of a kind, in another spelling, as it should
// be.
func withKind(kinds []string, text string) string {
	trimmed := strings.TrimLeft(text, "/:")
	i := strings.IndexAny(trimmed, "/:.=")
	if i <= 0 || i == len(trimmed)-1 {
		return ""
	}
	word, rest := strings.ToLower(trimmed[:i]), strings.TrimLeft(trimmed[i:], "/:.=")
	for _, kind := range kinds {
		k := strings.ToLower(strings.Trim(kind, "/:"))
		// Plural, no hyphen, or underscores.
		if word == k || word == k+"s" || strings.ReplaceAll(word, "-", "") == strings.ReplaceAll(k, "-", "") || strings.ReplaceAll(word, "_", "-") == k {
			// A few kinds, such as /restapis, do not end in a separator.
			if c := kind[len(kind)-1]; c != '/' && c != ':' {
				kind += "/"
			}
			if kind == "log-group:" {
				return kind + trimmed[i+1:] // the names begin with a slash
			}
			return kind + rest
		}
	}
	// A slip: "functio:pay".
	if strings.IndexByte("/:", trimmed[i]) >= 0 && len(word) >= 4 {
		for _, kind := range kinds {
			k := strings.Trim(kind, "/:")
			if len(k) >= 4 && kind != k && kind[0] != '/' && report.Nearest(word, []string{k}) != "" {
				return kind + rest
			}
		}
	}
	return ""
}

// named returns the resource that a name alone stands for, in an operation of a pattern.
func named(s AWS, text string) string {
	kinds, _, _ := kindsOf(s.Service)
	// Of what is a regular expression, nothing is clear.
	if len(kinds) == 0 || s.Service == "sns" || text == "" || strings.ContainsAny(text, `\^$()|`) {
		return ""
	}
	if anyOf(kinds, func(k string) bool {
		return strings.EqualFold(strings.Trim(k, "/:"), text) || strings.EqualFold(strings.Trim(k, "/:")+"s", text)
	}) {
		return "" // a kind alone
	}
	kind := kinds[0]
	// Operations whose resource has another kind than the usual one, or whose names have slashes.
	switch s.Service + ":" + s.Operation {
	case "ecs:runtask", "ecs:starttask":
		if strings.ContainsAny(text, ":/") {
			return ""
		}
		return "task-definition/" + text + ":*"
	case "states:startexecution", "states:startsyncexecution", "lambda:createeventsourcemapping":
		return kind + text
	}
	// A name that is not a key's id is an alias.
	if s.Service == "kms" && kind == "key/" && strings.Trim(text, "0123456789abcdefABCDEF-*?") != "" && !strings.HasPrefix(text, "mrk-") && !strings.ContainsAny(text, "/:") {
		return "alias/" + text
	}
	longest := 2 // of "schedule" and "schedulegroup", the operation is about the second
	for _, k := range kinds {
		if word := strings.ReplaceAll(strings.Trim(k, "/:"), "-", ""); len(word) > longest && strings.Contains(s.Operation, strings.ToLower(word)) && !makes(s.Operation, word) {
			kind, longest = k, len(word)
		}
	}
	// Services whose names have separators themselves.
	switch s.Service {
	case "ssm":
		if strings.HasPrefix(text, "/") && kind == "parameter/" {
			return "parameter" + text
		}
	case "logs":
		if strings.HasPrefix(text, "aws/") && kind == "log-group:" {
			return kind + "/" + text
		}
		if strings.HasPrefix(text, "/") || !strings.Contains(text, ":") {
			return kind + text
		}
	case "lambda":
		if !strings.Contains(text, "/") {
			return kind + text // NAME, or NAME:ALIAS
		}
	case "kms":
		if strings.Contains(text, "alias") {
			return ""
		}
	}
	// A separator in a name shows that it has a kind already.
	if strings.ContainsAny(text, ":") || strings.HasPrefix(text, "/") {
		return ""
	}
	if strings.Contains(text, "/") && !slices.Contains([]string{"secretsmanager", "ssm", "ecr", "iam", "sts"}, s.Service) {
		return ""
	}
	// Kinds that stand for themselves have no names.
	if kind[0] == '/' || kind == "root" || kind == "catalog" {
		return ""
	}
	return kind + text
}

// makes reports whether an operation makes what a word names, so that it acts on something else:
// StartBuild is done to a project, and SubmitJob to a queue.
func makes(operation, word string) bool {
	verb, ok := strings.CutSuffix(operation, strings.ToLower(word))
	return ok && (verb == "start" || verb == "submit")
}

// afterWord returns what follows one of some words and a slash or a colon; "" if none of them
// begins it.
func afterWord(text string, list ...string) string {
	i := strings.IndexAny(text, "/:")
	if i < 0 || !slices.Contains(list, strings.ToLower(text[:i])) {
		return ""
	}
	return text[i+1:]
}
