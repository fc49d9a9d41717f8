package awscall

import (
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// This file reads queues, topics and subscriptions.

// parseQueue reads a queue's URL. The SDK also takes a queue's name or ARN. A second value is the
// account that owns the queue.
func parseQueue(ts *Touches, s *step, values []string) {
	text := values[0]
	switch {
	case isARN(text):
		ts.arn(text)
		return
	// The second value is QueueOwnerAWSAccountId, which counts with a name only.
	case len(values) > 1 && !(isName(text) && awsname.IsAccount(values[1])):
		ts.unknown()
		return
	case isName(text):
		account := ts.at.Account
		if len(values) > 1 {
			account = values[1]
		}
		ts.queue(ts.at.Region, account, text)
		return
	}
	// https://sqs.eu-west-1.amazonaws.com/111122223333/orders
	_, rest, ok := strings.Cut(text, "://")
	if !ok {
		rest = text
	}
	host, path, _ := strings.Cut(rest, "/")
	account, name, _ := strings.Cut(path, "/")
	// Emulators have other paths. Nothing is known of them.
	if !isName(name) || !awsname.IsAccount(account) || host == "" {
		ts.unknown()
		return
	}
	ts.queue(ts.at.Region, account, name)
	if isQueueHost(host, ts.at.Region) {
		return
	}
	// SQS reads the account and the name and ignores the host. A URL of another region therefore
	// stands for two queues: the one that it names, and the one that the call reaches.
	switch region := queueRegion(strings.ToLower(host)); {
	case region == "", region == ts.at.Region:
	case awsname.ValidRegion(region):
		ts.queue(region, account, name)
	default:
		ts.unknown()
	}
}

// isQueueHost reports whether a host is the usual one of a region: queueRegion returns the region,
// and takes as long as all the rest. In the region "queue", which is nobody's, it does not.
func isQueueHost(host, region string) bool {
	rest, ok := strings.CutPrefix(host, "sqs.")
	rest, of := strings.CutPrefix(rest, region)
	return ok && of && strings.HasPrefix(rest, ".") && region != "queue"
}

// queue adds a queue. Its partition is that of its region.
func (ts *Touches) queue(region, account, name string) {
	partition := ts.at.Partition
	if region != ts.at.Region {
		partition = awsname.PartitionOf(region)
	}
	ts.add(Touch{Partition: partition, Service: "sqs", Region: region, Account: account, Resource: ts.join(name)})
}

// queueRegion returns the region in the host of a queue's URL, or "" if the host has none.
// Emulators have hosts of the same form, so the suffix does not count.
func queueRegion(host string) string {
	first, rest, _ := strings.Cut(host, ".")
	second, rest, _ := strings.Cut(rest, ".")
	third, _, _ := strings.Cut(rest, ".")
	// The hosts have had four forms over the years, the oldest without a region.
	labels := strings.Count(host, ".") + 1
	switch {
	case host == "queue.amazonaws.com":
		return "us-east-1"
	case labels == 4 && second == "queue":
		return first
	case labels >= 4 && (first == "sqs" || first == "sqs-fips"):
		return second
	case labels >= 6 && second == "sqs":
		return third
	}
	return ""
}

// parsePhone gives a phone number an ARN of its own, since IAM has none:
// arn:aws:sns:::phone/+4930123456. A rule for every topic of an account does not match it.
func parsePhone(ts *Touches, s *step, values []string) {
	number := values[0]
	// Anything else could hide a name that means more, and is left unknown.
	for i := range len(number) {
		if c := number[i]; (c < '0' || c > '9') && c != '+' && c != '-' && c != ' ' {
			ts.unknown()
			return
		}
	}
	ts.add(Touch{Partition: ts.at.Partition, Service: "sns", Resource: ts.join("phone/", number)})
}

// parseEmail reads an identity: a domain, or an address ("Orders <orders@example.com>"). An address
// also goes by its domain.
func parseEmail(ts *Touches, s *step, values []string) {
	text := strings.TrimSpace(values[0])
	if isARN(text) {
		ts.arn(text)
		return
	}
	// The display name may look like an address. The last address counts.
	if i := strings.LastIndexByte(text, '<'); i >= 0 {
		text = strings.TrimSuffix(text[i+1:], ">")
	}
	// Without an @, the identity is a domain.
	local, domain, ok := strings.Cut(text, "@")
	if !ok {
		local, domain = "", text
	}
	if !isDomain(domain) || !isPlain(local) || strings.ContainsAny(local, "/:*?") {
		ts.unknown()
		return
	}
	domain = strings.ToLower(domain) // case counts only before the @
	if !ok {
		ts.put("ses", "identity/", domain)
		return
	}
	t := ts.put("ses", "identity/", local, "@", domain)
	t.Alias = ts.join("identity/", domain)
}

// isDomain reports whether s is a domain, without anything that a server may ignore, such as a
// comment.
func isDomain(s string) bool {
	return isName(s) && !strings.ContainsAny(s, " ()<>[],;\"") && !strings.HasSuffix(s, ".")
}
