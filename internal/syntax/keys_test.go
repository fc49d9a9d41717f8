package syntax

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"go.yaml.in/yaml/v3"
)

// Each key of a table is decoded by its own row, or is a destination.
func TestRuleKeysHaveDecoders(t *testing.T) {
	for _, key := range ruleKeys {
		assert.NotNil(t, key.decode, key.name)
		for _, subject := range key.with {
			assert.NotNil(t, rule.KindOf(subject), "%s: goes with %s:", key.name, subject)
		}
	}
	for _, key := range targetKeys {
		assert.NotEqual(t, key.destination, key.decode != nil, key.name)
		if key.with != "" {
			require.NotNil(t, targetKeyOf(key.with), key.name)
			assert.True(t, targetKeyOf(key.with).destination, "%s: goes with %s:", key.name, key.with)
		}
	}
}

// Each key fills a field of what is read: a decoder that writes elsewhere, or nowhere, is found.
func TestKeysFillFields(t *testing.T) {
	value := &yaml.Node{Kind: yaml.ScalarNode, Value: "true", Line: 7, Column: 3}
	for _, key := range ruleKeys {
		d, e := &decoder{Reporter: &report.Reporter{}}, Draft{Details: new(Details)}
		key.decode(d, &e, value)
		assert.NotEqual(t, Draft{Details: new(Details)}, e, key.name)
		assert.Equal(t, key.common, reflect.DeepEqual(new(Details), e.Details), "%s: shares its details or not", key.name)
		assert.Empty(t, d.Errors, key.name)
	}
	for _, key := range targetKeys {
		if !key.destination {
			d, e := &decoder{Reporter: &report.Reporter{}}, Target{}
			key.decode(d, &e, value)
			assert.NotEqual(t, Target{}, e, key.name)
		}
	}
}

// A key that is listed as known and that no decoder reads is refused, and never left out.
func TestUndecodedKeysAreRefused(t *testing.T) {
	read := map[string]func(d *decoder, k, v *yaml.Node){
		"a section": func(d *decoder, k, v *yaml.Node) { d.sectionKey(k, v, &Section{}) },
	}
	for name, f := range read {
		d := &decoder{Reporter: &report.Reporter{}}
		f(d, &yaml.Node{Kind: yaml.ScalarNode, Value: "colour", Line: 1, Column: 1}, &yaml.Node{Kind: yaml.ScalarNode, Value: "x"})
		require.Len(t, d.Errors, 1, name)
		assert.Equal(t, "colour: cannot be read", d.Errors[0].Problem)
	}
	for _, keys := range [][]string{FileKeys(), SectionKeys()} {
		for _, key := range keys {
			r := &report.Reporter{File: "policy.yaml"}
			text := "version: 1\n" + key + ": {a: 1}\n"
			if slices.Contains(SectionKeys(), key) {
				text = "version: 1\nfunctions:\n  f:\n    " + key + ": {a: 1}\n"
			}
			Parse(r, []byte(text))
			for _, e := range r.Errors {
				assert.NotContains(t, e.Problem, "cannot be read", key)
			}
		}
	}
}

// The keys of a rule do not collide with each other or with the subjects.
func TestRuleKeysAreUnique(t *testing.T) {
	keys := RuleKeys()
	slices.Sort(keys)
	assert.Equal(t, slices.Compact(slices.Clone(keys)), keys)
	assert.Equal(t, []string{"feed"}, slices.DeleteFunc(SubjectKeys(pattern.Wide), func(key string) bool { return slices.Contains(SubjectKeys(pattern.Narrow), key) }))
}
