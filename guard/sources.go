package guard

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/feedfiles"
	"github.com/outguard/outguard/internal/syntax"
)

const (
	policyFile = "policy.yaml"
	// layerDir is the folder in which a Lambda layer puts policies that apply beside the function's
	// own.
	layerDir = "/opt/outguard"
)

// A source is one policy file.
type source struct {
	name  string // for messages
	data  []byte
	feeds fs.FS // its folder: feeds and the next policy
	// central: a file of a layer, which neither the options nor the variables of the function can
	// loosen.
	central bool
}

// sha256 returns the hash in hex, as alerts and the start line show it.
func (s source) sha256() string {
	sum := sha256.Sum256(s.data)
	return hex.EncodeToString(sum[:])
}

// find reads the policy files. If it returns an error, sources holds the files that could be read.
func find(o *settings, layers string) (sources []source, warnings []string, err error) {
	var errs []error
	// One unreadable file must not hide the others: their targets receive the report about it.
	read := func(path, name string, feeds fs.FS) {
		data, err := readFile(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("outguard: the policy cannot be read: %w", err))
			return
		}
		if feeds == nil {
			feeds = feedfiles.Dir(filepath.Dir(path))
		}
		sources = append(sources, source{name: name, data: data, feeds: feeds})
	}

	listed := o.start("OUTGUARD_POLICY")
	beside, besideErr := besideBinary()
	switch {
	case o.Policy != nil:
		feeds := o.FS
		if feeds == nil && besideErr == nil {
			feeds = feedfiles.Dir(filepath.Dir(beside))
		}
		sources = append(sources, source{name: o.PolicyName, data: o.Policy, feeds: feeds})
		if listed != "" {
			warnings = append(warnings, "OUTGUARD_POLICY is set and not used, because Options.Policy is set")
		}
	case listed != "":
		paths := slices.DeleteFunc(filepath.SplitList(listed), func(path string) bool { return strings.TrimSpace(path) == "" })
		for _, path := range paths {
			name := filepath.Base(path)
			if len(paths) > 1 { // the files may have the same name
				name = path
			}
			read(path, name, o.FS)
		}
		// A list such as ":" was meant to name something. policy.yaml in its place could be looser.
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
			before := len(sources)
			read(path, path, nil) // named by its path, because the function's own file may have the same name
			for i := range sources[before:] {
				sources[before+i].central = true
			}
		}
	}

	if len(sources) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("outguard: %w: %s is not there, OUTGUARD_POLICY is not set and %s holds no *.yaml; "+
			"put policy.yaml into the deployment package, or embed it: guard.Load(&guard.Options{Policy: policyYAML})",
			errNoFile, cmp.Or(beside, policyFile+" beside the binary"), layers))
	}
	return sources, warnings, errors.Join(errs...)
}

// maxRead is how much of a policy file is read: more than policy takes, so that it refuses the
// file, and little enough for any function.
const maxRead = 1<<20 + 1

// readFile reads at most maxRead bytes. A path such as /dev/zero would never end.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxRead))
}

// tooLarge returns why a policy is too large for the memory of the function, or nil. Reading it
// takes up to 60 times its size: a file of 512 KB takes a quarter of 128 MB.
func tooLarge(f source, getenv func(string) string) error {
	if most, mb := syntax.MaxSize(getenv); mb > 0 && len(f.data) > most { // policy has a limit for every function
		return fmt.Errorf("%s: the file has more than %d KB, which is too much for a function with %d MB of memory; "+
			"put long lists of hosts into a file of their own and name it with feed:, or write one function's file by outguard bundle", f.name, most>>10, mb)
	}
	return nil
}

// besideBinary returns the path of policy.yaml in the directory of the running binary, which is
// /var/task in Lambda.
func besideBinary() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(exe), policyFile), nil
}

// exists reports whether there is a file at path, readable or not. A policy file that cannot be
// read is an error, not a reason to run without it.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
