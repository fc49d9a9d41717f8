package policy

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// targets makes the notify: entries of this function. Trouble with one is a warning and never an error, because it must
// not take a function down; an entry whose destination is empty once expanded is passed over.
func (c *compiler) targets() (out []Target) {
	for _, t := range c.file.tree.targets {
		made := Target{Line: t.line, Channel: c.lax(t.channel), Secret: c.lax(t.secret)}
		for _, f := range t.functions {
			made.Functions = append(made.Functions, c.lax(f))
		}
		mine := func(glob string) bool { return matchesName(glob, c.env.Function) }
		if made.Functions != nil && !slices.ContainsFunc(made.Functions, mine) {
			continue
		}
		for _, w := range t.verdicts {
			word := c.lax(w)
			v, ok := verdictOf(word)
			if !ok {
				c.warn(w.place, fmt.Sprintf("verdicts: %q is unknown", short(word)), didYouMean(word, actionWords))
				continue
			}
			made.Verdicts = append(made.Verdicts, v)
		}
		dest := c.lax(t.dest)
		if dest == "" {
			continue
		}
		if p := made.set(t.kind, dest); p != nil {
			c.warn(t.dest.place, p.what+", so nothing is sent there", p.fix)
			continue
		}
		if t.secret.value != "" && made.Secret == "" {
			c.warn(t.secret.place, "secret: is empty, so alerts go there without a signature", "set its variable, or delete the key")
		}
		out = append(out, made)
	}
	return out
}

// lax expands a text of notify:, where an unset variable counts as empty and * is no wildcard.
func (c *compiler) lax(t text) string {
	e, p := expand(t.value, c.env.lookup())
	if p != nil { // refused by ParseFile
		c.fail(t.place, p.what, p.fix)
	}
	return strings.TrimSpace(e.text)
}

// set sets the destination of a kind, and says what is wrong with it. Destinations can be secrets: they are not quoted.
func (t *Target) set(kind, dest string) *problem {
	switch kind {
	case "sns":
		t.SNS = dest
		if p := strings.Split(dest, ":"); len(p) != 6 || p[0] != "arn" || p[2] != "sns" || p[3] == "" || !isAccount(p[4]) || p[5] == "" {
			return &problem{"sns: is not a topic's ARN", "write it as arn:aws:sns:REGION:ACCOUNT:NAME"}
		}
	case "slack":
		t.Slack = dest
		switch {
		case strings.HasPrefix(dest, "secretsmanager:"), strings.HasPrefix(dest, "ssm:"):
		case strings.HasPrefix(dest, "xoxb-"), strings.HasPrefix(dest, "xoxp-"):
			if t.Channel == "" {
				return &problem{"slack: is a token, and channel: is missing", "add channel: with the channel's id or name"}
			}
		case !isURL(dest):
			return &problem{"slack: is neither a webhook's URL nor a token", "write https://…, secretsmanager:NAME, ssm:/NAME, or a token with channel:"}
		}
	case "eventbridge":
		t.EventBridge = dest
		if strings.ContainsAny(dest, " \t\n") || strings.HasPrefix(dest, "arn:") && !strings.Contains(dest, ":event-bus/") {
			return &problem{"eventbridge: is not an event bus", "write its name, or arn:aws:events:REGION:ACCOUNT:event-bus/NAME"}
		}
	case "webhook":
		t.Webhook = dest
		if !isURL(dest) {
			return &problem{"webhook: is not a URL", "write https://…"}
		}
	}
	return nil
}

// isURL reports whether s is an http or https URL with a host. Plain http serves receivers on localhost.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
