package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The client of Neptune's data API is given the endpoint of a cluster. IAM's actions on a query go
// by what it does, which the call does not show: it takes each of them.
func TestNeptunesDataAPI(t *testing.T) {
	const cluster = "https://c.cluster-x.eu-west-1.neptune.amazonaws.com:8182"
	call := func(operation, path string, wire bool) Call {
		c := Call{Via: ViaSDK, AWS: AWSCall{Service: "neptunedata", Operation: operation, Region: "eu-west-1", Input: inputOf(t, `{"Query":"x"}`)}}
		r := signedBy(t, ownKey, "neptune-db", http.MethodPost, cluster+path)
		if c.AWS.Given = r; wire {
			c.Via, c.HTTP = ViaWire, r
		}
		return c
	}
	query := call("ExecuteOpenCypherQuery", "/opencypher", false)
	none := parsed(t, "whitelist: []\n")
	entries := none.Cure(query, none.Decide(query)).Allow
	assert.Equal(t, "- aws: neptune-db:ExecuteOpenCypherQuery\n- http: "+cluster+"/opencypher\n  methods: [POST]", entries)
	p := parsed(t, "whitelist:\n"+entries+"\n")
	assert.True(t, p.Decide(query).Allowed())
	assert.True(t, p.Decide(call("ExecuteOpenCypherQuery", "/opencypher", true)).Allowed())
	assert.False(t, p.Decide(call("ExecuteFastReset", "/system", false)).Allowed())
	assert.False(t, p.Decide(call("ExecuteOpenCypherQuery", "/system", true)).Allowed())
	for rules, allowed := range map[string]bool{
		`blacklist: [{aws: "neptune-db:DeleteDataViaQuery"}]`:                       false,
		`blacklist: [{aws: "neptune-db:*", access: write}]`:                         false,
		`blacklist: [{aws: "neptune-db:ResetDatabase"}]`:                            true,
		`whitelist: [{aws: "neptune-db:*DataViaQuery"}, {http: "` + cluster + `"}]`: true,
		`whitelist: [{aws: "neptune-db:ReadDataViaQuery"}]`:                         false,
		`whitelist: [{aws: "neptune-db:*", access: read}]`:                          false,
	} {
		d := parsed(t, rules+"\n").Decide(query)
		assert.Equal(t, allowed, d.Allowed(), "%s: %s", rules, d.Reason)
	}
	_, err := Parse("policy.yaml", []byte("whitelist: [{aws: \"neptune-db:ReadDataViaQuery\", resources: \"cluster-X/*\"}]\n"), signedEnv())
	assert.ErrorContains(t, err, "delete resources:")
}
