package guard

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/outguard/outguard/internal/accesskey"
	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/internal/procenv"
	"github.com/outguard/outguard/netguard"
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
	// FS holds the files that the policy names under feed: and next:. Default: the directory of the
	// policy file; for Policy, the directory of the binary.
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
	// Stdout receives the JSON lines. A call waits at most 250 ms for its line; what Stdout has not
	// taken by then waits in memory, up to 1 MB. Default: os.Stdout as it is when the package
	// starts, or os.Stderr if that is closed.
	Stdout io.Writer
	// Getenv replaces the environment, for the defaults above, for ${VAR} in the policy and for
	// where Lambda's own endpoints are. Default: what decides is read from the environment that the
	// process was started with, which os.Setenv does not change; ${VAR} is read by os.Getenv.
	Getenv func(string) string
	// Names turns the layer of names on outside Lambda, where it is off by default: it takes a
	// developer's machine off the system's resolver.
	Names bool
	// Source has newer policies than Policy; see docs/fleet.md. It is asked in the background while
	// invocations run, at most once a minute. Default: the source that $OUTGUARD_SOURCE names, if
	// the program imports package source.
	Source Source
	// SourceAtStart makes Load and New ask Source too, for 2 s at most. AppConfig bills each
	// container that does so. Default: the packaged policy is enough for a start.
	SourceAtStart bool
	// Keys are public keys for policies from Source: texts of minisign's *.pub files, or P-256 keys
	// in PEM. Keys in *.pub files of /opt/outguard are added. With any key, a policy counts only
	// if one of them has signed it. Default: a policy from Source adds alerts to the packaged one,
	// and nothing else.
	Keys []string
	// Require lists layers without which the guard refuses every call: "http", "aws", "context",
	// "names", "build". Default: none.
	Require []string
}

// settings are Options with every default filled in.
type settings struct {
	Options
	start    func(string) string // what decides: the environment of the process start, or Getenv
	warnings []string            // about the environment
	off      netguard.Off        // the layers that OUTGUARD_LAYERS switches off
}

// withDefaults returns o with every default filled in.
func (o *Options) withDefaults() *settings {
	s := &settings{}
	if o != nil {
		s.Options = *o
	}
	if s.start = s.Getenv; s.start == nil {
		env := procenv.Read()
		s.start, s.warnings = env.Getenv, changedVariables(env)
		s.Getenv = os.Getenv
	}
	s.PolicyName = cmp.Or(s.PolicyName, policyFile)
	s.Function = cmp.Or(s.Function, s.start("AWS_LAMBDA_FUNCTION_NAME"))
	s.Stage = cmp.Or(s.Stage, s.start("OUTGUARD_STAGE"))
	s.Region = cmp.Or(s.Region, s.start("AWS_REGION"), s.start("AWS_DEFAULT_REGION"))
	s.Account = cmp.Or(s.Account, accesskey.Account(s.start("AWS_ACCESS_KEY_ID")))
	var err error
	if s.off, err = netguard.ParseOff(s.start("OUTGUARD_LAYERS")); err != nil {
		s.warnings = append(s.warnings, err.Error())
	}
	return s
}

// deciding lists the variables that decide about calls, with the option that replaces each.
var deciding = [...][2]string{
	{"AWS_LAMBDA_FUNCTION_NAME", "Options.Function"},
	{"AWS_REGION", "Options.Region"},
	{"AWS_DEFAULT_REGION", "Options.Region"},
	{"AWS_ACCESS_KEY_ID", "Options.Account"},
	{"OUTGUARD_POLICY", "Options.Policy"},
	{"OUTGUARD_STAGE", "Options.Stage"},
	{"OUTGUARD_SOURCE", "Options.Source"},
	{"OUTGUARD_LAYERS", "Options.Getenv"},
	{"OUTGUARD_LEARN", "Options.Getenv"},
	{"OUTGUARD_METRICS", "Options.Getenv"},
	{"AWS_LAMBDA_RUNTIME_API", "Options.Getenv"},
	{"AWS_LAMBDA_MAX_CONCURRENCY", "Options.Getenv"},
	{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "Options.Getenv"}, // how large a policy may be
	{"AWS_XRAY_DAEMON_ADDRESS", "Options.Getenv"},
	{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "Options.Getenv"},
	{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "Options.Getenv"},
	{"HTTP_PROXY", "a net: rule for the proxy"},
	{"HTTPS_PROXY", "a net: rule for the proxy"},
	{"http_proxy", "a net: rule for the proxy"},
	{"https_proxy", "a net: rule for the proxy"},
	{"NO_PROXY", "a net: rule for the proxy"},
	{"no_proxy", "a net: rule for the proxy"},
}

// changedVariables warns about variables that decide and that the process has changed since it was
// started: the change has no effect.
func changedVariables(env *procenv.Env) (warnings []string) {
	if env.Err != nil {
		return []string{fmt.Sprintf("the environment of the process start cannot be read (%v): that of now is used, "+
			"which code in the process can change", env.Err)}
	}
	for _, v := range deciding {
		if os.Getenv(v[0]) != env.Getenv(v[0]) {
			warnings = append(warnings, fmt.Sprintf("%s was changed after the process started, which has no effect on the guard; use %s", v[0], v[1]))
		}
	}
	return warnings
}

// env returns the environment that a policy is compiled for. feeds holds its feed files.
func (s *settings) env(feeds fs.FS) policy.Env {
	return policy.Env{
		Function: s.Function, Stage: s.Stage, Region: s.Region, Account: s.Account,
		Getenv: s.Getenv, Process: s.start, Now: time.Now(), FS: feeds, Modules: modules,
	}
}

func (s *settings) origin() origin {
	return origin{
		function: s.Function, version: s.start("AWS_LAMBDA_FUNCTION_VERSION"),
		stage: s.Stage, region: s.Region, account: s.Account,
	}
}

// queue returns the queue of a guard whose policy has the given targets.
func (s *settings) queue(targets []policy.Target) (q *alerting.Queue, warnings []string) {
	sinks, warnings := alerting.NewSinks(targets, notify.ReadEnv(s.start))
	for _, n := range s.Notifiers {
		if n != nil {
			sinks = append(sinks, alerting.NewSink(fmt.Sprintf("%T", n), n))
		}
	}
	return alerting.New(alerting.Options{
		Stdout: s.Stdout, Sinks: sinks, Budget: s.FlushBudget, Aggregate: s.start("OUTGUARD_METRICS") == "aggregate", LogLevel: s.start("AWS_LAMBDA_LOG_LEVEL"),
	}), warnings
}
