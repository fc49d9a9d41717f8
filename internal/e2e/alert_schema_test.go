package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/notify/notifytest"
)

// alert.schema.json holds for every log line of the golden files, and for what is sent of alerts
// that no guard makes.
func TestAlertsKeepToTheirSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	file := filepath.Join("..", "..", "alert.schema.json")
	alert, err := c.Compile(file)
	require.NoError(t, err)
	envelope, err := c.Compile(file + "#/$defs/envelope")
	require.NoError(t, err)

	files, err := filepath.Glob(filepath.Join("..", "..", "notify", "testdata", "*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	lines := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range bytes.Lines(data) {
			lines++
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
			require.NoError(t, err)
			assert.NoError(t, alert.Validate(v), "%s", file)
		}
	}
	assert.Greater(t, lines, 10)

	e := notify.Envelope{Schema: notify.EnvelopeSchema}
	for _, a := range append(notifytest.Odd()[1:], notifytest.Alerts(3)...) {
		e.Alerts = append(e.Alerts, a.Clean())
	}
	data, err := json.Marshal(e)
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	assert.NoError(t, envelope.Validate(v))

	v, err = jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"schema":"outguard.alert/v1"}`)))
	require.NoError(t, err)
	assert.Error(t, alert.Validate(v), "the schema does refuse")
}
