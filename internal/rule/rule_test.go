package rule

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/pattern"
)

// notConditions are the fields of a rule that do not narrow which calls of its subject it is for.
var notConditions = []string{"Origin", "Mode", "Kind", "Outcome", "Any", "Subject", "Hosts", "Addrs"}

// A rule with a condition does not cover one without it, whichever the condition is: a new field of
// Rule is a condition, or stands in the list above.
func TestConditionsCoverKnowsEveryCondition(t *testing.T) {
	except, err := pattern.ParseIP("10.0.0.0/8")
	require.NoError(t, err)
	caller, wrong := pattern.ParseCaller("example.com/shop/...")
	require.Nil(t, wrong)
	values := []any{[]string{"read"}, []pattern.Caller{caller}, []pattern.Pattern{&except}, []netip.Prefix{{}}, []int{1}, true}
	fields := reflect.TypeFor[Rule]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		if slices.Contains(notConditions, f.Name) {
			continue
		}
		v := slices.IndexFunc(values, func(v any) bool { return reflect.TypeOf(v) == f.Type })
		require.GreaterOrEqual(t, v, 0, "%s: this test has no value of type %s", f.Name, f.Type)
		covered := 0
		for _, kind := range KindKeys() {
			with := Rule{Mode: pattern.Narrow, Kind: KindOf(kind).Kind}
			without := with
			reflect.ValueOf(&with).Elem().Field(i).Set(reflect.ValueOf(values[v]))
			if with.ConditionsCover(&without) {
				covered++
			}
			assert.True(t, with.ConditionsCover(&with), "%s covers itself", f.Name)
			assert.True(t, without.ConditionsCover(&without), kind)
		}
		assert.Less(t, covered, len(KindKeys()), "ConditionsCover does not compare %s", f.Name)
	}
}

// Rules that differ in one field are not equal, whichever it is.
func TestEqualComparesEveryField(t *testing.T) {
	one, err := pattern.ParseIP("10.0.0.0/8")
	require.NoError(t, err)
	other, err := pattern.ParseIP("10.1.0.0/16")
	require.NoError(t, err)
	caller, wrong := pattern.ParseCaller("example.com/shop/...")
	require.Nil(t, wrong)
	values := []any{
		[]string{"read"}, []string{"list"}, []string{}, []pattern.Caller{caller}, []pattern.Caller{},
		[]pattern.Pattern{&one}, []pattern.Pattern{&other}, []pattern.Pattern{},
		[]netip.Prefix{{}}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, []netip.Prefix{},
		true, Origin{ID: "a"}, Origin{Reason: "a"}, pattern.Wide, AWS, Outcome(1),
	}
	fields := reflect.TypeFor[Rule]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		var all []Rule // the zero rule, and one for each value
		for _, v := range append([]any{reflect.Zero(f.Type).Interface()}, values...) {
			if reflect.TypeOf(v) == f.Type {
				all = append(all, Rule{})
				reflect.ValueOf(&all[len(all)-1]).Elem().Field(i).Set(reflect.ValueOf(v))
			}
		}
		require.Greater(t, len(all), 1, "%s: this test has no value of type %s", f.Name, f.Type)
		for j := range all {
			for k := range all {
				assert.Equal(t, j == k, all[j].Equal(&all[k]), "%s: %v and %v", f.Name, all[j], all[k])
			}
		}
	}
}

func TestConditionsCover(t *testing.T) {
	list := func(s ...string) []string { return s }
	tests := []struct {
		name string
		r, s Rule
		want bool
	}{
		{"more methods", Rule{Methods: list("GET", "POST")}, Rule{Methods: list("GET")}, true},
		{"fewer methods", Rule{Methods: list("GET")}, Rule{Methods: list("GET", "POST")}, false},
		{"any method", Rule{}, Rule{Methods: list("GET")}, true},
		{"read covers list", Rule{Kind: AWS, Access: list("read")}, Rule{Kind: AWS, Access: list("list")}, true},
		{"list does not cover read", Rule{Kind: AWS, Access: list("list")}, Rule{Kind: AWS, Access: list("read")}, false},
		{"more resources", Rule{Kind: AWS, Resources: list("a", "b")}, Rule{Kind: AWS, Resources: list("a")}, true},
		{"any region of a whitelist is the own", Rule{Kind: AWS, Mode: pattern.Narrow}, Rule{Kind: AWS, Mode: pattern.Narrow, Regions: list("eu-west-1")}, false},
		{"any region of a blacklist is any", Rule{Kind: AWS, Mode: pattern.Wide}, Rule{Kind: AWS, Mode: pattern.Wide, Regions: list("eu-west-1")}, true},
		{"accounts", Rule{Kind: AWS, Accounts: list("self", "1")}, Rule{Kind: AWS, Accounts: list("self")}, true},
		{"fewer accounts", Rule{Kind: AWS, Accounts: list("self")}, Rule{Kind: AWS, Accounts: list("self", "1")}, false},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, tt.r.ConditionsCover(&tt.s), tt.name)
	}
}

// Who is not known meets the callers: of a blacklist, and not those of a whitelist.
func TestUnknownCallers(t *testing.T) {
	callers := make([]pattern.Caller, 1)
	for name, c := range map[string]*Caller{"nil": nil, "zero": {}, "no path": {Find: func() (string, bool) { return "", true }}} {
		assert.False(t, c.Is(callers, pattern.Narrow), name)
		assert.True(t, c.Is(callers, pattern.Wide), name)
		assert.True(t, c.Is(nil, pattern.Narrow), name)
	}
}
