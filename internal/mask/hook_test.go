package mask

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is a secret by its place: the path of a webhook, the user of a URL inside a path, the value
// of a parameter.
func TestSecretsByTheirPlace(t *testing.T) {
	for in, gone := range map[string]string{
		"https://hook.eu2.make.com/h0nter":                                                   "h0nter",
		"https://hook.us1.make.com/h0nter":                                                   "h0nter",
		"https://hook.eu1.make.celonis.com/h0nter":                                           "h0nter",
		"https://hooks.airtable.com/workflows/v1/genericWebhook/app/wfl/h0nter":              "h0nter",
		"https://webhook.site/h0nter":                                                        "h0nter",
		"https://incoming-webhooks.chat.example/h0nter":                                      "h0nter",
		"https://canary.discord.com/api/webhooks/1234/hunter":                                "hunter",
		"https://discordapp.com/api/v10/webhooks/1234/hunter/slack":                          "hunter",
		"https://prod-01.westeurope.logic.azure.com:443/workflows/ab/triggers/manual/hunter": "hunter",
		"https://default.environment.api.powerplatform.com/powerautomate/workflows/hunter":   "hunter",
		"https://chat.googleapis.com/v1/spaces/hunter/messages":                              "hunter",
		"https://hc-ping.com/hunter":                                                         "hunter",
		"https://proxy.example/https://hooks.slack.com/services/T00/B00/hunter":              "hunter",
		"https://proxy.example/https:/hooks.slack.com/services/T00/B00/hunter":               "hunter",
		"https://proxy.example/https%3A%2F%2Fhooks.slack.com%2Fservices%2FT00%2Fhunter":      "hunter",
		"https://proxy.example/to/hooks.slack.com/services/T00/B00/hunter":                   "hunter",
		"https://proxy.example/to/hooks.slack.com:443/services/T00/B00/hunter":               "hunter",
		"https://web.archive.org/2026/http://user:hunter@h.example/x":                        "hunter",
		"https://web.archive.org/2026/http:/user:hunter@h.example/x":                         "hunter",
		"https://web.archive.org/2026/http://user:hun/ter@h.example/x":                       "user:hun",
		"https://x.example/ftp://hunter@h.example":                                           "hunter",
		"https://x.example/token:hunter":                                                     "hunter",
		"https://x.example/a/access_token:hunter/b":                                          "hunter",
		"https://x.example/pin/4711":                                                         "4711",
		"https://x.example/v1/Password/hunter2/x":                                            "hunter2",
		"https://x.example/ssn/078-05-1120":                                                  "078-05",
		"https://x.example/p/078-05-1120.json":                                               "078-05",
		"https://x.example/c/4111/1111/1111/1111":                                            "4111",
		"https://x.example/p/004930123456789":                                                "0049",
		"https://x.example/client_secret:hunter":                                             "hunter",
		"https://x.example/a&token=hunter":                                                   "hunter",
		"https://x.example/webhooks/github/ab12cd":                                           "ab12cd",
		"https://x.example/api/webhooks/1234/abcdefghijkl":                                   "abcdefghijkl",
		"https://x.example/t/qwertyuiopasdfghjklzxcvbnmqwerty":                               "qwertyuiop",
		"https://mattermost.example.com/hooks/xq4m9tz1nfyw8pj6o3ak5bde7r":                    "xq4m9tz1",
		"https://mattermost.example.com/hooks/xqwmktzrnfywspjyovakxbdehr":                    "xqwmktzr",
		"https://chat.example.com/hooks/5f9b3c2a1d4e6f7a8b9c0d1e/kVnRPtqYabc":                "kVnRPtqY",
		"https://discord.example.net/api/webhooks/123456789012345678/abc-DEF_ghi":            "abc-DEF",
		"https://teams.example/webhookb2/a1b2c3d4@e5f6/IncomingWebhook/abcdefabcdef/x":       "abcdefabcdef",
		"https://outlook.office.com/webhook/a1b2c3d4/IncomingWebhook/abcdefabcdef/q1":        "abcdefabcdef",
		"https://n8n.example.com/webhook-test/orders":                                        "orders",
		"https://automation.example/webhook-test/12ab34cd":                                   "12ab34cd",
		"https://relay.example/services/T1/B2/hunter":                                        "hunter",
		"https://relay.example/x/workflows/T1/A2/3/hunter":                                   "hunter",
		"https://relay.example/triggers/E0123/456/hunter":                                    "hunter",
		"https://relay.example/sendwebhookdata/IjU3NjYwNTZh_pc":                              "IjU3Nj",
		"https://x.example/invite/6b4k8ttg541":                                               "6b4k8",
		"https://x.example/reset-password/cfoolpqiq7":                                        "cfoolp",
		"https://monitor.example/v1/check_in/mtzvbgswmj2":                                    "mtzvb",
		"https://monitor.example/v1/heartbeat/tygpbpygk7":                                    "tygpb",
		"https://deploys.example/v1/deploy/ejjwdqvfz7":                                       "ejjwd",
		"https://deadmanssnitch.com/hunter":                                                  "hunter",
		"https://requestbin.com/r/hunter":                                                    "hunter",
		"https://uptime.example.com/api/push/AbCdEf1234":                                     "AbCdEf1234",
		"https://uptime.example.com/api/v1/heartbeat/abcdEFGH1234ijkl":                       "abcdEFGH",
		"https://endpoint4.collection.sumologic.com/receiver/v1/http/hunter":                 "hunter",
		"https://logs.example/receiver/v1/http/ZaVnC4dhaV12":                                 "ZaVnC4",
		"https://api.example/v1/integrations/deploy/prj_a1b2c3/Xyz9876543":                   "Xyz987",
		"https://nosnch.in/hunter":                                                           "hunter",
		"https://connect.pabbly.com/workflow/hunter":                                         "hunter",
		"https://x.example/t/zqjxkvbwpfmhgdlcsrtnyiueoaqj.json":                              "zqjxkvb",
		"https://x.example/t/QWRTPSDFGHJKLZXCVBNMQWRT":                                       "QWRTPS",
	} {
		for _, s := range []string{URL(in), Text("GET " + in + " was refused"), About("", "see "+in+".")} {
			assert.NotContains(t, s, gone)
			if !strings.Contains(in, "@") { // of a URL's user nothing stays
				assert.Contains(t, s, Masked, "something shows that a part is missing")
			}
			assert.Equal(t, s, Text(s), "twice")
		}
		assert.False(t, Entry("- http: "+in+"\n  methods: [GET]"), in)
	}
	assert.Equal(t, "path /services/[masked]/[masked] is not allowed", About("hooks.slack.com", "path /services/T0/short is not allowed"),
		"a path that is quoted without its host")
	assert.Equal(t, "the header is Bearer [masked], not Basic auth", Text("the header is Bearer abc123, not Basic auth"))
}

// Paths that only look like those of webhooks stay.
func TestNoWebhooks(t *testing.T) {
	for _, s := range []string{
		"https://api.github.com/repos/o/r/hooks/deliveries", "https://api.example.com/webhooks/stripe", "https://api.example.com/v1/webhooks/payment-intents",
		"https://hookah.example/menu/large", "https://api.example.com/services/TEAM/BILLING", "https://api.example.com/services/orders/B1/x", "https://api.example.com/push/notification-2026",
		"https://api.example.com/incoming/orders", "https://api.example.com/trigger/nightly-report", "https://api.example.com/ping/v12", "https://api.example.com/deploy/shop2", "https://api.stripe.com/v1/webhook_endpoints",
		"https://hookah.example/menu/large", "https://example.com/docs/https:", "https://example.com/a:/b", "https://proxy.example/https://api.example.com/orders",
		"https://registry.example/customersubscriptionpreferences", "https://iam.example/v1/accounts:signUp", "https://x.example/oauth2/token/introspect",
		"https://x.example/token/v1/x", "https://x.example/2026/1111/2222/3334/4444", "https://x.example/o/000123456789", "https://x.example/o/001234567890", "https://x.example/o/123-456-789",
		"https://x.example/sha256:latest", "https://api.example.com/hooks", "https://hooks.slack.com/services", "https://hooks.slack.com/",
	} {
		assert.Equal(t, s, URL(s))
		assert.True(t, Entry("- http: "+s), s)
	}
	assert.Equal(t, "no rule allows secret:prod/db here", Text("no rule allows secret:prod/db here"))
	for _, s := range []string{"- http: https://h.example/users/*/x", "- net: db.internal:5432", "- ip: 10.0.0.1", "- aws: any", "", "# why\n- http: \"https://h.example/a b\""} {
		assert.True(t, Entry(s), s)
	}
}

// The words in front of a secret stay, and the extension behind it, so that one sees what it was.
func TestWhatStaysOfAMaskedPiece(t *testing.T) {
	hex := secrets["hex 32"]
	for in, want := range map[string]string{
		"https://h.example/backup-" + hex + ".tar.gz":                "https://h.example/backup-[masked].tar.gz",
		"https://h.example/tenant-acme-" + hex + "/x":                "https://h.example/tenant-acme-[masked]/x",
		"https://h.example/a;v=1;sid=" + secrets["base32"]:           "https://h.example/a;v=[masked]",
		"https://h.example/password=correct-horse":                   "https://h.example/password=[masked]",
		"https://h.example/token:x":                                  "https://h.example/token:[masked]",
		"https://h.example/ghp_16C7e42F292c6912E7710c838347Ae178B4a": "https://h.example/ghp_[masked]",
		"https://h.example/jane-doe@mail.example":                    "https://h.example/[masked]@mail.example",
		"https://h.example/abcdef-" + hex:                            "https://h.example/[masked]",
		"https://h.example/" + hex + ".exe":                          "https://h.example/[masked]",
		"https://h.example/Report_" + hex + "_final":                 "https://h.example/Report_[masked]",
	} {
		assert.Equal(t, want, URL(in))
		assert.Equal(t, want, URL(want))
	}
	assert.Equal(t, "arn:aws:s3:::receipts/2026/backup-[masked].pdf", Resource("arn:aws:s3:::receipts/2026/backup-"+hex+".pdf"))
}
