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

// Options are the settings of a guard. The zero value and nil suit a function in Lambda.
type Options struct {
	// Policy is the text of the policy file, usually embedded by //go:embed. Default: the files
	// that $OUTGUARD_POLICY names (a list, separated as in $PATH), else policy.yaml beside the
	// binary. New does not use Policy.
	Policy []byte
	// PolicyName is the name of Policy in messages and alerts. Default: "policy.yaml".
	PolicyName string
	// FS holds the files that the policy names under feed:. Default: the directory of the policy
	// file; for Policy, the directory of the binary.
	FS fs.FS

	Function string // name of the Lambda function. Default: $AWS_LAMBDA_FUNCTION_NAME
	Stage    string // such as "prod". Default: $OUTGUARD_STAGE, else the policy's stage:
	Region   string // Default: $AWS_REGION, else $AWS_DEFAULT_REGION
	Account  string // 12 digits. Default: the account that $AWS_ACCESS_KEY_ID encodes

	// Notifiers receive alerts besides the targets in the policy's notify:. Violations with the
	// verdict "log" stay in the log. A Notifier needs an HTTP client of its own: the guard judges
	// what it sends through http.DefaultTransport.
	Notifiers []notify.Notifier
	// FlushBudget is the longest time that an invocation waits for its alerts to arrive. An
	// invocation stops waiting 100 ms before its deadline in any case. Default: 2 s.
	FlushBudget time.Duration
	// Stdout receives the JSON lines. Write is called while the guarded call waits, so it must be
	// fast, and must not make calls that the guard judges. Default: os.Stdout, or os.Stderr if
	// os.Stdout is closed.
	Stdout io.Writer
	// Getenv is used for the defaults above and for ${VAR} in the policy. Default: os.Getenv.
	Getenv func(string) string
}

// withDefaults returns a copy of o in which every default is filled in.
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

// env returns the environment that a policy is compiled for. feeds holds its feed files.
func (o *Options) env(feeds fs.FS) policy.Env {
	return policy.Env{
		Function: o.Function, Stage: o.Stage, Region: o.Region, Account: o.Account,
		Getenv: o.Getenv, Now: time.Now(), FS: feeds,
	}
}

func (o *Options) origin() origin {
	return origin{
		function: o.Function, version: o.Getenv("AWS_LAMBDA_FUNCTION_VERSION"),
		stage: o.Stage, region: o.Region, account: o.Account,
	}
}

// queue returns the queue of a guard whose policy has the given targets.
func (o *Options) queue(targets []policy.Target) (q *alerting.Queue, warnings []string) {
	sinks, warnings := alerting.NewSinks(targets, notify.ReadEnv(nil))
	for _, n := range o.Notifiers {
		if n != nil {
			sinks = append(sinks, alerting.NewSink(fmt.Sprintf("%T", n), n))
		}
	}
	return alerting.New(alerting.Options{Stdout: o.Stdout, Sinks: sinks, Budget: o.FlushBudget}), warnings
}

// output writes to standard output, or to standard error if the function has closed standard
// output. Lambda logs both.
type output struct{}

func (output) Write(b []byte) (int, error) {
	n, err := os.Stdout.Write(b)
	if err != nil {
		n, err = os.Stderr.Write(b)
	}
	return n, err
}
