package guard

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"github.com/outguard/outguard/internal/accesskey"
	"github.com/outguard/outguard/internal/procenv"
	"github.com/outguard/outguard/policy"
)

// This file finds and loads the central files.

// central compiles the central files: those of layers. They are compiled for the environment with
// which Lambda started the process, so that nothing that a function configures for itself loosens
// them.
type central struct {
	options  *Options
	settings *settings
	process  func(string) string // the environment of the process start; nil: read when needed
	unread   error               // why that environment could not be read
	made     []policy.Info       // of the central files so far
}

// compile compiles one policy file. A central file gets the environment of the process start, any
// other file that of the settings. The error names the file.
func compile(f source, s *settings, c *central) (*policy.Policy, error) {
	// The check runs first, because parsing is what takes the memory.
	if err := tooLarge(f, s.start); err != nil {
		return nil, err
	}
	if !f.central {
		return policy.Parse(f.name, f.data, s.env(f.feeds))
	}
	file, err := policy.ParseCentral(f.name, f.data)
	if err != nil {
		return nil, err
	}
	env := c.env()
	env.FS = f.feeds
	p, err := file.For(env)
	if err == nil {
		c.made = append(c.made, p.Info()...)
	}
	return p, err
}

// env returns the environment that a central file is compiled for. It reads the environment of the
// process start once. A program that calls os.Setenv("AWS_REGION", …) changes nothing here.
func (c *central) env() policy.Env {
	if c.process == nil {
		env := procenv.Read()
		c.process, c.unread = env.Getenv, env.Err
	}
	return policy.Env{
		Function: c.function(),
		Region:   cmp.Or(c.process("AWS_REGION"), c.process("AWS_DEFAULT_REGION")),
		Account:  accesskey.Account(c.process("AWS_ACCESS_KEY_ID")),
		Getenv:   c.process, // for notify:
		Process:  c.process,
		Now:      time.Now(),
		Modules:  modules,
	}
}

// function returns the name of the function. Outside Lambda, where the process was started without
// one, the option counts.
func (c *central) function() string {
	name := c.process(functionName)
	if name == "" && c.options != nil {
		name = c.options.Function
	}
	return name
}

// functionName is the variable by which Lambda names the function. It is empty outside Lambda.
const functionName = "AWS_LAMBDA_FUNCTION_NAME"

// warnings says for the start line which settings of the function differ from what central files
// are compiled for, and have no effect on them.
func (c *central) warnings() []string {
	if c.process == nil {
		return nil // there is no central file
	}
	var warnings warningList
	var o Options
	if c.options != nil {
		o = *c.options
	}
	env := c.env()
	// Without Options.Getenv, withDefaults has already warned of it.
	if o.Getenv != nil && c.unread != nil {
		warnings.addf("the environment of the process start cannot be read (%v): central files are compiled for that of now, "+
			"which code in the process can change", c.unread)
	}
	differs := func(what, value, own string) {
		if value != "" && value != own {
			warnings.addf("%s is %q, which has no effect on central files: they are compiled for %q", what, value, own)
		}
	}
	if c.process(functionName) == "" {
		warnings.addf("%s is not set: central files are compiled for Options.Function, %q", functionName, o.Function)
	} else {
		differs("Options.Function", o.Function, env.Function)
	}
	differs("Options.Region", o.Region, env.Region)
	differs("Options.Account", o.Account, env.Account)
	// A Getenv of the options replaces the environment for the function's own file, but not for
	// central files.
	if o.Getenv != nil {
		for _, name := range [...]string{functionName, "AWS_REGION", "AWS_ACCESS_KEY_ID"} {
			differs(name+" of Options.Getenv", o.Getenv(name), c.process(name))
		}
	}
	stage, from := c.settings.Stage, "OUTGUARD_STAGE"
	if o.Stage != "" {
		from = "Options.Stage"
	}
	for _, info := range c.made {
		if stage != "" && stage != info.Stage {
			warnings.addf("%s is %q, which has no effect on the central file %s: its stage is %q", from, stage, info.File, info.Stage)
		}
	}
	if late := os.Getenv(functionName); o.Getenv != nil && late != c.process(functionName) {
		differs(functionName+" was changed after the process started: it", late, env.Function)
	}
	return warnings
}

// A warningList is what warnings has so far.
type warningList []string

// addf adds a warning. Inlined, it takes 2 KB more.
//
//go:noinline
func (l *warningList) addf(format string, args ...any) {
	*l = append(*l, fmt.Sprintf(format, args...))
}
