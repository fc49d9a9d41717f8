package awscall

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsops"
)

// The generator checks resource paths by a table of its own, since it is another module.
func TestParsersAreTheGenerators(t *testing.T) {
	data, err := os.ReadFile("../awsops/gen/data/parsers.txt")
	require.NoError(t, err)
	var generators []parserRow
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		low, high, several := strings.Cut(words[1], "-")
		if !several {
			high = low
		}
		row := parserRow{name: words[0], typed: words[2] == "type"}
		row.min, _ = strconv.Atoi(low)
		row.max, _ = strconv.Atoi(high)
		generators = append(generators, row)
	}
	require.Len(t, generators, len(parsers))
	for i, p := range parsers {
		assert.NotNil(t, p.parse, p.name)
		p.parse, p.prepare = nil, nil
		assert.Equal(t, generators[i], p)
	}
}

// A table that names what does not exist makes the resource unknown, so that no whitelist rule with
// resources: matches it.
func TestAnEntryThatCannotBeReadIsUnknown(t *testing.T) {
	for _, entry := range []string{
		"TableName=table~pahts", "TableName~typo", "TableName~", "TableName~rule", "TableName~path", "TableName~folded", "TableName~revision",
		"TableName+IndexName=table/$/index/$~queues", "TableName+IndexName~rename+", "TableName+IndexName=table~revision",
	} {
		input := standIn(t, `{"TableName":"orders","IndexName":"by-day"}`)
		op := NewOp("dynamodb", "GetItem", typeOf(input))
		op.steps = op.plan(typeOf(input), entry)
		var ts Touches
		ts.Of(op, input, nil, &here)
		assert.Equal(t, "GetItem ?", describe(&ts), entry)
	}
	for _, entry := range []string{"", "=", "=table/$", "!GetItem", "~path", "=table/$~path", "@GetItem", "Nowhere~path", "+", "+=", "TableName+"} {
		input := standIn(t, `{"TableName":"orders"}`)
		op := NewOp("dynamodb", "GetItem", typeOf(input))
		op.steps = op.plan(typeOf(input), entry)
		var ts Touches
		ts.Of(op, input, nil, &here)
		assert.Contains(t, describe(&ts), "GetItem", entry)
	}
}

// No operation has more actions than a set holds, whatever its input.
func TestActionsFitASet(t *testing.T) {
	most := 0
	for _, service := range awsops.Services() {
		op := NewOp(service, "Frobnicate", nil)
		for entry := range strings.FieldsSeq(awsops.Resources(service)) {
			if _, action, ok := strings.Cut(entry, "!"); ok {
				action, _, _ = strings.Cut(action, "@")
				op.action(strings.TrimPrefix(action, "-"))
			}
		}
		most = max(most, len(op.Actions))
	}
	op := NewOp("s3", "CopyObject", nil)
	op.versions()
	assert.Less(t, most+2*len(op.Actions)+len(partiQL)*4, maxActions)
}

func TestActionSets(t *testing.T) {
	var s ActionSet
	assert.True(t, s.Empty())
	s.Add(3)
	s.Add(0)
	assert.False(t, s.Empty())
	assert.Equal(t, 2, s.Len())
	assert.True(t, s.Has(0) && s.Has(3) && !s.Has(1) && !s.Has(-1))
	assert.Equal(t, oneAction(3), s.Minus(oneAction(0)))
	assert.True(t, s.Minus(firstActions(4)).Empty())
	assert.Equal(t, firstActions(4), s.Union(oneAction(1)).Union(oneAction(2)))
	assert.True(t, s.Overlaps(firstActions(1)))
	assert.False(t, s.Overlaps(oneAction(1)))
	s.Add(-1)
	assert.Equal(t, 2, s.Len())
	s.Add(maxActions + 7) // never lost
	assert.True(t, s.Has(maxActions-1))
}
