package policy

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// This file has the destinations of notify: entries, and checks them, kind by kind.

// A Target is one entry of notify:, expanded. Exactly one of its destinations is set.
type Target struct {
	SNS         string // topic ARN
	Slack       string // incoming webhook URL, or secretsmanager:NAME or ssm:NAME that holds it
	EventBridge string // event bus name or ARN
	Webhook     string // https URL
	Channel     string // Slack: with a token instead of a webhook, the channel to post to
	Secret      string // Webhook: the HMAC key
	Verdicts    []Verdict
	Functions   []string // globs; nil: all
	Line        int
	Entry       string // the destination as written, without what can be a secret: "slack: ${SLACK_WEBHOOK_URL}"
}

// set sets the destination of a kind, and says what is wrong with it. Destinations can be
// secrets: they are not quoted. The destination is set in any case. A caller drops the target if it
// is wrong.
func (t *Target) set(kind, dest string) *report.Problem {
	switch kind {
	case "sns":
		t.SNS = dest
		return wrongTopic(dest)
	case "slack":
		t.Slack = dest
		return wrongSlack(dest, t.Channel)
	case "eventbridge":
		t.EventBridge = dest
		return wrongBus(dest)
	case "webhook":
		t.Webhook = dest
		if p := wrongURL("webhook:", dest); p != nil {
			return p
		}
		// Both have hooks, which take different JSON.
		if host := targetHost(dest); host == "hooks.slack.com" {
			return &report.Problem{What: "webhook: is one of Slack, which takes another form", Fix: "write it under slack:"}
		}
		return nil
	}
	// The table of keys in package syntax has a kind that is missing here.
	return &report.Problem{What: kind + ": is not a kind of target", Fix: "report this as an error in Outguard"}
}

// wrongTopic says what is wrong with the ARN of a topic; nil for none.
func wrongTopic(dest string) *report.Problem {
	// arn:aws:sns:eu-west-1:111122223333:alerts
	p := strings.Split(dest, ":")
	// An ARN has six parts, and a topic's region and account are not optional.
	if len(p) != 6 || p[0] != "arn" || p[2] != "sns" || p[3] == "" || !awsname.IsAccount(p[4]) || p[5] == "" {
		return &report.Problem{What: "sns: is not a topic's ARN", Fix: "write it as arn:aws:sns:REGION:ACCOUNT:NAME"}
	}
	// The names of FIFO topics end in .fifo. No other has a dot.
	if !isName(strings.TrimSuffix(p[5], ".fifo"), "_-") {
		return &report.Problem{What: "sns: names a topic with a character that no topic has", Fix: "write the topic's ARN as AWS shows it"}
	}
	return wrongWhere("sns:", p[1], p[3])
}

// wrongBus says what is wrong with the name or the ARN of an event bus; nil for none.
func wrongBus(dest string) *report.Problem {
	name, fail := dest, func(fix string) *report.Problem {
		return &report.Problem{What: "eventbridge: is not an event bus", Fix: fix}
	}
	const fix = "write its name, or arn:aws:events:REGION:ACCOUNT:event-bus/NAME"
	// arn:aws:events:eu-west-1:111122223333:event-bus/alerts
	p := strings.Split(dest, ":")
	if p[0] == "arn" {
		bus, ok := "", false
		if len(p) == 6 && p[2] == "events" && awsname.IsAccount(p[4]) {
			bus, ok = strings.CutPrefix(p[5], "event-bus/")
		}
		if name = bus; !ok {
			return fail(fix)
		}
	} else if rest, ok := strings.CutPrefix(name, "event-bus/"); ok {
		// The resource of an ARN alone.
		return fail("write " + report.Short(rest))
	}
	// Names of buses have cases, and the bus of each account is default.
	switch {
	case strings.EqualFold(name, "default") && name != "default":
		return fail("write " + strings.Replace(dest, name, "default", 1))
	case !isName(name, "._-/"):
		return fail(fix)
	case p[0] == "arn":
		return wrongWhere("eventbridge:", p[1], p[3])
	}
	return nil
}

// isName reports whether a name has letters, digits and some other characters alone.
func isName(name, also string) bool {
	return name != "" && len(name) <= 256 && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(also, r))
	})
}

// wrongSlack says what is wrong with a webhook's URL, a token, or the name of where it is kept.
func wrongSlack(dest, channel string) *report.Problem {
	fail := func(what, fix string) *report.Problem { return &report.Problem{What: "slack: " + what, Fix: fix} }
	const fix = "write https://…, secretsmanager:NAME, ssm:/NAME, or a token with channel:"
	// The name of a secret is read only when an alert is sent.
	if service, name, ok := strings.Cut(dest, ":"); ok && (service == "secretsmanager" || service == "ssm") {
		return wrongSecret(service, name)
	}
	switch {
	// Tokens of bots and users. They need a channel, which a webhook has by itself.
	case strings.HasPrefix(dest, "xoxb-"), strings.HasPrefix(dest, "xoxp-"):
		switch {
		case channel == "":
			return fail("is a token, and channel: is missing", "add channel: with the channel's id or name")
		case strings.ContainsAny(channel, "/:,* "):
			return fail("has a channel: that is neither an id nor a name", "write the channel's id, such as C0123ABCD, or its name, such as \"#alerts\"")
		}
		return nil
	case !isURL(dest):
		return fail("is neither a webhook's URL nor a token", fix)
	}
	if p := wrongURL("slack:", dest); p != nil {
		return p
	}
	// It has parsed in isURL, so that this does not fail.
	u, err := url.Parse(dest)
	if err != nil {
		return fail("is neither a webhook's URL nor a token", fix)
	}
	// hooks.slack.com/services/T/B/SECRET has three segments or more.
	path := strings.Trim(u.Path, "/")
	switch host := targetHost(dest); {
	case host == "hooks.slack.com" && strings.Count(path, "/") < 2:
		return fail("is not the whole URL of an incoming webhook", "write the URL that Slack shows for it")
	// app.slack.com and a workspace's own domain are pages.
	case strings.HasSuffix(host, ".slack.com") && host != "hooks.slack.com" && !strings.HasPrefix(host, "hooks."):
		return fail("is the address of a page, and not of an incoming webhook", "write the URL that Slack shows for the webhook, or a token with channel:")
	// discord.com/api/webhooks/ID/TOKEN/slack takes Slack's JSON.
	case (host == "discord.com" || host == "discordapp.com" || strings.HasSuffix(host, ".discord.com")) && !strings.HasSuffix(path, "/slack"):
		return fail("is a webhook of Discord, which takes Slack's form under /slack alone", "add /slack to the URL")
	}
	return nil
}

// wrongSecret says that a name cannot be one of a secret or a parameter.
func wrongSecret(service, name string) *report.Problem {
	// Characters that the names of secrets have, and those of parameters.
	also, example := "/_+=.@-!", "secretsmanager:NAME"
	if service == "ssm" {
		also, example = "/_.-", "ssm:/NAME"
	}
	// An ARN: the name is behind its kind, secret:NAME or parameter/NAME.
	if p := strings.SplitN(name, ":", 6); p[0] == "arn" && len(p) == 6 && p[2] == service {
		if p := wrongWhere("slack:", p[1], p[3]); p != nil {
			return p
		}
		name = p[5][strings.IndexAny(p[5], ":/")+1:]
	}
	if strings.Trim(name, "/") == "" || !isName(name, also) {
		return &report.Problem{What: "slack: is not the name of a secret or a parameter", Fix: "write " + example}
	}
	return nil
}

// wrongURL says that a URL cannot be called.
func wrongURL(key, dest string) *report.Problem {
	// url.Parse accepts much. What follows are slips that would fail at each alert.
	u, err := url.Parse(dest)
	if err != nil || !isURL(dest) {
		return &report.Problem{What: key + " is not a URL", Fix: "write https://…"}
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err != nil {
		if _, _, wrong := canon.Host(host); wrong != nil || strings.ContainsAny(host, "*?") {
			return &report.Problem{What: key + " is a URL whose host cannot exist", Fix: "write the host in full"}
		}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return &report.Problem{What: key + " is a URL whose port is not a number from 1 to 65535", Fix: "write a port, or leave it out"}
		}
	}
	// A { is left of a variable in another notation, a blank of a line break.
	if i := strings.IndexAny(dest, "{}<> "); i >= 0 {
		return &report.Problem{What: fmt.Sprintf("%s is a URL with the character %q", key, dest[i]), Fix: "write ${NAME} for a variable, and the other parts as they are sent"}
	}
	return nil
}

// targetHost returns the host of a URL in lower case, without the trailing dot.
func targetHost(dest string) string {
	u, err := url.Parse(dest)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// wrongWhere says that the partition or the region of a target's ARN cannot exist; nil if they can.
func wrongWhere(key, partition, region string) *report.Problem {
	// Regions that are only unknown may be new.
	if p, certain := pattern.WrongRegion(region); p != nil && certain {
		return &report.Problem{What: key + " " + p.What, Fix: p.Fix}
	}
	if awsname.PartitionOf(region) != partition && awsname.LooksLikeRegion(region) {
		return &report.Problem{What: fmt.Sprintf("%s %s is not a region of the partition %q", key, region, report.Short(partition)), Fix: "write arn:" + awsname.PartitionOf(region) + ":…"}
	}
	return nil
}

// isURL reports whether s is an http or https URL with a host. Plain http serves receivers on
// localhost.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
