package alerting

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/notify"
)

// changed returns copies of a, by the name of the one string field in which each differs.
func changed(a notify.Alert) map[string]notify.Alert {
	all := map[string]notify.Alert{}
	var walk func(t reflect.Type, path []int, name string)
	walk = func(t reflect.Type, path []int, name string) {
		for i := range t.NumField() {
			f := t.Field(i)
			at, name := append(path[:len(path):len(path)], i), name+f.Name
			switch {
			case f.Type.Kind() == reflect.String:
				b := a
				reflect.ValueOf(&b).Elem().FieldByIndex(at).SetString("other.thing")
				all[name] = b
			case f.Type == reflect.TypeFor[notify.Call]():
				walk(f.Type, at, name+".")
			}
		}
	}
	walk(reflect.TypeFor[notify.Alert](), nil, "")
	b := a
	b.Call.Resources = []string{"other"}
	all["Call.Resources"] = b
	return all
}

// The queue and the sinks use one definition of what makes two violations the same.
func TestTheQueueAndTheFingerprintAgree(t *testing.T) {
	base := violation("alert", evil).Clean()
	base.Fingerprint = ""
	var distinguishing []string
	for name, other := range changed(base) {
		if name == "Fingerprint" { // set by Clean
			continue
		}
		f := newFixture(nil)
		f.sinks = nil
		f.Record(base)
		recorded, isNew := f.Record(other)
		differs := recorded.Fingerprint != base.Clean().Fingerprint
		assert.Equal(t, differs, isNew, name)
		if isNew {
			distinguishing = append(distinguishing, name)
		}
	}
	assert.ElementsMatch(t, []string{
		"Function", "Stage", "Account", "Region", "Verdict", "Rule", "Caller", "Call.Kind", "Call.Method", "Call.URL", "Call.Service",
		"Call.Operation", "Call.Region", "Call.Net", "Call.Resources",
	}, distinguishing)
}

func TestTextsOfAnIdentityDoNotRunTogether(t *testing.T) {
	m := newMemory(limits{})
	seen := map[identity]string{}
	for _, c := range [][2]string{{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}} {
		a := notify.Alert{Function: c[0], Stage: c[1]}
		id := m.identify(&a)
		assert.Empty(t, seen[id], "%q", c)
		seen[id] = fmt.Sprint(c)
	}
}

func TestTheOldestIsForgottenFirst(t *testing.T) {
	m := newMemory(limits{entries: 3})
	entries := make([]*entry, 4)
	for i := range entries {
		entries[i] = &entry{key: identity(i), form: identity(i), raw: identity(10 + i)}
	}
	for i, e := range entries[:3] {
		assert.Nil(t, m.surplus(), "%d entries", i)
		m.add(e)
		m.alias(e, identity(10+i))
	}
	m.touch(entries[0])
	assert.Same(t, entries[1], m.surplus())
	m.forget(entries[1])
	assert.Nil(t, m.surplus())
	m.add(entries[3])
	assert.Same(t, entries[2], m.surplus())
	assert.Nil(t, m.find(1))
	assert.Nil(t, m.find(11), "nor by its raw identity")
	assert.Same(t, entries[0], m.find(10))
	m.alias(entries[0], 20)
	assert.Nil(t, m.find(10))
	assert.Same(t, entries[0], m.find(20))
	assert.Same(t, entries[0], m.find(0))
}
