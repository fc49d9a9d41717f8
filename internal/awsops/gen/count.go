package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A share is how many operations there are, how many of them IAM has a resource for, and of how
// many of these the input shows it.
type share struct{ operations, take, shown int }

// add adds the counts of another model.
func (s *share) add(t share) {
	s.operations, s.take, s.shown = s.operations+t.operations, s.take+t.take, s.shown+t.shown
}

// String writes the counts and the share in percent.
func (s share) String() string {
	return fmt.Sprintf("%d operations, %d take a resource, of %d (%.1f %%) it is known", s.operations, s.take, s.shown, 100*float64(s.shown)/float64(max(s.take, 1)))
}

// count prints which share of the operations shows its resources, by the models of all sources and
// by those of the SDK's version 2 alone. It lists the operations of each service that do not, the
// services with the most of them first.
func count(out io.Writer, dir string) error {
	sources, _, err := readSources(dir)
	if err != nil {
		return err
	}
	in, err := readInputs(dir)
	if err != nil {
		return err
	}
	models, err := readModels(sources)
	if err != nil {
		return err
	}
	newest := map[string]*model{} // by the id of the service
	for _, m := range models {
		if in.serviceOf(m.id) != "" && !gone[m.id] {
			newest[normal(m.id)] = m // those of version 2 come last
		}
	}
	var all, v2 share
	hidden, taking := map[string][]string{}, map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		m := newest[id]
		s, names := in.share(m)
		all.add(s)
		// Version 2 is counted by itself, because the guard sees only its calls as typed input.
		if m.v2 {
			v2.add(s)
		}
		if len(names) > 0 {
			hidden[m.id], taking[m.id] = names, s.take
		}
	}
	// The services with the most hidden operations are worth work first.
	ids := slices.SortedFunc(maps.Keys(hidden), func(a, b string) int { return len(hidden[b]) - len(hidden[a]) })
	for _, id := range ids {
		// The names show what a path in resources.txt would add.
		fmt.Fprintf(out, "%s (%s): not of %d of %d: %s\n", id, in.serviceOf(id), len(hidden[id]), taking[id], strings.Join(hidden[id], " "))
	}
	fmt.Fprintf(out, "%d services of version 2: %s\n%d services: %s\n", countIf(newest, func(m *model) bool { return m.v2 }), v2, len(newest), all)
	return nil
}

// countIf counts the models for which is returns true.
func countIf(models map[string]*model, is func(*model) bool) (n int) {
	for _, m := range models {
		if is(m) {
			n++
		}
	}
	return n
}

// share counts the operations of a model. hidden are those that do not show their resource.
func (in *inputs) share(m *model) (s share, hidden []string) {
	prefix := in.serviceOf(m.id)
	// The same entries as in the table: what they do not show, no rule can limit.
	entries := in.entriesOf(normal(m.id), prefix)
	for _, name := range slices.Sorted(maps.Keys(m.inputs)) {
		s.operations++
		// An operation without a resource has nothing to show.
		if !in.takes(prefix, name) {
			continue
		}
		s.take++
		if shows(entries, name, m.inputs[name]) {
			s.shown++
		} else {
			hidden = append(hidden, name)
		}
	}
	return s, hidden
}
