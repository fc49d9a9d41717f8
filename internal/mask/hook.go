package mask

import "strings"

// hooks masks a path at a host. Whoever knows the URL of a webhook may post there, so that all of
// its path is a secret but for the words that such paths begin with. A webhook is recognised by the
// name of its host, also where that stands in the path of another.
func hooks(host, p string) string {
	parts := strings.Split(p, "/")
	secret, inHook := isHookHost(host), false
	begin := 0
	for i, part := range parts {
		if !secret && isHookHost(part) {
			secret, begin = true, i+1
		}
	}
	if secret {
		head := strings.Join(parts[:begin], "/")
		tail := parts[begin:]
		known := true
		for i, part := range tail {
			if known = known && (part == "" || isHookWord(part)); !known && part != "" && part != "*" && part != "**" {
				tail[i] = Masked
			}
		}
		if begin == 0 {
			return strings.Join(tail, "/")
		}
		if len(tail) == 0 {
			return pieces(head, false)
		}
		return pieces(head, false) + "/" + strings.Join(tail, "/")
	}
	changed := false
	for i, part := range parts {
		if inHook && isHookSecret(part) {
			parts[i], changed = Masked, true
		}
		switch strings.ToLower(part) {
		case "hook", "hooks", "webhook", "webhooks", "webhookb2", "incoming-webhook", "build_hooks", "deploy_hooks":
			inHook = true
		}
	}
	if changed {
		p = strings.Join(parts, "/")
	}
	return pieces(p, false)
}

// isHookHost reports a host that receives webhooks: a label of it is hook, hooks or webhook, or it
// is one of those that have other names.
func isHookHost(host string) bool {
	if len(host) < len("h.ly") || len(host) > 255 || !strings.Contains(host, ".") {
		return false
	}
	host = plainHost(Host(host))
	labels := strings.Split(host, ".")
	for _, label := range labels[:len(labels)-1] {
		for word := range strings.SplitSeq(label, "-") {
			switch word {
			case "hook", "hooks", "webhook", "webhooks":
				return true
			}
		}
	}
	for _, domain := range [...]string{
		"discord.com", "discordapp.com", "chat.googleapis.com", "api.telegram.org", "ntfy.sh", "maker.ifttt.com", "events.pagerduty.com",
		"logic.azure.com", "logic.azure.us", "logic.azure.cn", "api.powerplatform.com", "flow.microsoft.com", "hc-ping.com", "api.day.app",
		"api.pushcut.io", "trigger.macrodroid.com", "alert.victorops.com", "m.pipedream.net",
	} {
		if rest, ok := strings.CutSuffix(host, domain); ok && (rest == "" || rest[len(rest)-1] == '.') {
			return true
		}
	}
	return false
}

// isHookWord reports a segment that the paths of webhooks begin with.
func isHookWord(s string) bool {
	switch s {
	case "services", "workflows", "triggers", "trigger", "hook", "hooks", "catch", "webhook", "webhooks", "webhookb2", "api", "rest", "incoming",
		"spaces", "integration", "integrations", "generic", "enqueue", "powerautomate", "automations", "direct":
		return true
	}
	return len(s) >= 2 && len(s) <= 4 && s[0] == 'v' && countDigits(s) == len(s)-1
}

// isHookSecret reports a segment after the word webhooks that is not a word.
func isHookSecret(s string) bool {
	digits := countDigits(s)
	switch {
	case s == Masked:
		return false
	case digits > 0 && digits < len(s):
		return len(s) >= 6 && !isVersion(s)
	case digits > 0:
		return len(s) >= 4
	}
	return len(s) >= 10 && !speakable(s)
}

func isVersion(s string) bool { return s[0] == 'v' && countDigits(s) == len(s)-1 }
