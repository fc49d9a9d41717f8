package notify

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachText calls f with every string in v, nested ones included, and with the path to it.
func eachText(t *testing.T, v reflect.Value, path string, f func(path string, text reflect.Value)) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		f(path, v)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			eachText(t, v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Slice:
		require.Positive(t, v.Len(), "%s: the test has to fill it", path)
		for i := range v.Len() {
			eachText(t, v.Index(i), path, f)
		}
	case reflect.Bool, reflect.Int:
	default:
		require.Fail(t, "the test does not know this kind of field", "%s: %s", path, v.Kind())
	}
}

// Every text of an alert may come from outside: from a request, an ARN or a policy file.
func TestCleanCoversEveryText(t *testing.T) {
	fill := func(text string) (a Alert, paths []string) {
		a.Call.Resources, a.Policies, a.Against = []string{"", ""}, []string{""}, make([]Against, 1)
		eachText(t, reflect.ValueOf(&a).Elem(), "Alert", func(path string, v reflect.Value) {
			v.SetString(text)
			paths = append(paths, path)
		})
		return a, paths
	}
	_, paths := fill("")
	require.Contains(t, paths, "Alert.Call.Via")
	require.Greater(t, len(paths), 25)
	for _, c := range []struct {
		name, text string
		gone       string // what Clean must not leave
	}{
		{"carriage return", "a\rb", "\r"},
		{"escape", "a\x1b[2Jb", "\x1b"},
		{"NUL", "a\x00b", "\x00"},
		{"delete", "a\x7fb", "\x7f"},
		{"line separator", "a\u2028b", "\u2028"},
		{"right-to-left override", "a\u202eb", "\u202e"},
		{"zero width space", "a\u200bb", "\u200b"},
		{"broken UTF-8", "a\xffb", "\xff"},
	} {
		a, _ := fill(c.text)
		a = a.Clean()
		eachText(t, reflect.ValueOf(&a).Elem(), "Alert", func(path string, v reflect.Value) {
			assert.NotContains(t, v.String(), c.gone, "%s in %s", c.name, path)
		})
	}

	a, _ := fill("a\nb")
	a = a.Clean()
	eachText(t, reflect.ValueOf(&a).Elem(), "Alert", func(path string, v reflect.Value) {
		if path != "Alert.Allow" { // it has several lines
			assert.NotContains(t, v.String(), "\n", path)
		}
	})

	a, _ = fill(strings.Repeat("long ", 10_000))
	a = a.Clean()
	eachText(t, reflect.ValueOf(&a).Elem(), "Alert", func(path string, v reflect.Value) {
		assert.LessOrEqual(t, v.Len(), maxText, path)
	})
	assert.Equal(t, a, a.Clean(), "cleaning twice changes nothing")
}

// The region of a call comes from its host or its signature, which can hold anything.
func TestTheRegionOfACallIsMasked(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "eu-west-1", "us-gov-west-1": "us-gov-west-1", "local": "local", "5d41402abc4b2a76b9719d911017c592": "[masked]", "sk_live_51H8sT2eZvKYlo2CdLk9": "sk_live_[masked]",
	} {
		a := Alert{Call: Call{Kind: "aws", Service: "s3", Operation: "GetObject", Region: region}}.Clean()
		assert.Equal(t, want, a.Call.Region)
		assert.Contains(t, headline(a)+foot(a)+a.Call.String()+want, want)
	}
}
