package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpand(t *testing.T) {
	e := vars(env("checkout"), "HOST", "api.example.com", "GLOB", "*", "ANY", "any", "NEST", "${HOST}", "region", "mars")
	e.Stage = "prod"
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"https://${HOST}/v1", "https://api.example.com/v1"},
		{"${HOST}${HOST}", "api.example.comapi.example.com"},
		{"${NONE:-b.com}", "b.com"},
		{"${HOST:-b.com}", "api.example.com"},
		{"${NONE:-}x", "x"},
		{"${NONE:-a:-b}", "a:-b"},
		{"${region} ${account} ${stage} ${function}", "eu-west-1 111122223333 prod checkout"}, // built-ins win
		{"$${HOST}", "${HOST}"},
		{"a$${HOST}${HOST}", "a${HOST}api.example.com"},
		{"${NEST}", "${HOST}"}, // once, not again in what was inserted
		{"$HOST $batch $", "$HOST $batch $"},
	} {
		got, p := expand(c.in, e.lookup())
		require.Nil(t, p, c.in)
		assert.Equal(t, c.want, got.text, c.in)
		assert.Empty(t, got.missing, c.in)
	}
}

func TestExpandRefuses(t *testing.T) {
	e := vars(env("checkout"), "GLOB", "x*", "QUERY", "?", "ANY", "any", "URL", "https://me:s3cret@a.com")
	for _, c := range []struct{ value, want string }{
		{"${NONE}", "2:9: ${NONE} is not set; set NONE in the function's environment, or give it a default: ${NONE:-…}"},
		{"${stage}", "2:9: ${stage} is not known here; give it a default: ${stage:-…}"},
		{"${regoin}", "2:9: ${regoin} is not set; did you mean ${region}?"},
		{"${GLOB}.com", `2:9: ${GLOB} inserts a * or a ?; write * and ? in the policy itself, where a reviewer sees them`},
		{"a.com/${QUERY}", `2:9: ${QUERY} inserts a * or a ?; write * and ? in the policy itself, where a reviewer sees them`},
		{"a.com/*/${NONE:-*}", `2:9: ${NONE} inserts a * or a ?; write * and ? in the policy itself, where a reviewer sees them`},
		{"${URL}", `2:9: "${URL}" expands to a URL with user info; keep credentials out of it; a rule takes host and port alone`},
		{"${NONE:-}", `2:9: "${NONE:-}" expands to nothing; give it a value or a default, or delete the entry`},
		{"${ANY}", `2:9: "${ANY}" expands to any; write any out; a variable cannot open a whole kind`},
		{"${}", `2:9: "${}" is not a variable; write ${NAME} or ${NAME:-default}, or $${ for a literal ${`},
		{"${A-b}", `2:9: "${A-b}" is not a variable; write ${NAME} or ${NAME:-default}, or $${ for a literal ${`},
		{"${A", `2:9: "${A" has no closing }; close it, or write $${ for a literal ${`},
		{"${A:-${B}}", `2:9: the default of ${A} holds a variable; write plain text as its default`},
	} {
		_, err := Parse("p", []byte(white("http: "+c.value)), e)
		require.Error(t, err, c.value)
		assert.Equal(t, "p:"+c.want, err.Error(), c.value)
	}
}

// Values of sections and rules that do not apply are not expanded.
func TestExpandOnlyWhatApplies(t *testing.T) {
	src := "stage: prod\nfunctions:\n" +
		"  checkout: {whitelist: [{http: '${DEV_HOST}', stages: dev}]}\n" +
		"  other: {whitelist: [{http: '${OTHER_HOST}'}]}\n"
	_, err := Parse("p", []byte(src), env("checkout"))
	assert.NoError(t, err)
	_, err = Parse("p", []byte(src), env("other"))
	assert.EqualError(t, err, "p:4:30: ${OTHER_HOST} is not set; set OTHER_HOST in the function's environment, or give it a default: ${OTHER_HOST:-…}")
}

// What people read may hold what looks like a wildcard.
func TestExpandReason(t *testing.T) {
	e := vars(env("checkout"), "WIKI", "https://wiki.example.com/?page=payments*")
	set, rules := compiled(t, "owner: ${WIKI}\nwhitelist: [{http: a.com, reason: 'see ${WIKI}'}]", e)
	assert.Equal(t, "https://wiki.example.com/?page=payments*", set.info.Owner)
	assert.Equal(t, "see https://wiki.example.com/?page=payments*", rules[0].Origin.Reason)

	assert.Equal(t, `1:20: http: any in a whitelist needs a reason; add reason: … to say why everything is allowed`,
		refused(t, "whitelist: [{http: any, reason: '${NONE:-}'}]", e))
	set, _ = compiled(t, "owner: ${NONE:-}", e)
	assert.Empty(t, set.info.Owner, "what people read may be left empty")
}

// The syntax of every variable of the file is checked, whatever applies.
func TestExpandSyntaxEverywhere(t *testing.T) {
	_, err := ParseFile("p", []byte(`owner: ${O
stage: ${S
on_violation: {prod: "${V"}
notify: [{slack: "${N", functions: "${F}"}]
functions:
  a: {whitelist: [{http: a.com, stages: "${T", until: "${U"}], on_violation: "${W"}
  b: {blacklist: [{feed: "${X", reason: "${R"}]}
`))
	var errs Errors
	require.ErrorAs(t, err, &errs)
	var at [][2]int
	for _, e := range errs {
		at = append(at, [2]int{e.Line, e.Column})
	}
	assert.Equal(t, [][2]int{{1, 8}, {2, 8}, {3, 22}, {4, 18}, {4, 36}, {6, 41}, {6, 55}, {6, 78}, {7, 26}, {7, 41}}, at)
}
