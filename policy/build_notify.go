package policy

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// targets makes the notify: entries of this function. Trouble with one is a warning and never an error, because it must
// not take a function down; an entry whose destination is empty once expanded is passed over.
func (c *compiler) targets() (out []Target) {
	for _, t := range c.file.tree.Targets {
		made := Target{Line: t.Line, Channel: c.lax(t.Channel), Secret: c.lax(t.Secret)}
		for _, f := range t.Functions {
			made.Functions = append(made.Functions, c.lax(f))
		}
		mine := func(glob string) bool { return syntax.MatchesName(glob, c.env.Function) }
		if made.Functions != nil && !slices.ContainsFunc(made.Functions, mine) {
			continue
		}
		for _, w := range t.Verdicts {
			word := c.lax(w)
			v, ok := verdictOf(word)
			if !ok {
				c.Warn(w.Place, fmt.Sprintf("verdicts: %q is unknown", report.Short(word)), report.DidYouMean(word, syntax.ActionWords()))
				continue
			}
			made.Verdicts = append(made.Verdicts, v)
		}
		dest := c.lax(t.Dest)
		if dest == "" {
			continue
		}
		if p := made.set(t.Kind, dest); p != nil {
			c.Warn(t.Dest.Place, p.What+", so nothing is sent there", p.Fix)
			continue
		}
		if t.Secret.Value != "" && made.Secret == "" {
			c.Warn(t.Secret.Place, "secret: is empty, so alerts go there without a signature", "set its variable, or delete the key")
		}
		out = append(out, made)
	}
	return out
}

// lax expands a text of notify:, where an unset variable counts as empty and * is no wildcard.
func (c *compiler) lax(t syntax.Text) string {
	e, p := expand(t.Value, c.env.lookup())
	if p != nil { // refused by ParseFile
		c.Fail(t.Place, p.What, p.Fix)
	}
	return strings.TrimSpace(e.text)
}

// set sets the destination of a kind, and says what is wrong with it. Destinations can be secrets: they are not quoted.
func (t *Target) set(kind, dest string) *report.Problem {
	switch kind {
	case "sns":
		t.SNS = dest
		if p := strings.Split(dest, ":"); len(p) != 6 || p[0] != "arn" || p[2] != "sns" || p[3] == "" || !awsname.IsAccount(p[4]) || p[5] == "" {
			return &report.Problem{What: "sns: is not a topic's ARN", Fix: "write it as arn:aws:sns:REGION:ACCOUNT:NAME"}
		}
	case "slack":
		t.Slack = dest
		switch {
		case strings.HasPrefix(dest, "secretsmanager:"), strings.HasPrefix(dest, "ssm:"):
		case strings.HasPrefix(dest, "xoxb-"), strings.HasPrefix(dest, "xoxp-"):
			if t.Channel == "" {
				return &report.Problem{What: "slack: is a token, and channel: is missing", Fix: "add channel: with the channel's id or name"}
			}
		case !isURL(dest):
			return &report.Problem{What: "slack: is neither a webhook's URL nor a token", Fix: "write https://…, secretsmanager:NAME, ssm:/NAME, or a token with channel:"}
		}
	case "eventbridge":
		t.EventBridge = dest
		if strings.ContainsAny(dest, " \t\n") || strings.HasPrefix(dest, "arn:") && !strings.Contains(dest, ":event-bus/") {
			return &report.Problem{What: "eventbridge: is not an event bus", Fix: "write its name, or arn:aws:events:REGION:ACCOUNT:event-bus/NAME"}
		}
	case "webhook":
		t.Webhook = dest
		if !isURL(dest) {
			return &report.Problem{What: "webhook: is not a URL", Fix: "write https://…"}
		}
	}
	return nil
}

// isURL reports whether s is an http or https URL with a host. Plain http serves receivers on localhost.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
