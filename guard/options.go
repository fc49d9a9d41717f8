package guard

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/internal/awskey"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// Options are what a guard takes from outside. The zero value and nil are what a function in Lambda needs.
type Options struct {
	// Policy is the policy file's text, usually embedded by //go:embed. Default: the files that $OUTGUARD_POLICY names (a list, separated as in
	// $PATH), else policy.yaml beside the binary. New does not read it.
	Policy []byte
	// PolicyName is the name of Policy in messages and alerts. Default: "policy.yaml".
	PolicyName string
	// FS holds the files that Policy names under feed:. Default: the directory of the policy file, or of the binary for Policy.
	FS fs.FS

	Function string // name of the Lambda function. Default: $AWS_LAMBDA_FUNCTION_NAME
	Stage    string // such as "prod". Default: $OUTGUARD_STAGE, else what stage: in the policy says
	Region   string // Default: $AWS_REGION, else $AWS_DEFAULT_REGION
	Account  string // 12 digits. Default: the one inside $AWS_ACCESS_KEY_ID

	// Notifiers get alerts besides the targets that notify: in the policy names; violations of verdict "log" stay in the log. They
	// need a client of their own: what they send through http.DefaultTransport is judged like the function's calls.
	Notifiers []notify.Notifier
	// FlushBudget is how long an invocation is held at most for its alerts to arrive. It is never held into the last 100 ms before
	// its deadline. Default: 2 s.
	FlushBudget time.Duration
	// Stdout gets the JSON lines. Its Write is called while a call waits, so it must be quick, and make no call that the guard judges.
	// Default: os.Stdout, and os.Stderr when that is closed.
	Stdout io.Writer
	Getenv func(string) string // for the defaults above and ${VAR} in the policy. Default: os.Getenv
}

// withDefaults returns a copy of o with every default filled in.
func (o *Options) withDefaults() *Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Getenv == nil {
		d.Getenv = os.Getenv
	}
	if d.Stdout == nil {
		d.Stdout = output{}
	}
	d.PolicyName = cmp.Or(d.PolicyName, policyFile)
	d.Function = cmp.Or(d.Function, d.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
	d.Stage = cmp.Or(d.Stage, d.Getenv("OUTGUARD_STAGE"))
	d.Region = cmp.Or(d.Region, d.Getenv("AWS_REGION"), d.Getenv("AWS_DEFAULT_REGION"))
	d.Account = cmp.Or(d.Account, awskey.Account(d.Getenv("AWS_ACCESS_KEY_ID")))
	return &d
}

// env is what a policy is compiled for; feeds is where its feeds are.
func (o *Options) env(feeds fs.FS) policy.Env {
	return policy.Env{
		Function: o.Function, Stage: o.Stage, Region: o.Region, Account: o.Account, Getenv: o.Getenv, Now: time.Now(), FS: feeds,
	}
}

func (o *Options) origin() origin {
	return origin{
		function: o.Function, version: o.Getenv("AWS_LAMBDA_FUNCTION_VERSION"), stage: o.Stage, region: o.Region, account: o.Account,
	}
}

// queue makes the queue of a guard whose policy has the given targets.
func (o *Options) queue(targets []policy.Target) (q *alerting.Queue, warnings []string) {
	sinks, warnings := alerting.NewSinks(targets)
	for _, n := range o.Notifiers {
		if n != nil {
			sinks = append(sinks, alerting.NewSink(fmt.Sprintf("%T", n), n))
		}
	}
	return alerting.New(alerting.Options{Stdout: o.Stdout, Sinks: sinks, Budget: o.FlushBudget}), warnings
}

// output is standard output, and standard error when the function has closed that: Lambda logs both.
type output struct{}

func (output) Write(b []byte) (int, error) {
	n, err := os.Stdout.Write(b)
	if err != nil {
		n, err = os.Stderr.Write(b)
	}
	return n, err
}
