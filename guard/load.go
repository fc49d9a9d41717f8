package guard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/policy"
)

const (
	policyFile = "policy.yaml"
	// layerDir is where a Lambda layer puts policies that hold besides the function's own.
	layerDir = "/opt/outguard"
)

// Load makes the guard of a function, and makes it the process's guard, which the package-level functions use.
//
// The policy is Options.Policy, else the files that $OUTGUARD_POLICY names, else policy.yaml beside the binary; every *.yaml and *.yml file in
// /opt/outguard (a layer's, such as a security team's) is added to it. Of several policies each judges by its own rules: a call must satisfy
// all of them, and the strictest outcome holds.
//
// Load always returns a guard. Beside an error, which is a [*PolicyError] and has been logged and sent as an alert, it is one that refuses every
// call and fails every invocation.
func Load(o *Options) (*Guard, error) {
	g, err := load(o, layerDir)
	process.Store(g)
	return g, err
}

func load(o *Options, layers string) (*Guard, error) {
	o = o.withDefaults()
	sources, warns, err := find(o, layers)
	errs := []error{err}
	var policies []*policy.Policy
	var refused string // hash of the first file that cannot be parsed
	for _, s := range sources {
		p, err := policy.Parse(s.name, s.data, o.env(s.feeds))
		if err != nil {
			errs = append(errs, err)
			refused = cmp.Or(refused, s.sha256())
			continue
		}
		policies = append(policies, p)
	}
	var joined *policy.Policy
	if len(policies) > 0 {
		joined = policy.Join(policies...) // beside an error: the targets of those that can be read
	}
	g := New(joined, o)
	g.warns = append(warns, g.warns...)
	if err := errors.Join(errs...); err != nil {
		g.policy, g.broken = nil, &PolicyError{Err: err, sha256: refused}
		g.alerts.Record(g.policyAlert(nil))
		ctx, cancel := context.WithTimeout(context.Background(), blockWait+alerting.FlushMargin)
		defer cancel()
		g.alerts.Flush(ctx) // log.Fatal may follow: the alert, and its metric, go out now
		return g, g.broken
	}
	return g, nil
}

// A source is one policy file.
type source struct {
	name  string // in messages
	data  []byte
	feeds fs.FS
}

func (s source) sha256() string {
	sum := sha256.Sum256(s.data)
	return hex.EncodeToString(sum[:])
}

// find reads the policy files. The files beside an error are those that could be read.
func find(o *Options, layers string) (sources []source, warns []string, err error) {
	var errs []error
	read := func(path, name string, feeds fs.FS) {
		data, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("outguard: the policy cannot be read: %w", err))
			return
		}
		if feeds == nil {
			feeds = os.DirFS(filepath.Dir(path))
		}
		sources = append(sources, source{name, data, feeds})
	}

	listed := o.Getenv("OUTGUARD_POLICY")
	beside, besideErr := besideBinary()
	switch {
	case o.Policy != nil:
		feeds := o.FS
		if feeds == nil && besideErr == nil {
			feeds = os.DirFS(filepath.Dir(beside))
		}
		sources = append(sources, source{o.PolicyName, o.Policy, feeds})
		if listed != "" {
			warns = append(warns, "OUTGUARD_POLICY is set and not used, because Options.Policy is set")
		}
	case listed != "":
		paths := slices.DeleteFunc(filepath.SplitList(listed), func(path string) bool { return strings.TrimSpace(path) == "" })
		for _, path := range paths {
			name := filepath.Base(path)
			if len(paths) > 1 { // they may differ in nothing but the directory
				name = path
			}
			read(path, name, o.FS)
		}
		if len(paths) == 0 {
			errs = append(errs, errors.New("outguard: OUTGUARD_POLICY is set and names no file; name one, or unset it"))
		}
	case besideErr == nil && exists(beside):
		read(beside, policyFile, o.FS)
	}

	entries, err := os.ReadDir(layers)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, fmt.Errorf("outguard: the policies of layers cannot be read: %w", err))
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext == ".yaml" || ext == ".yml" {
			path := filepath.Join(layers, e.Name())
			read(path, path, nil) // by its path: a function's own file may have the same name
		}
	}

	if len(sources) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("outguard: no policy: %s is not there, OUTGUARD_POLICY is not set and %s holds no *.yaml; "+
			"put policy.yaml into the deployment package, or embed it: guard.Load(&guard.Options{Policy: policyYAML})",
			cmp.Or(beside, policyFile+" beside the binary"), layers))
	}
	return sources, warns, errors.Join(errs...)
}

// besideBinary returns the path of policy.yaml in the directory of the running binary, which in Lambda is /var/task.
func besideBinary() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(exe), policyFile), nil
}

// exists reports whether there is something at path, readable or not: what is there and cannot be read is an error, not a reason to go without.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
