package policy

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pasteKey finds a proposal that names its key.
var pasteKey = regexp.MustCompile(`^write ((?:http|net|ip|aws|access|accounts|regions): .*)$`)

// pasted returns the entry that a fix proposes in the place of one with a key; "" for none.
func pasted(t *testing.T, key, fix string) string {
	if m := pasteKey.FindStringSubmatch(fix); m != nil {
		return m[1]
	}
	if texts := proposed(t, fix); texts != nil {
		return key + ": " + yamlList(texts...)
	}
	return ""
}

// What people write in an incident, and what would have no effect, or another one. An entry is
// never silent, in either list, and what is proposed loads in its place without a further warning.
func TestSpellingsOfSubjects(t *testing.T) {
	for _, c := range []struct{ entry, says string }{
		// Networks and ports.
		{`http: 10.0.0.0/33`, `goes up to 32; write ip: 10.0.0.0/32`}, {`http: "[fd00::]/129"`, `goes up to 128; write ip: fd00::/128`}, {`ip: 10.0.0.0/33`, `goes up to 32`},
		{`net: 10.0.0.0/33`, `write net: 10.0.0.0/32`}, {`net: 10.0.0.0/33:5432`, `write net: 10.0.0.0/32:5432`}, {`ip: 10.0.0.0/-1`, `goes up to 32`},
		{`http: any:443`, `not any, but a host of that name`}, {`net: any:443`, `not any, but a host of that name`}, {`http: ANY`, `not any`}, {`net: all`, `not any`}, {`http: everything/**`, `not any`},
		{`net: "22"`, `write "*:22"`}, {`net: ":22"`, `write "*:22"`}, {`net: db.internal 5432`, `write "db.internal:5432"`}, {`net: "db.internal:5432,5433"`, `write ["db.internal:5432", "db.internal:5433"]`},
		{`net: db.internal:5432-5434`, `"db.internal:5434"]`}, {`http: evil.com:https`, `write "evil.com:443"`}, {`net: db.internal:postgres`, `write "db.internal:5432"`}, {`net: tcp://db.internal:5432`, `write "db.internal:5432"`},
		{`net: jdbc:postgresql://db.internal/x`, `write "db.internal"`}, {`net: evil.com:99999`, `not a number from 1 to 65535`}, {`http: evil.com:0`, `not a number from 1 to 65535`},
		{`ip: any`, `write ["0.0.0.0/0", "::/0"]`}, {`ip: ALL`, `write ["0.0.0.0/0", "::/0"]`}, {`ip: "*"`, `write ["0.0.0.0/0", "::/0"]`}, {`ip: rfc1918`, `write "private"`}, {`ip: internal`, `write "private"`},
		{`ip: imds`, `169.254.169.254`}, {`ip: metadata`, `169.254.169.254`}, {`ip: self`, `write "loopback"`}, {`ip: link_local`, `"link-local"`}, {`ip: 10.0.0.x`, `write "10.0.0.0/24"`}, {`ip: 10.0.0.`, `write "10.0.0.0/24"`},
		{`ip: 10.0.0.0/0.0.0.255`, `write "10.0.0.0/24"`}, {`ip: 10.0.0.1/24/`, `write "10.0.0.0/24"`}, {`ip: 10.0.0.0\8`, `write "10.0.0.0/8"`}, {`ip: 10.0.0`, `is not an address`}, {`ip: 10.0.0.256`, `is not an address`},
		{`ip: vpc-0123`, `is not an address`}, {`ip: 10.0.0.1:80`, `write net: 10.0.0.1:80`}, {`ip: http://10.0.0.1/x`, `write http: http://10.0.0.1/x`},

		// Hosts in the forms of reports, filter lists, regular expressions and hosts files.
		{`http: hxxp://evil.com`, `write "http://evil.com"`}, {`http: hxxps://evil(dot)com/x`, `write "https://evil.com/x"`}, {`http: "evil[.]com"`, `write "evil.com"`}, {`http: evil(dot)com`, `write "evil.com"`},
		{`http: "^evil\\.com$"`, `write "evil.com"`}, {`http: evil.com$`, `write "evil.com"`}, {`http: ".*evil.com"`, `write ["*.evil.com", "evil.com"]`}, {`http: "||evil.com^"`, `write ["*.evil.com", "evil.com"]`},
		{`http: "|evil.com"`, `write ["*.evil.com", "evil.com"]`}, {`http: "(^|\\.)evil\\.com$"`, `write ["*.evil.com", "evil.com"]`}, {`http: 127.0.0.1 evil.com`, `write "evil.com"`}, {`http: //evil.com`, `write "evil.com"`},
		{`http: evil.com\path`, `write "evil.com/path"`}, {`http: https//evil.com`, `write "https://evil.com"`}, {`http: https:/evil.com/x`, `write "https://evil.com/x"`}, {`http: http:evil.com`, `write "http://evil.com"`},
		{`http: .evil.com`, `write ["*.evil.com", "evil.com"]`}, {`http: GET https://evil.com`, `write http: https://evil.com and methods: GET`}, {`http: evil.com;bad.com`, `write ["evil.com", "bad.com"]`},
		{`http: evil .com`, `holds the character`}, {`http: "!evil.com"`, `character that no domain name has`}, {`http: ~evil.com`, `character that no domain name has`}, {`http: mailto:x@evil.com`, `user info`},
		{`http: evil.com/x?y`, `a query or fragment`}, {`http: /evil/`, `has no host`}, {`http: a..b.com`, `label that is empty`}, {`http: 1.2.3`, `write "1.2.0.3"`}, {`http: "2001:db8::1"`, `write "[2001:db8::1]"`},
		{`http: "[evil](https://evil.com)"`, `write "https://evil.com"`}, {`http: "<https://evil.com/x>"`, `write "https://evil.com/x"`}, {`http: (evil.com)`, `write "evil.com"`}, {`http: "evil.com,"`, `write "evil.com"`},
		{`http: https://me:pw@evil.com/x?token=1`, `write "https://evil.com/x"`}, {`http: evil.com?x=1`, `write "evil.com"`}, {`http: "https://evil.com/#top"`, `write "https://evil.com"`}, {`http: "evil.com # bad"`, `write "evil.com"`},
		{`http: wss://evil.com`, `write "https://evil.com"`}, {`http: "*://evil.com"`, `write "evil.com"`}, {`http: "https?://evil.com"`, `write "evil.com"`}, {`http: "^https?://evil\\.com/.*$"`, `write "evil.com"`},
		{`http: "hxxps://evil[.]com"`, `write "https://evil.com"`}, {`http: "DOMAIN-SUFFIX,evil.com"`, `write ["*.evil.com", "evil.com"]`}, {`http: "domain:evil.com"`, `write ["*.evil.com", "evil.com"]`}, {`http: "**.evil.com"`, `write ["*.evil.com", "evil.com"]`},
		{`http: evil%2Ecom`, `write "evil.com"`}, {`http: evil.com\`, `write "evil.com"`}, {`http: 10/8`, `write ip: 10.0.0.0/8`}, {`http: 10.x.x.x`, `write ip: 10.0.0.0/8`}, {`http: "10.0.0.0/8:80"`, `write net: 10.0.0.0/8:80`}, {`http: 10.0.0.1-2:80`, `write net: [10.0.0.1/32:80, 10.0.0.2/32:80]`},
		{`http: 10.0.0.0/8 192.168.0.0/16`, `write ip: [10.0.0.0/8, 192.168.0.0/16]`}, {`http: HOST`, `a host without a domain`}, {`http: -evil.com`, `write "evil.com"`}, {`http: evil.com/users/:id`, `write "evil.com/users/**"`},
		{`http: evil.com/<id>/x`, `write "evil.com/*/x"`}, {`http: evil.com/100%`, `two hex digits`}, {`http: "evil.com/{id}"`, `write "evil.com/**"`}, {`http: "evil.com/[0-9]+/x"`, `write "evil.com/*/x"`},
		{`net: db.internal,5432`, `write "db.internal:5432"`}, {`net: db.internal:5432/tcp`, `write "db.internal:5432"`}, {`net: "tcp:db.internal:5432"`, `write "db.internal:5432"`}, {`net: "db.internal:[5432]"`, `write "db.internal:5432"`},
		{`net: 10.0.0.0-10.0.0.3:5432`, `write net: 10.0.0.0/30:5432`}, {`net: private:5432`, `192.168.0.0/16:5432]`}, {`ip: 10.0.0.0 255.0.0.0`, `write "10.0.0.0/8"`}, {`ip: "10.0.0.1,"`, `write "10.0.0.1"`}, {`ip: "10.0.0.1 # x"`, `write "10.0.0.1"`},
		{`http: com`, `an end of domains`}, {`http: co.uk`, `an end of domains`}, {`http: onion`, `an end of domains`},
		{`http: http://evil.com:443`, `write "https://evil.com"`}, {`http: https://evil.com:80/x`, `write "http://evil.com/x"`}, {`http: "*evil*"`, `*`},
	} {
		key, _, _ := strings.Cut(c.entry, ":")
		warnings, errs := heard(t, "blacklist:\n- "+c.entry+"\n")
		said := strings.Join(append(texts(warnings), errs...), "\n")
		assert.Contains(t, said, c.says, "%s in a blacklist", c.entry)
		if len(warnings) > 0 {
			assertLoads(t, "blacklist", pasted(t, key, warnings[0].Fix))
		}
		warnings, errs = heard(t, "whitelist:\n- "+c.entry+"\n")
		assert.NotEmpty(t, append(texts(warnings), errs...), "%s in a whitelist", c.entry)
	}
}

// heard returns what ParseFile warns of, and the errors.
func heard(t *testing.T, src string) (warnings []Warning, errs []string) {
	f, err := ParseFile("p", []byte("stage: prod\n"+src))
	if err != nil {
		errs = []string{err.Error()}
	}
	require.NotNil(t, f, src)
	if err == nil {
		_, err = f.For(env("checkout"))
		require.NoError(t, err, src)
	}
	return f.Warnings(), errs
}

// assertLoads holds that a proposed entry loads without a warning.
func assertLoads(t *testing.T, list, entry string) {
	t.Helper()
	if entry == "" || strings.Contains(entry, " and ") || strings.Contains(entry, " or ") {
		return
	}
	warnings, errs := heard(t, list+":\n- "+entry+"\n")
	assert.Empty(t, append(texts(warnings), errs...), "of the proposal %s", entry)
}

// Entries of a whitelist that leave open whose host it is, or whose bucket.
func TestWhitelistsOfEverybody(t *testing.T) {
	for _, c := range []struct {
		entry   string
		refused bool
	}{
		{`net: 0.0.0.0/0`, false}, {`net: "::/0"`, false}, {`net: 0.0.0.0/0:443`, false}, {`ip: 0.0.0.0/0`, false},
		{`http: acme-*.s3.amazonaws.com`, true}, {`http: acme-*.s3.eu-west-1.amazonaws.com`, true}, {`http: "*-acme.s3-accelerate.amazonaws.com"`, true}, {`http: acme*.s3-website-eu-west-1.amazonaws.com`, true},
		{`http: acme-*.s3-eu-west-1.amazonaws.com`, true}, {`http: b-*.mine.s3.amazonaws.com`, true}, {`http: acme-*.s3.*.amazonaws.com`, false}, {`http: "*.s3-website-eu-west-1.amazonaws.com"`, false},
		{`http: "*.s3.amazonaws.com"`, false}, {`http: s3.amazonaws.com/acme-*/**`, true}, {`http: s3.eu-west-1.amazonaws.com/*acme/**`, true}, {`http: s3.eu-west-1.amazonaws.com/**`, false},
		{`http: s3.amazonaws.com`, false}, {`http: storage.googleapis.com/acme-*/**`, true}, {`http: storage.googleapis.com`, false}, {`http: acme-*.r2.cloudflarestorage.com`, true},
		{`http: "*.r2.cloudflarestorage.com"`, false}, {`http: ec2-*.compute-1.amazonaws.com`, true}, {`http: "*.amplifyapp.com"`, false}, {`http: acme-*.awsapprunner.com`, true},
	} {
		warnings, errs := heard(t, "whitelist:\n- "+c.entry+"\n")
		assert.Equal(t, c.refused, errs != nil, "%s: %s", c.entry, errs)
		assert.NotEmpty(t, append(texts(warnings), errs...), c.entry)
	}
	for _, quiet := range []string{"s3.eu-west-1.amazonaws.com/acme/**", "acme.s3.amazonaws.com", "storage.googleapis.com/acme/**", "*.acme.example", "x.r2.cloudflarestorage.com"} {
		warnings, errs := heard(t, "whitelist:\n- http: "+yamlList(quiet)+"\n")
		assert.Empty(t, append(texts(warnings), errs...), quiet)
	}
}

// Paths that stop at a slash, where those below are probably meant.
func TestPathsThatStopShort(t *testing.T) {
	for path, fix := range map[string]string{
		"evil.com/*": `write "evil.com"`, "https://evil.com/v1/*": `write "https://evil.com/v1/**"`, "evil.com/adm*": `write ["evil.com/adm*", "evil.com/adm*/**"]`, "evil.com/malware/": `write "evil.com/malware/**"`,
	} {
		warnings, errs := heard(t, "blacklist:\n- http: "+yamlList(path)+"\n")
		require.Empty(t, errs, path)
		if assert.Len(t, warnings, 1, path) {
			assert.Equal(t, fix, warnings[0].Fix, path)
			assertLoads(t, "blacklist", pasted(t, "http", warnings[0].Fix))
		}
		warnings, _ = heard(t, "whitelist:\n- http: "+yamlList(path)+"\n")
		assert.Empty(t, warnings, path)
	}
	for _, quiet := range []string{"evil.com/**", "evil.com/x/**", "evil.com/*.exe", "evil.com/x/*/y"} {
		warnings, _ := heard(t, "blacklist:\n- http: "+yamlList(quiet)+"\n")
		assert.Empty(t, warnings, quiet)
	}
	warnings, _ := heard(t, "whitelist:\n- http: a.com//x\n")
	require.Len(t, warnings, 1)
	assert.Equal(t, `write "a.com/x"`, warnings[0].Fix)
	warnings, _ = heard(t, "whitelist:\n- http: [a.com//x, a.com/x]\n")
	assert.Empty(t, warnings, "both readings are there")
}

// Keys beside the subject that leave nothing of the rule.
func TestConditionsThatLeaveNothing(t *testing.T) {
	const q = `resources: "arn:aws:sqs:eu-west-1:111122223333:q"`
	for _, c := range []struct{ rule, says string }{
		{`aws: s3:GetObject, access: write`, `can never match with access: write: it is read; write access: read`},
		{`aws: [s3:GetObject, s3:ListBucket], access: write`, `it is read`},
		{`aws: [s3:GetObject, s3:PutObject], access: write`, `it is read; delete it, or add read to access:`},
		{`aws: s3:PutObject, access: read`, `it is write; write access: write`}, {`aws: s3:ListObjectsV2, access: write`, `can never match with access`},
		{`aws: lambda:Invoke, access: read`, `it is write`}, {`aws: sqs:TagQueue, access: [list, read]`, `it is tagging; write access: tagging`}, {`aws: bedrock:InvokeModel, access: write`, `it is read`},
		{`aws: "s3:Get*", access: write`, `it is read`}, {`aws: "dynamodb:Put*", access: read`, `it is write`}, {`aws: kms:Decrypt, access: read`, `it is write`},
		{`aws: sqs:*, regions: us-east-1, ` + q, `regions: does not have eu-west-1; write regions: "eu-west-1"`}, {`aws: sqs:*, regions: us-east-1, resources: "arn:aws:sqs:eu-*:111122223333:q"`, `regions: does not have eu-*`},
		{`aws: sqs:*, regions: eu-west-1, resources: "arn:aws-cn:sqs:*:111122223333:q"`, `none of the partition "aws-cn"`},
		{`aws: sqs:*, accounts: "444455556666", ` + q, `accounts: does not have 111122223333; write accounts: "111122223333"`}, {`aws: sqs:*, accounts: "444455556666", resources: "arn:aws:sqs:eu-west-1:1111*:q"`, `accounts: does not have 1111*`},
		{`aws: sts:AssumeRole, accounts: "444455556666", resources: "arn:aws:iam::111122223333:role/x"`, `accounts: does not have`},
		{`http: evil.com, methods: ALL`, `leave methods: out`}, {`http: evil.com, methods: READ`, `write [GET, HEAD]`}, {`http: evil.com, methods: write`, `write [POST, PUT, PATCH, DELETE]`}, {`http: evil.com, methods: [GET, DEL]`, `write DELETE`},
		{`http: evil.com, methods: HTTPS`, `leave methods: out`}, {`http: evil.com, methods: UPLOAD`, `write [POST, PUT]`}, {`http: evil.com, methods: none`, `delete the rule`},
		{`http: evil.com, callers: fmt`, `standard library`}, {`http: evil.com, callers: database/sql`, `standard library`}, {`http: evil.com, callers: os/exec`, `standard library`}, {`http: evil.com, callers: net/http`, `standard library`},
		{`http: evil.com, callers: github.com/aws/aws-sdk-go-v2/...`, `AWS's SDK are not callers`}, {`http: evil.com, callers: github.com/aws/smithy-go`, `not callers`}, {`http: evil.com, callers: github.com/outguard/outguard/guard`, `not callers`},
		{`http: evil.com, callers: github.com/x/y.Charge`, `it is a function, and not a package; write "github.com/x/y"`}, {`http: evil.com, callers: main.main`, `write "main"`}, {`http: evil.com, callers: github.com/x/y/pay.go`, `write "github.com/x/y"`},
		{`http: evil.com, callers: github.com/stripe`, `write "github.com/stripe/..."`}, {`http: evil.com, callers: GitHub.com/x/y`, `write "github.com/x/y"`}, {`http: evil.com, callers: github.com/x/y/..`, `write "github.com/x/y/..."`},
		{`http: evil.com, callers: vendor/github.com/x/y`, `write "github.com/x/y"`}, {`http: evil.com, callers: any`, `leave callers: out`}, {`http: evil.com, callers: self`, `write "main"`},
	} {
		warnings, errs := heard(t, "blacklist:\n- {"+c.rule+"}\n")
		assert.Empty(t, errs, "a blacklist never takes a function down: %s", c.rule)
		assert.Contains(t, strings.Join(texts(warnings), "\n"), c.says, c.rule)
		warnings, errs = heard(t, "whitelist:\n- {"+c.rule+"}\n")
		guessed := strings.Contains(c.rule, "*") && strings.Contains(c.rule, "access")
		assert.Equal(t, guessed, errs == nil, "%s in a whitelist", c.rule)
		assert.Contains(t, strings.Join(append(texts(warnings), errs...), "\n"), c.says, c.rule)
	}
	for _, white := range []string{`http: https://a.com/x/**, methods: CONNECT`} {
		_, errs := heard(t, "whitelist:\n- {"+white+"}\n")
		assert.NotEmpty(t, errs, white)
	}
	for _, quiet := range []string{
		`aws: s3:*, access: write`, `aws: s3:GetObject, access: read`, `aws: s3:ListBucket, access: read`, `aws: "s3:Get*", access: read`, `aws: s3:PutObjectTagging, access: tagging`,
		`aws: sqs:*, regions: eu-west-1, ` + q, `aws: sqs:*, accounts: ["444455556666", "111122223333"], ` + q, `aws: sqs:*, accounts: self, resources: "arn:aws:sqs:eu-west-1:${account}:q"`, `aws: s3:*, accounts: "444455556666", resources: "arn:aws:s3:::b"`,
		`aws: "iam:*", regions: eu-west-1`, `http: evil.com, methods: [PURGE, X-OWN, CONNECT]`, `http: evil.com, callers: [main, stripe, "github.com/nats-io/nats.go", "gopkg.in/yaml.v3", "github.com/x/y..."]`,
	} {
		for _, list := range []string{"blacklist", "whitelist"} {
			warnings, errs := heard(t, list+":\n- {"+quiet+"}\n")
			assert.Empty(t, append(texts(warnings), errs...), "%s in a %s", quiet, list)
		}
	}
}

// What can be known of a function alone is a warning at Load.
func TestRulesThatNeverMatchHere(t *testing.T) {
	for rule, says := range map[string]string{
		`{aws: sqs:*, regions: [cn-north-1, cn-northwest-1]}`: "in another partition than the function", `{aws: sqs:ReceiveMessages}`: "is not an operation that this version knows",
		`{aws: sqs:*, accounts: self, resources: "arn:aws:sqs:eu-west-1:444455556666:q"}`: "accounts: has self alone",
		`{aws: sqs:*, regions: [cn-north-1, eu-west-1]}`:                                  "", `{aws: [sqs:ReceiveMessage, s3:ListObjectsV2, lambda:Invoke, iam:GetRole]}`: "",
	} {
		warnings := strings.Join(texts(warnedAt(t, "blacklist:\n- "+rule+"\n", 2)), "\n")
		if says == "" {
			assert.Empty(t, warnings, rule)
		} else {
			assert.Contains(t, warnings, says, rule)
		}
	}
	f, err := ParseFile("p", []byte("stage: {accounts: {'111122223333': dev}}\nblacklist:\n- {aws: sqs:*, accounts: self, resources: 'arn:aws:sqs:eu-west-1:444455556666:q'}\n"))
	require.NoError(t, err)
	assert.Len(t, f.Warnings(), 1)
	for rule, says := range map[string]string{ // where the file does not say which accounts its functions run in
		`resources: "arn:aws:sqs:eu-west-1:444455556666:q"`:                                           "matches only where 444455556666 is the function's own account",
		`resources: ["arn:aws:sqs:eu-west-1:444455556666:q", "arn:aws:sqs:eu-west-1:444455556666:r"]`: "matches only where",
		`resources: ["arn:aws:sqs:eu-west-1:444455556666:q", r]`:                                      "",
		`resources: "arn:aws:sqs:eu-west-1:*:q"`:                                                      "",
	} {
		f, err := ParseFile("p", []byte("whitelist:\n- {aws: sqs:*, accounts: self, "+rule+"}\n"))
		require.NoError(t, err)
		if said := strings.Join(texts(f.Warnings()), "\n"); says == "" {
			assert.Empty(t, said, rule)
		} else {
			assert.Contains(t, said, says, rule)
		}
	}
}

// Stages that the file does not have, and maps that leave out the default of a variable.
func TestSpellingsOfStages(t *testing.T) {
	const accounts = "stage: {accounts: {'111122223333': dev, '444455556666': prod}}\n"
	rule := func(stages string) string { return "blacklist:\n- {http: evil.com, stages: " + stages + "}\n" }
	for src, says := range map[string]string{
		accounts + rule("prd"): `did you mean "prod"?`, accounts + rule("production"): `did you mean "prod"?`, accounts + rule("PROD"): `did you mean "prod"?`, accounts + rule("development"): `did you mean "dev"?`,
		accounts + rule("qa"): `use dev or prod`, accounts + rule("'${X:-live}'"): `did you mean "prod"?`, "stage: prod\n" + rule("staging"): `use prod`, "stage: ${S:-prod}\n" + rule("prd"): `did you mean "prod"?`,
		rule("prod"): `the file has no stage:`, accounts + rule("'444455556666'"): `use dev or prod`,
		"stage: ${X:-prod}\nblacklist: [{http: evil.com, on_violation: {dev: log}}]\n": `does not list stage "prod"`, "stage: ${X:-prod}\nblacklist: []\non_unguarded: {dev: log}\n": `does not list stage "prod"`,
		"stage: {accounts: {'111122223333': '${X:-dev}'}}\nblacklist: []\non_violation: {prod: log}\n": `does not list stage "dev"`, "stage: prod\nblacklist: []\non_violation: {prod: block, prdo: log}\n": `did you mean "prod"?`,
		"functions: {all: {blacklist: []}}\n": `write "*"`, "functions: {" + strings.Repeat("a", 65) + ": {blacklist: []}}\n": "up to 64 characters",

		accounts + rule("[dev, prod]"): "", "stage: ${S}\n" + rule("qa"): "", "stage: ${S:-prod}\n" + rule("qa"): "", "stage: prod\non_violation: {prod: block, qa: log}\n" + rule("qa"): "",
		"stage: ${X:-prod}\nblacklist: []\non_violation: {dev: log, prod: block}\n": "", "stage: ${X}\nblacklist: []\non_violation: {dev: log}\n": "",
	} {
		f, err := ParseFile("p", []byte(src))
		require.NoError(t, err, src)
		said := strings.Join(texts(f.Warnings()), "\n")
		if says == "" {
			assert.Empty(t, said, src)
		} else {
			assert.Contains(t, said, says, src)
		}
	}
	assert.NotEmpty(t, warnedAt(t, accounts+rule("production"), 3), "at Load too")
}

// Destinations of notify: that receive nothing, or another text than was meant.
func TestSpellingsOfTargets(t *testing.T) {
	const hook = "https://hooks.slack.com/services/T0/B0/x"
	for entry, says := range map[string]string{
		`slack: "` + hook + ` "`: "begins or ends with blanks", `slack: “` + hook + `”`: "neither a webhook's URL nor a token", `slack: https://hooks.slack.com`: "not the whole URL", `slack: https://hooks.slack.com/services/`: "not the whole URL",
		`slack: https://acme.slack.com/archives/C1`: "the address of a page", `slack: https://discord.com/api/webhooks/1/x`: "add /slack", `slack: "https://*.slack.com/services/T/B/x"`: "host cannot exist", `slack: "#ops"`: "neither a webhook's URL",
		`slack: hooks.slack.com/services/T/B/x`: "neither a webhook's URL", `slack: "ssm:/"`: "not the name of a secret or a parameter", `slack: "secretsmanager:"`: "not the name of a secret", `slack: "secretsmanager:a b"`: "not the name of a secret",
		`slack: secretsmanager:arn:aws:secretsmanager:us-esat-1:111122223333:secret:x`: "is not a region", `slack: ${Region}`: "did you mean ${region}?", `slack: arn:aws:secretsmanager:eu-west-1:111122223333:secret:x`: "neither a webhook's URL",
		`{slack: xoxb-1-2-abc, channel: "https://acme.slack.com/archives/C1"}`: "neither an id nor a name", `{slack: xoxb-1-2-abc, channel: "#a,#b"}`: "neither an id nor a name", `{slack: xoxb-1-2-abc, channel: "#ops "}`: "begins or ends with blanks",
		`sns: "arn:aws:sns:eu-west-1:111122223333:a b"`: "a character that no topic has", `sns: arn:aws:sns:eu-west-1:111122223333:a/b`: "a character that no topic has", `sns: "arn:aws:sns:eu-west-1:111122223333:*"`: "a character that no topic has",
		`sns: arn:aws:sns:eu-west-1:111122223333:alerts.x`: "a character that no topic has", `sns: alerts`: "not a topic's ARN", `sns: arn:aws:sqs:eu-west-1:111122223333:a`: "not a topic's ARN", `sns: "arn:aws:sns:${region}:${acount}:a"`: "did you mean ${account}?",
		`sns: "arn:aws:sns:eu-west-1:111122223333:a "`: "begins or ends with blanks", `eventbridge: Default`: "write default", `eventbridge: event-bus/orders`: "write orders", `eventbridge: bus,other`: "not an event bus", `eventbridge: "bus*"`: "not an event bus",
		`eventbridge: arn:aws:events:eu-west-1:111122223333:event-bus/`: "not an event bus", `eventbridge: arn:aws:sns:eu-west-1:111122223333:event-bus/x`: "not an event bus", `eventbridge: https://events.eu-west-1.amazonaws.com`: "not an event bus",
		`eventbridge: “default”`: "not an event bus", `webhook: https://example..com/x`: "host cannot exist", `webhook: https://x.example:99999/`: "port is not a number", `webhook: https://x.example/{team}`: `the character '{'`, `webhook: https://x.example/a b`: `the character ' '`,
		`webhook: ` + hook: "write it under slack:", `webhook: x.example/hook`: "not a URL", `webhook: "https://x.example/hook\n"`: "begins or ends with blanks",

		`slack: ` + hook: "", `slack: https://discord.com/api/webhooks/1/x/slack`: "", `slack: secretsmanager:prod/slack`: "", `slack: ssm:/prod/slack`: "", `slack: ssm:slack`: "", `slack: https://mattermost.example.com/hooks/abc`: "",
		`slack: secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf`: "", `{slack: xoxb-1-2-abc, channel: "#ops"}`: "", `sns: arn:aws:sns:eu-west-1:111122223333:alerts.fifo`: "", `eventbridge: default`: "",
		`eventbridge: aws.partner/x.com/1`: "", `eventbridge: arn:aws:events:eu-west-1:111122223333:event-bus/x`: "", `webhook: http://127.0.0.1:9/x`: "", `webhook: "https://[::1]:8080/x"`: "", `slack: ${SLACK_WEBHOOK_URL}`: "",
	} {
		if entry[0] != '{' {
			entry += "\n"
		}
		f, err := ParseFile("p", []byte("blacklist: []\nnotify:\n- "+entry+"\n"))
		require.NoError(t, err, entry)
		said := strings.Join(texts(f.Warnings()), "\n")
		if says == "" {
			assert.Empty(t, said, entry)
		} else {
			assert.Contains(t, said, says, entry)
		}
	}
}
