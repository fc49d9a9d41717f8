package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/outguard/outguard/cmd/outguard/internal/policytest"
	"github.com/outguard/outguard/internal/feedfiles"
	"github.com/outguard/outguard/policy"
)

// place is the function whose policy is asked for, and where it runs, as flags. The defaults are
// what Lambda sets.
type place struct {
	// files are -policy; centrals are -central, the files of /opt/outguard.
	files, centrals stringList
	// The empty text means that it was not given. Each rule that needs it then says so.
	function, stage, region, account string
	binary                           *binary   // the function's; nil: not known
	now                              time.Time // as of when it is judged; zero: now
	notice                           string    // about what load has made
}

// flags declares all flags of a place.
func (p *place) flags(fs *flag.FlagSet) {
	fs.Var(&p.files, "policy", "policy `file`; may be given several times: a call must satisfy all (default $OUTGUARD_POLICY, else policy.yaml)")
	// The central file has a flag of its own, because it is read by stricter rules: what this
	// environment says has no effect on it.
	p.central(fs, "central policy `file`, of /opt/outguard: -stage and this environment have no effect on it; may be given several times; without -policy, it is judged alone")
	fs.StringVar(&p.function, "function", os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), "`name` of the function to judge for (default $AWS_LAMBDA_FUNCTION_NAME)")
	p.where(fs)
	fs.Func("at", "judge as of this `date`, 2027-01-31 or 2027-01-31T08:00:00Z, for rules with until: (default: now)", func(s string) (err error) {
		p.now, err = parseTime(s)
		return err
	})
}

// parseTime reads a day, which begins at midnight UTC, or a time of RFC 3339.
func parseTime(s string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("write it as 2027-01-31 or 2027-01-31T08:00:00Z")
}

// where declares the flags that say where a function runs. Without them, it runs where this
// environment says.
func (p *place) where(fs *flag.FlagSet) {
	p.everywhere(fs, " (default $OUTGUARD_STAGE, else what the file's stage: says)", " (default $AWS_REGION)")
	// AWS's tools read both variables. Lambda sets both.
	p.stage, p.region = os.Getenv("OUTGUARD_STAGE"), cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
}

// everywhere declares the same flags for a command that looks at all stages and regions unless one
// is given. The environment of a CI must not narrow what it looks at.
func (p *place) everywhere(fs *flag.FlagSet, stages, regions string) {
	fs.StringVar(&p.stage, "stage", "", "`stage` the function runs in"+stages)
	fs.StringVar(&p.region, "region", "", "AWS `region` the function runs in"+regions)
	// In Lambda, the access key says which account it is. Here the key is the author's own.
	fs.StringVar(&p.account, "account", "", "AWS `account` the function runs in, 12 digits")
}

// named takes a leading argument FUNCTION@STAGE, which stands for -function and -stage.
func (p *place) named(args []string) (rest []string) {
	if len(args) == 0 {
		return args
	}
	function, stage, ok := policytest.Place(args[0])
	if !ok {
		return args
	}
	// A side that is empty leaves the flag as it is.
	p.function, p.stage = cmp.Or(function, p.function), cmp.Or(stage, p.stage)
	return args[1:]
}

// called is named for commands whose other arguments are a call: the function may also stand there
// without its stage, unless a flag names one.
func (p *place) called(args []string) (rest []string) {
	if isFunction(args) && p.function == os.Getenv("AWS_LAMBDA_FUNCTION_NAME") {
		p.function = args[0]
		return args[1:]
	}
	return p.named(args)
}

// central declares the flag for central files.
func (p *place) central(fs *flag.FlagSet, usage string) { fs.Var(&p.centrals, "central", usage) }

// env is what a policy file is compiled for.
func (p *place) env(file string) policy.Env {
	return policy.Env{
		Function: p.function,
		Stage:    p.stage,
		Region:   p.region,
		Account:  p.account,
		Getenv:   getenv,
		FS:       feedfiles.Dir(filepath.Dir(file)), // a feed's path starts at the policy's folder
		Now:      p.now,
	}
}

// load compiles every policy for the place. ${VAR} in a file is expanded from the environment.
func (p *place) load() (*policy.Policy, error) {
	// A region with a typing error would only make rules match nothing.
	if err := p.check(); err != nil {
		return nil, &inputError{err}
	}
	// The same default as in Lambda: $OUTGUARD_POLICY, then policy.yaml.
	if len(p.files) == 0 && len(p.centrals) == 0 {
		// SplitList, because the variable may name several files, as $PATH does.
		p.files = filepath.SplitList(cmp.Or(os.Getenv("OUTGUARD_POLICY"), "policy.yaml"))
	}
	var all []*policy.Policy
	var errs []error
	// All errors are collected, so that one run shows them all.
	for i, names := range [...][]string{p.files, p.centrals} {
		for _, name := range names {
			// The second list has the central files.
			one, err := p.loadOne(name, i == 1)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			all = append(all, one)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &inputError{err}
	}
	// The verdict would differ from that of the deployed function, and nothing else would show why.
	if p.account == "" && len(p.centrals) > 0 {
		p.notice = "the account is not known (-account): rules of a central file that need it do not vouch"
	}
	// A call must satisfy all files, as in Lambda.
	return policy.Join(all...), nil
}

// loadOne compiles one file. Its errors name the flag that would help.
func (p *place) loadOne(name string, central bool) (*policy.Policy, error) {
	file, err := parsePolicy(name, central)
	// Here the file was named by -policy or by nothing, so that the advice is another one.
	if missing := new(missingFile); errors.As(err, &missing) {
		return nil, fmt.Errorf("%s: no such file; name the policy with -policy, or write one with outguard init", missing.name)
	}
	if err != nil {
		return nil, err
	}
	// Without a function, the rules of no section would apply.
	if functions := file.Functions(); p.function == "" && len(functions) > 0 {
		return nil, fmt.Errorf("%s has rules for %s; say which function with -function, or as FUNCTION@STAGE", name, strings.Join(functions, ", "))
	}
	// The message is the library's. Only the command knows which flag gives the stage.
	compiled, err := file.For(p.env(name))
	if err != nil && p.stage == "" && !central && strings.Contains(err.Error(), "depends on the stage, which is not known") {
		err = fmt.Errorf("%w\nsay in which stage with -stage, or as FUNCTION@STAGE", err)
	} else if err != nil && p.stage == "" && !central && p.stageHelps(file, name, err) {
		err = fmt.Errorf("%w\nor say in which stage with -stage, or as FUNCTION@STAGE", err)
	}
	return compiled, err
}

// stageHelps reports whether a file does not have an error if the stage is given: stage: ${STAGE}
// is not expanded then.
func (p *place) stageHelps(file *policy.File, name string, err error) bool {
	at := *p
	for _, at.stage = range append(file.Stages(), "prod") {
		if _, other := file.For(at.env(name)); other == nil || !strings.Contains(other.Error(), err.Error()) {
			return true
		}
	}
	return false
}

// awsNotice says why an AWS call may break the policy here and nowhere else: without a region and
// an account, the rules for the own ones match nothing. It is "" if that cannot be the reason.
func (p *place) awsNotice(c *policy.Call, d *policy.Decision) string {
	var lacks, flags []string
	if p.region == "" {
		lacks, flags = append(lacks, "region"), append(flags, "-region")
	}
	if p.account == "" {
		lacks, flags = append(lacks, "account"), append(flags, "-account")
	}
	if c.AWS.Service == "" || d.Allowed() || d.List != policy.Whitelist || len(lacks) == 0 {
		return ""
	}
	return fmt.Sprintf("the function's %s not known, so that a rule for its own resources may not match; give %s",
		[3]string{"", lacks[0] + " is", "region and account are"}[len(lacks)], strings.Join(flags, " and "))
}

// getenv is the environment that a policy is compiled in: this one, with the address that Lambda's
// Runtime API usually has. A call to that API then gets the same verdict here as in Lambda.
func getenv(name string) string {
	v := os.Getenv(name)
	if v == "" && name == "AWS_LAMBDA_RUNTIME_API" {
		return "127.0.0.1:9001"
	}
	return v
}

// parsePolicy reads and parses a policy file.
func parsePolicy(name string, central bool) (*policy.File, error) {
	data, err := readPolicy(name)
	if err != nil {
		return nil, err
	}
	return parse(name, data, central)
}

// parse parses the text of a policy file.
func parse(name string, data []byte, central bool) (*policy.File, error) {
	// In a central file, variables that a function can set count as unset.
	if central {
		return policy.ParseCentral(name, data)
	}
	return policy.ParseFile(name, data)
}

// readPolicy reads a file, with errors for people.
func readPolicy(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	switch {
	// The callers word this error, because the advice depends on how the file was named.
	case errors.Is(err, os.ErrNotExist):
		return nil, &missingFile{name}
	case err != nil:
		return nil, openError(name, err)
	}
	return data, nil
}

// A missingFile is the error for a policy file that does not exist. Its text is for commands that
// take the file as an argument.
type missingFile struct{ name string }

func (m *missingFile) Error() string {
	if m.name == "policy.yaml" { // which no argument may have named
		return m.name + ": no such file; name the policy after the flags, or write one with outguard init"
	}
	if functionName.MatchString(m.name) {
		return openError(m.name, os.ErrNotExist).Error()
	}
	return m.name + ": no such file"
}

// A stringList is a flag that may be given several times.
type stringList []string

func (l *stringList) String() string { return strings.Join(*l, ",") }

// Set adds: package flag calls it once for each time that the flag is given.
func (l *stringList) Set(s string) error { *l = append(*l, s); return nil }
