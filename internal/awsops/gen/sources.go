package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A source is one line of sources.txt: a pinned version of a package in a registry.
type source struct{ registry, name, version string }

// String names the source as messages do.
func (s source) String() string { return s.name + " " + s.version }

// readSources reads the pinned sources, and the lines of the file.
func readSources(dir string) (sources []source, lines []string, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "sources.txt"))
	if err != nil {
		return nil, nil, err
	}
	lines = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != "npm" && words[0] != "go" {
			return nil, nil, fmt.Errorf("sources.txt:%d: want \"npm|go package version\"", i+1)
		}
		sources = append(sources, source{words[0], words[1], words[2]})
	}
	return sources, lines, nil
}

// pinNewest writes the newest version of each source into sources.txt. A source whose registry does
// not have a newer one that can be downloaded stays as it is, and is reported.
func pinNewest(dir string) error {
	_, lines, err := readSources(dir)
	if err != nil {
		return err
	}
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		s := source{words[0], words[1], words[2]}
		// One registry that cannot be reached does not keep the others from being renewed.
		if err := s.raise(); err != nil {
			fmt.Fprintf(os.Stderr, "gen: %s stays: %v\n", s, err)
			continue
		}
		// The line is written anew; comments and the order stay.
		lines[i] = s.registry + " " + s.String()
	}
	return os.WriteFile(filepath.Join(dir, "sources.txt"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// raise makes the newest version the source's.
func (s *source) raise() error {
	if s.registry == "npm" {
		out, err := output("npm", "view", s.name, "version")
		if err != nil {
			return err
		}
		s.version = strings.TrimSpace(string(out))
		return nil
	}
	// A version counts only if it can be downloaded.
	version, _, err := download(s.name, "latest")
	if err == nil {
		s.version = version
	}
	return err
}

// download downloads a module with go. It returns the version that a query stands for, and the
// folder with its files.
func download(module, query string) (version, dir string, err error) {
	// The module's cache keeps the files, so that nothing is unpacked here.
	out, err := output("go", "mod", "download", "-json", module+"@"+query)
	if err != nil {
		return "", "", err
	}
	var m struct{ Version, Dir, Error string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", "", err
	}
	// With -json, go reports its error on standard output.
	if m.Error != "" || m.Dir == "" {
		return "", "", fmt.Errorf("%s", m.Error)
	}
	return m.Version, m.Dir, nil
}

// output runs a command outside any module and returns what it prints.
func output(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	// Inside a module, its own go.mod and workspace would count.
	cmd.Dir = os.TempDir()
	// What the command says is a part of the error.
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if json.Valid(out) && len(out) > 0 {
			return out, nil // go prints its error there
		}
		return nil, fmt.Errorf("%s %s: %w: %s", name, args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// readModels reads the models of every source that has some. Those of the SDK's version 2 come
// last.
func readModels(sources []source) (models []*model, err error) {
	for _, s := range sources {
		if s.registry != "go" {
			continue
		}
		// Modules are read where the go command keeps them.
		_, dir, err := download(s.name, s.version)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		// The one module of version 1 has the models of all services.
		if !strings.Contains(s.name, "/service/") {
			v1, err := readV1(dir)
			if err != nil {
				return nil, err
			}
			// Those of version 2 replace them where a service has both.
			models = append(v1, models...)
			continue
		}
		m, err := readV2(dir)
		if err != nil {
			return nil, err
		}
		// The version matters for counts alone.
		m.v2 = true
		models = append(models, m)
	}
	return models, nil
}
