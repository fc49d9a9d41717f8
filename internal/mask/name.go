package mask

import "strings"

// Name masks what is certain to be no name: credentials whose form says what they are, and of an
// e-mail address all but the domain. Anything else stays, because the names that tools generate
// look like tokens.
func Name(s string) string {
	// Shorter texts cannot hold a credential, and most names are short.
	if len(s) < minToken && !strings.Contains(s, "@") {
		return s
	}
	parts := strings.Split(s, "/")
	for i, part := range parts {
		kind := strings.IndexByte(part, ':') + 1 // function:NAME
		local, domain, ok := strings.Cut(part, "@")
		switch {
		// From the certain to the partial: all of it, what follows function:, and a mail address's
		// user.
		case isCredentialForm(part):
			parts[i] = Masked
		case isCredentialForm(part[kind:]):
			parts[i] = part[:kind] + Masked
		case ok && local != "" && strings.Contains(domain, ".") && !strings.HasSuffix(local, Masked):
			parts[i] = local[:strings.LastIndexByte(local, ':')+1] + Masked + "@" + domain
		}
	}
	return strings.Join(parts, "/")
}

// isCredentialForm reports a text that is wholly an access key of AWS, a JSON web token, or a token
// of Slack, Stripe, GitHub, GitLab, Google or Telegram.
func isCredentialForm(s string) bool {
	const keyID = 20
	if len(s) < keyID {
		return false
	}
	// Prefixes alone are not enough: eyJ or ghp_ may begin a name.
	for _, prefix := range [...]string{
		"eyJ", "xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxp-", "xoxr-", "xoxs-", "xapp-", "sk_live_", "sk_test_", "rk_live_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "AIza", "GOCSPX-",
	} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && len(rest) >= 16 && countDigits(rest) > 0 && isBase64(strings.ReplaceAll(rest, ".", "")) {
			// A JSON web token has three parts: header.payload.signature.
			return prefix != "eyJ" || strings.Count(rest, ".") == 2
		}
	}
	// The ids of access keys: AKIA for users, ASIA for sessions.
	switch s[:4] {
	case "AKIA", "ASIA":
		return len(s) == keyID && strings.ToUpper(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r >= 128 || !isAlnum(byte(r)) })
	}
	return isTelegram(s)
}
