package mask

import "strings"

// hooks masks a path at a host. Whoever knows the URL of a webhook may post there, so that all of
// its path is a secret but for the words that such paths begin with. A webhook is recognized by the
// name of its host, also where that stands in the path of another.
func hooks(host, p string) string {
	parts := strings.Split(p, "/")
	// Either the host itself receives webhooks, or a segment does:
	// /proxy/hooks.slack.com/services/T0/B0/x.
	secret, inHook := IsHookHost(host), false
	begin := 0
	for i, part := range parts {
		if !secret && IsHookHost(part) {
			secret, begin = true, i+1
		}
	}
	// All behind the host is secret, except leading words such as services or v1, and wildcards.
	if secret {
		// What is in front of an inner host is an ordinary path.
		head := strings.Join(parts[:begin], "/")
		tail := parts[begin:]
		known := true
		// After the first segment that is not such a word, words are secrets, too:
		// /services/T0/services.
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
	// At other hosts, the words in the path decide.
	changed := slackShape(parts)
	inSink, behind, link := false, false, false // behind: the segment before is a secret of a hook
	for i, part := range parts {
		switch {
		case part == "" || part == Masked:
			behind = behind || inHook && part == Masked
		// Three reasons: a link that acts when it is opened, a hook's secret, a receiver's key.
		case link && isHookSecret(part), inHook && (isHookSecret(part) || behind && !isPlainWord(part)), inSink && isSinkSecret(part):
			parts[i], changed, behind = Masked, true, inHook
		}
		// link holds for one segment only: /reset/TOKEN/help shows help.
		link = false
		switch strings.ToLower(part) {
		case "invite", "invites", "invitation", "invitations", "reset", "reset-password", "password-reset", "magic", "magic-link", "unsubscribe",
			"activate", "activation", "check_in", "checkin", "check-in", "deploy", "heartbeat":
			link = true // whoever knows the next segment may do it
		}
		// These hold until the end of the path: /hooks/team/channel/SECRET.
		switch strings.ToLower(part) {
		case "hook", "hooks", "webhook", "webhooks", "webhookb2", "webhook-test", "webhook-waiting", "incoming-webhook", "incomingwebhook",
			"build_hooks", "deploy_hooks", "sendwebhookdata":
			inHook = true
		case "heartbeat", "heartbeats", "push", "ping", "receiver", "input", "inputs", "deploy", "incoming", "catch":
			inSink = true
		}
	}
	if changed {
		p = strings.Join(parts, "/")
	}
	return pieces(p, false)
}

// slackShape masks what has the shape of Slack's webhooks, at any host: the ids of a team and of a
// hook behind services, workflows or triggers, and what follows. It reports whether one is there.
func slackShape(parts []string) (found bool) {
	for i := 0; i+3 < len(parts); i++ {
		switch parts[i] {
		case "services", "workflows", "triggers":
		default:
			continue
		}
		// A team's id begins with T or E, a hook's with B, A, F or a digit: services/T0AB/B0CD/x.
		if !isSlackID(parts[i+1], "TE") || !isSlackID(parts[i+2], "BAF0123456789") || parts[i+3] == "" {
			continue
		}
		// The ids are masked too, because they tie the log to one workspace.
		for k := i + 1; k < len(parts); k++ {
			if parts[k] != "" && parts[k] != "*" && parts[k] != "**" {
				parts[k], found = Masked, true
			}
		}
		return found
	}
	return false
}

// isSlackID reports a text of capitals and digits only, whose first character is in first.
func isSlackID(s, first string) bool {
	if s == "" || strings.IndexByte(first, s[0]) < 0 {
		return false
	}
	for i := range len(s) {
		if c := class(s[i]); c != upper && c != digit {
			return false
		}
	}
	return true
}

// isPlainWord reports a short word in small letters, such as the json or slack behind a hook's
// secret.
func isPlainWord(s string) bool {
	for i := range len(s) {
		if class(s[i]) != lower {
			return false
		}
	}
	return len(s) < 10 && speakable(s)
}

// isSinkSecret reports a segment, behind a word for what receives data, that has letters and digits
// mixed as names do not have them. One group of digits occurs in names: release2024. Two do not:
// a1b2c3d4.
func isSinkSecret(s string) bool {
	// groups counts the places with digits.
	digits, groups := countDigits(s), 0
	for i := range len(s) {
		if isDigit(s[i]) && (i == 0 || !isDigit(s[i-1])) {
			groups++
		}
		if class(s[i]) == other && s[i] != '_' {
			return false
		}
	}
	return len(s) >= 8 && digits < len(s) && (groups > 1 || digits > 1 && mixedCase(s)) && !isVersion(s)
}

// IsHookHost reports a host that receives webhooks: a label of it is hook, hooks or webhook, or it
// is one of those that have other names.
func IsHookHost(host string) bool {
	// Most segments of a path have no dot, so that for them this costs nothing.
	if len(host) < len("h.ly") || len(host) > 255 || !strings.Contains(host, ".") {
		return false
	}
	host = plainHost(Host(host))
	labels := strings.Split(host, ".")
	// The last label is the top-level domain, which says nothing of the host.
	for _, label := range labels[:len(labels)-1] {
		// A label may have the word as a part: my-hooks.example.com.
		for word := range strings.SplitSeq(label, "-") {
			switch word {
			case "hook", "hooks", "webhook", "webhooks", "n8n":
				return true
			}
		}
	}
	// These receive webhooks, though no label says so. Subdomains count.
	for _, domain := range [...]string{
		"discord.com", "discordapp.com", "chat.googleapis.com", "api.telegram.org", "ntfy.sh", "maker.ifttt.com", "events.pagerduty.com",
		"logic.azure.com", "logic.azure.us", "logic.azure.cn", "api.powerplatform.com", "flow.microsoft.com", "hc-ping.com", "api.day.app",
		"api.pushcut.io", "trigger.macrodroid.com", "alert.victorops.com", "m.pipedream.net", "nosnch.in", "cronitor.link", "trayapp.io",
		"heartbeat.uptimerobot.com", "workflows.pagerduty.com", "connect.pabbly.com", "collection.sumologic.com", "guilded.gg",
		"deadmanssnitch.com", "requestbin.com", "requestbin.net", "webhook.site", "healthchecks.io",
	} {
		// "notdiscord.com" ends in discord.com and is another host.
		if rest, ok := strings.CutSuffix(host, domain); ok && (rest == "" || rest[len(rest)-1] == '.') {
			return true
		}
	}
	return false
}

// isHookWord reports a segment that the paths of webhooks begin with. Apart from the list, versions
// count: v1, v10.
func isHookWord(s string) bool {
	switch s {
	case "services", "workflows", "triggers", "trigger", "hook", "hooks", "catch", "webhook", "webhooks", "webhookb2", "webhook-test", "webhook-waiting", "api", "rest", "incoming",
		"spaces", "integration", "integrations", "generic", "enqueue", "powerautomate", "automations", "direct":
		return true
	}
	return len(s) >= 2 && len(s) <= 4 && s[0] == 'v' && countDigits(s) == len(s)-1
}

// isHookSecret reports a segment after the word webhooks that is not a word.
func isHookSecret(s string) bool {
	digits := countDigits(s)
	switch {
	// Masking twice changes nothing.
	case s == Masked:
		return false
	// Letters with digits: 6 characters suffice, but not v12.
	case digits > 0 && digits < len(s):
		return len(s) >= 6 && !isVersion(s)
	// A number: /hooks/4711.
	case digits > 0:
		return len(s) >= 4
	}
	return len(s) >= 10 && !speakable(s)
}

// isVersion reports v and digits: v2. s must not be empty.
func isVersion(s string) bool { return s[0] == 'v' && countDigits(s) == len(s)-1 }
