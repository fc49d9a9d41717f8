package awscall

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
)

// A body is read as encoding/json reads it, and is unclear where encoding/json refuses it.
func FuzzJSONBody(f *testing.F) {
	for _, text := range []string{
		`{"TableName": "orders", "Key": {"id": {"S": "x"}}, "ConsistentRead": true}`, `{}`, " {\t}\r\n", `{"a":{},"b":[],"c":[{}],"d":""}`,
		`{"RequestItems":{"a":[{"PutRequest":{"Item":{"n":{"N":"1"}}}}]}}`, `{"a\"\\\/\b\f\n\r\t\u0041\u00e9":"\ud83d\ude00 \ud83d \udc00"}`,
		`{"a":-0,"b":0.5e+10,"c":1E-2,"d":[1,2 , 3],"e":null,"f":false}`, "{\"é\":\"\u2028\x7f\"}", `{"":{"":[[[]]]}}`,
		`null`, `nul`, `[]`, `"a"`, `1`, ``, ` `, `{`, `}`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{a:1}`, `{"a":1}{}`,
		`{"a":1} x`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1}`, `{"a":{"b":1]}`, `{"a":01}`, `{"a":+1}`, `{"a":1.}`, `{"a":.1}`, `{"a":1e}`, `{"a":-}`,
		`{"a":truex}`, `{"a":tru}`, `{"a":True}`, `{"a":"\x"}`, `{"a":"\u12g4"}`, `{"a":"\u1`, `{"a":"\`, "{\"a\":\"\n\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}",
		"{\"\xed\xa0\x80\":1}", "\ufeff{}", "{\v}", `{"a":1,"a":2}`, `{"a":/**/1}`, `{'a':1}`, `{"a":NaN}`, `{"a":{"a":{"a":{"a":[{"a":[[{"a":1}]]}]}}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := jsonBody(text)
		whole := strings.Trim(text, jsonSpaces)
		valid := utf8.ValidString(text) && json.Valid([]byte(text)) && (whole[0] == '{' || whole == "null")
		require.Equal(t, !valid, b.Unclear())
		if valid {
			sameJSON(t, b.root.(*jsonNode), json.RawMessage(whole), 0)
			require.False(t, b.Unclear())
		}
	})
}

// sameJSON compares a value and what is below it with what encoding/json finds.
func sameJSON(t *testing.T, n *jsonNode, raw json.RawMessage, depth int) {
	require.Equal(t, string(raw), n.raw)
	if depth > 20 {
		return // each level is read again
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	switch begin, _ := d.Token(); begin {
	case json.Delim('{'), json.Delim('['):
		require.Equal(t, d.More(), n.set())
		below := n.below()
		for ; d.More(); below = below.after {
			require.NotNil(t, below)
			if begin == json.Delim('{') {
				name, err := d.Token()
				require.NoError(t, err)
				require.Equal(t, name, below.name)
			}
			var value json.RawMessage
			require.NoError(t, d.Decode(&value))
			sameJSON(t, below, value, depth+1)
		}
		require.Nil(t, below)
	case nil:
		require.False(t, n.set())
		require.Empty(t, n.text())
	case true, false:
		require.Equal(t, begin, n.set())
	default: // a text or a number
		want, isText := begin.(string)
		if !isText {
			want = string(raw)
		}
		require.Equal(t, want, n.text())
		require.Equal(t, want != "", n.set())
	}
}

// Bodies nested too deeply are refused where encoding/json refuses them.
func TestDepthOfJSONBodies(t *testing.T) {
	for _, brackets := range []string{`{"a":  }`, `[ ]`} {
		open, end, _ := strings.Cut(brackets, " ")
		end = strings.TrimSpace(end)
		for _, inner := range []string{"1", "", "{}"} {
			for depth := jsonDepth - 3; depth < jsonDepth+3; depth++ {
				if inner == "" && open != "[" {
					continue
				}
				text := `{"a":` + strings.Repeat(open, depth) + inner + strings.Repeat(end, depth) + "}"
				assert.Equal(t, !json.Valid([]byte(text)), jsonBody(text).Unclear(), "%s %s %d", brackets, inner, depth)
			}
		}
	}
}

// A usual body takes one piece of memory, whatever steps read it.
func TestAJSONBodyTakesLittleMemory(t *testing.T) {
	const text = `{"TableName":"orders","Key":{"id":{"S":"0a1b2c3d"}},"ConsistentRead":true}`
	op := NewBodyOp("dynamodb", "GetItem")
	at := &Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	var ts Touches
	alloctest.AtMost(t, 1, func() { ts.Of(op, jsonBody(text), nil, at) }, text)
	assert.Equal(t, "table/orders", string(ts.List[0].Resource))
}

// The first letter decides only where both are ASCII.
func TestMembersThatFoldToAName(t *testing.T) {
	for member, want := range map[string]bool{
		"KeyId": true, "keyId": true, "kEYID": true, "\u212AeyId": true, "": false, "ReyId": false, "KeyIds": false, "[eyId": false, "\u00e9": false,
	} {
		b := &Body{op: &Op{}}
		assert.Equal(t, want, b.is(member, "KeyId"), member)
		assert.Equal(t, want && member != "KeyId", b.misspelled, member)
	}
	b := &Body{op: &Op{}}
	assert.True(t, b.is("\u017FtackName", "StackName"))
	assert.False(t, b.is("x", ""))
}
