package policy

import (
	"io/fs"
	"time"
)

// Env is the function a policy is compiled for, and where it runs.
type Env struct {
	Function string // name of the Lambda function
	Stage    string // "": the file's stage: key decides
	Region   string
	Account  string              // 12 digits
	Getenv   func(string) string // for ${VAR}; nil: no variable is set. An empty value counts as unset
	Now      time.Time           // for until:; zero: time.Now
	FS       fs.FS               // for feed:; nil: feeds are refused
}

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
}

// A Policy is a policy file (or several, see Join) compiled for one function. It never changes.
type Policy struct {
	set     settings
	http    httpRules
	builtin builtin
	aws     *awsRules
	joined  []*Policy // of Join: the policies that each judge a call whole; nil: this policy itself does
}
