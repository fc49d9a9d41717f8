package awsmiddleware

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

type (
	testTag   struct{ Key, Value *string }
	testInput struct {
		Name    *string
		Names   []string
		Tags    []testTag
		Targets map[string][]testTag
		Filter  *testFilter
		Union   testUnion
		Items   map[string]AttributeValue
		Data    []byte
		Body    *strings.Reader
		At      *time.Time
		private *string
	}
	testFilter struct {
		And []testFilter
		Not *testFilter
		Is  string
	}
	testUnion      interface{ isUnion() }
	testMember     struct{ Value testTag }
	AttributeValue interface{ isAttributeValue() }
	testString     struct{ Value string }
)

func (*testMember) isUnion()          {}
func (*testString) isAttributeValue() {}

// A frozen input shares nothing with the program's own but what says nothing of the call's target.
func TestFrozen(t *testing.T) {
	text := func(s string) *string { return &s }
	made := func() *testInput {
		return &testInput{
			Name: text("a"), Names: []string{"a", "b"}, Tags: []testTag{{text("k"), nil}},
			Targets: map[string][]testTag{"t": {{text("k"), text("v")}}},
			Filter:  &testFilter{And: []testFilter{{Is: "x"}}, Not: &testFilter{Is: "y"}},
			Union:   &testMember{testTag{text("k"), nil}},
			Items:   map[string]AttributeValue{"i": &testString{"v"}}, Data: []byte("data"), Body: strings.NewReader("x"),
			At: &time.Time{}, private: text("p"),
		}
	}
	in := made()
	copied := frozen(in).(*testInput)
	*in.Name, in.Names[0], *in.Tags[0].Key = "other", "other", "other"
	*in.Targets["t"][0].Key, in.Targets["new"] = "other", nil
	in.Filter.And[0].Is, in.Filter.Not.Is = "other", "other"
	*in.Union.(*testMember).Value.Key = "other"
	in.Tags[0], in.Filter, in.Name = testTag{}, nil, nil
	want := made()
	want.Body = in.Body
	assert.Equal(t, want, copied)
	assert.Same(t, in.Body, copied.Body)
	assert.Same(t, &in.Data[0], &copied.Data[0], "bytes are not copied")
	assert.Same(t, in.Items["i"], copied.Items["i"], "nor are items")

	assert.Nil(t, frozen(nil))
	assert.Equal(t, "text", frozen("text"))
	assert.Equal(t, (*testInput)(nil), frozen((*testInput)(nil)))
	assert.Equal(t, &testInput{}, frozen(&testInput{}))
}

// An input may hold itself; it is copied as deep as any service takes.
func TestFrozenEnds(t *testing.T) {
	in := &testInput{Filter: &testFilter{Is: "x"}}
	in.Filter.Not = in.Filter
	assert.Equal(t, "x", frozen(in).(*testInput).Filter.Not.Not.Is)
}
