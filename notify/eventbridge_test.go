package notify

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveEvents returns a sink whose n-th request is answered by the n-th answer.
func serveEvents(t *testing.T, answers ...string) (*EventBridge, *int) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		io.WriteString(w, answers[min(calls, len(answers))-1])
	}))
	t.Cleanup(server.Close)
	return &EventBridge{Bus: "security", Env: testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})}, &calls
}

const taken = `{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}`

func TestEventBridgeSendsAgainOnlyWhatFailed(t *testing.T) {
	sink, calls := serveEvents(t, `{"FailedEntryCount":1,"Entries":[{"EventId":"e1"},{"ErrorCode":"ThrottlingException"},{"EventId":"e3"}]}`, taken)
	require.NoError(t, sink.Notify(t.Context(), examples["three_at_once"]))
	assert.Equal(t, 2, *calls)

	sink, calls = serveEvents(t, `{"FailedEntryCount":1,"Entries":[{"EventId":"e1"},{"ErrorCode":"MalformedDetail"},{"EventId":"e3"}]}`)
	err := sink.Notify(t.Context(), examples["three_at_once"])
	var failed *DeliveryError
	require.ErrorAs(t, err, &failed)
	assert.EqualError(t, err, "eventbridge security: refused 1 of 3 events: MalformedDetail")
	assert.True(t, failed.Permanent)
	assert.Equal(t, cleanAll(examples["three_at_once"])[1:2], failed.Left)
	assert.Equal(t, 1, *calls)
}

// An answer that counts failures and names none proves nothing of any event.
func TestEventBridgeAnswersThatDoNotAddUp(t *testing.T) {
	sink, calls := serveEvents(t, `{"FailedEntryCount":2}`, `{"FailedEntryCount":1,"Entries":[{"EventId":"e1"}]}`, `{}`, `{"Entries":[{"EventId":"e2"},{"EventId":"e3"}]}`)
	require.NoError(t, sink.Notify(t.Context(), examples["three_at_once"]))
	assert.Equal(t, 4, *calls)
}
