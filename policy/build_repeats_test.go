package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/syntax"
)

// notCompared are the fields of a draft that its rule is not built of, or that are only shown.
var notCompared = []string{"Place", "Details", "Variables", "Number", "ID", "Stages", "Until", "OnViolation"}

// Drafts that differ in a field do not say the same, whichever it is: a new field is compared, or
// stands in the list above.
func TestSaysTheSameComparesEveryField(t *testing.T) {
	yes, text := true, syntax.Text{Value: "x"}
	values := []any{pattern.Narrow, "http", []syntax.Text{text}, []syntax.Text{}, text, &yes}
	draft := func() *syntax.Draft { return &syntax.Draft{Details: new(syntax.Details)} }
	for _, part := range []func(*syntax.Draft) reflect.Value{
		func(d *syntax.Draft) reflect.Value { return reflect.ValueOf(d).Elem() },
		func(d *syntax.Draft) reflect.Value { return reflect.ValueOf(d.Details).Elem() },
	} {
		fields := part(draft()).Type()
		for i := range fields.NumField() {
			f := fields.Field(i)
			if slices.Contains(notCompared, f.Name) {
				continue
			}
			tried := 0
			for _, v := range values {
				if reflect.TypeOf(v) != f.Type {
					continue
				}
				a, b := draft(), draft()
				part(a).Field(i).Set(reflect.ValueOf(v))
				assert.False(t, saysTheSame(a, b), "%s: %v", f.Name, v)
				part(b).Field(i).Set(reflect.ValueOf(v))
				assert.True(t, saysTheSame(a, b), "%s: %v", f.Name, v)
				tried++
			}
			require.Positive(t, tried, "%s: this test has no value of type %s", f.Name, f.Type)
		}
	}
}

// A rule that stands in several sections is checked in each of them, whichever function the file is
// read for. %s is a rule.
func TestRulesThatRepeat(t *testing.T) {
	const file = "version: 1\nfunctions:\n  a:\n    whitelist:\n    - RULE\n  b:\n    whitelist:\n    - RULE\n    - RULE\n"
	for rule, want := range map[string]struct {
		errors, warnings int // in each place
	}{
		"http: https://a.example.com/v1/**":                         {0, 0},
		"{http: https://a.example.com/, methods: [GET, POST]}":      {0, 1},
		"{http: https://a.example.com/v1/**, methods: get}":         {0, 1},
		"{http: a.com/**/b, except: a.com/x*/b}":                    {0, 0},
		"{http: any}":                                               {1, 0},
		"{http: any, reason: it is a crawler}":                      {0, 0},
		"aws: nope:Get":                                             {1, 0},
		"{aws: s3:GetObject, resources: [table/x]}":                 {0, 0},
		"{aws: dynamodb:GetItem, resources: [table/x, function:x]}": {1, 0},
		"{aws: sqs:*, regions: [eu-west-1], accounts: [self]}":      {0, 0},
		"{aws: sqs:*, regions: [mars-1]}":                           {1, 0},
		"{net: db.example.com:5432, callers: [example.com/shop]}":   {0, 0},
		"{ip: 10.1.2.3/8}":                                          {0, 1},
	} {
		text := strings.ReplaceAll(file, "RULE", rule)
		f, err := ParseFile("p.yaml", []byte(text))
		var all Errors
		if err != nil {
			require.ErrorAs(t, err, &all, rule)
		}
		lines := func(faults []int) []int { slices.Sort(faults); return slices.Compact(faults) }
		var at []int
		for _, e := range all {
			at = append(at, e.Line)
		}
		if want.errors > 0 {
			assert.Equal(t, []int{5, 8, 9}, lines(at), "%s: %v", rule, err)
			_, err = Parse("p.yaml", []byte(text), Env{Function: "a"})
			var same Errors
			require.ErrorAs(t, err, &same, rule)
			assert.Equal(t, all, same, rule)
			continue
		}
		require.NoError(t, err, rule)
		for function, places := range map[string][]int{"a": {5}, "b": {8, 9}} {
			env := Env{Function: function, Region: "eu-west-1", Account: "111122223333"}
			of, err := f.For(env)
			require.NoError(t, err, rule)
			p, err := Parse("p.yaml", []byte(text), env)
			require.NoError(t, err, rule)
			assert.Equal(t, of.Warnings(), p.Warnings(), rule)
			assert.True(t, of.Alike(p), rule)
			assert.Len(t, p.refs, len(places), rule)
			at = nil
			for _, w := range p.Warnings() {
				at = append(at, w.Line)
			}
			if want.warnings > 0 {
				assert.Equal(t, places, lines(at), "%s: %v", rule, p.Warnings())
			} else {
				assert.Empty(t, at, "%s: %v", rule, p.Warnings())
			}
		}
	}
}
