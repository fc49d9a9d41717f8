package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// addOperations adds to operations.txt the services and the operations that the models have and the
// file does not. What the file says of operations that it has stays.
func (in *inputs) addOperations(dir string, models []*model) error {
	missing := map[string][]string{} // by the id of the service
	var added []sdkService
	for _, m := range models {
		if gone[m.id] {
			continue
		}
		// A service that is new gets a section; one that is known gets its new operations.
		have := map[string]bool{}
		prefix := in.serviceOf(m.id)
		if prefix == "" {
			if prefix = in.prefixOf(m.signed); prefix == "" {
				// Nothing says which IAM prefix it has: that takes a person.
				fmt.Fprintf(os.Stderr, "gen: operations.txt needs a section [%s] with the service's IAM prefix\n", m.id)
				continue
			}
			added = append(added, sdkService{id: m.id, prefix: prefix})
		}
		for _, s := range in.services {
			// Ids are written with blanks or hyphens, as the source has it.
			if normal(s.id) == normal(m.id) {
				for _, op := range s.operations {
					have[op.name] = true
				}
			}
		}
		// Two models of a service, of both versions of the SDK, may have the same operation.
		for _, name := range slices.Sorted(maps.Keys(m.inputs)) {
			if !have[name] && !slices.Contains(missing[normal(m.id)], name) {
				missing[normal(m.id)] = append(missing[normal(m.id)], name)
			}
		}
	}
	file := filepath.Join(dir, "operations.txt")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	// The text is copied section by section, so that comments and hand-made lines stay.
	for section := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n[") {
		if b.Len() > 0 {
			b.WriteString("\n[")
		}
		b.WriteString(section)
		if id, _, ok := strings.Cut(strings.TrimPrefix(section, "["), "] "); ok {
			// New operations go to the end of their section.
			b.WriteString(lines(missing[normal(id)]))
		}
	}
	b.WriteString("\n")
	// New sections come last. Their order in the file does not matter.
	for _, s := range added {
		fmt.Fprintf(&b, "[%s] %s%s\n", s.id, s.prefix, lines(missing[normal(s.id)]))
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// lines returns lines of names, each behind a newline.
func lines(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var b bytes.Buffer
	wrap(&b, "", names)
	return "\n" + strings.TrimSuffix(b.String(), "\n")
}

// gone has services of the SDK's version 1 that are no more: IAM and version 2 lack them.
var gone = map[string]bool{"Elastic Inference": true, "IoT 1Click Devices Service": true, "IoT 1Click Projects": true, "QLDB Session": true}

// A label stands before the region, or before the suffix of a host without one.
var (
	beforeRegion = regexp.MustCompile(`^(.+?)\.(?:dualstack\.)?[a-z]{2,4}(?:-[a-z]+)+-\d+\.`)
	plainLabel   = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$`)
	ofResource   = regexp.MustCompile(`[0-9]{4}|^my|^s3|endpoint|^[a-z0-9]{15,}\.`)
)

// addEndpoints adds to endpoints.txt the labels of hosts that the models have and the file does
// not.
func (in *inputs) addEndpoints(dir string, models []*model) error {
	found := map[string][]string{} // by prefix
	for _, m := range models {
		prefix := in.serviceOf(m.id)
		if prefix == "" || ofS3(prefix) {
			continue // internal/awscall reads the hosts of S3
		}
		for _, host := range m.hosts {
			// The label is what stands before the region.
			match := beforeRegion.FindStringSubmatch(host)
			// A host without a region is of a global service, whose label is its name.
			if match == nil {
				continue
			}
			// Hosts for FIPS have the label of the usual host with a mark.
			label := strings.NewReplacer("fips.", "", "-fips", "").Replace(match[1])
			// Left out are labels that hold the name of a resource, and those that the tables have.
			if !plainLabel.MatchString(label) || ofResource.MatchString(label) || in.isService(label, prefix) || in.hasLabel(prefix, label) || slices.Contains(found[prefix], label) {
				continue
			}
			found[prefix] = append(found[prefix], label)
		}
	}
	file := filepath.Join(dir, "endpoints.txt")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(data)
	for _, prefix := range slices.Sorted(maps.Keys(found)) {
		// The order does not matter to awsops. Sorted, the file is the same each time.
		slices.Sort(found[prefix])
		more := " " + strings.Join(found[prefix], " ")
		// A service that has a line gets its labels at the end of it.
		if i := strings.Index(text, "\n"+prefix+" "); i >= 0 {
			end := i + 1 + strings.Index(text[i+1:], "\n")
			text = text[:end] + more + text[end:]
		} else {
			text += prefix + more + "\n"
		}
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// isService reports whether a label is a name of the service itself.
func (in *inputs) isService(label, prefix string) bool {
	return in.prefixOf(normal(label)) == prefix || in.prefixOf(label) == prefix
}

// hasLabel reports whether endpoints.txt has a label for a prefix.
func (in *inputs) hasLabel(prefix, label string) bool {
	return slices.ContainsFunc(in.endpoints, func(e [2]string) bool {
		return e[0] == prefix && slices.Contains(strings.Fields(e[1]), label)
	})
}
