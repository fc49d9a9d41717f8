package notify

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveEvents returns a sink whose n-th request is answered by the n-th response.
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

// A response that counts failures and names none proves nothing of any event.
func TestEventBridgeAnswersThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	sink, calls := serveEvents(t, `{"FailedEntryCount":2}`, `{"FailedEntryCount":1,"Entries":[{"EventId":"e1"}]}`, `{}`, `{"Entries":[{"EventId":"e2"},{"EventId":"e3"}]}`)
	require.NoError(t, sink.Notify(t.Context(), examples["three_at_once"]))
	assert.Equal(t, 4, *calls)
}

// PutEvents takes 256 KB in all, so big alerts go in several requests of at most that.
func TestEventBridgeKeepsToItsSize(t *testing.T) {
	var sizes, entries []int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Entries []event }
		body, _ := io.ReadAll(r.Body)
		json.Unmarshal(body, &in)
		size := 0
		for _, e := range in.Entries { // as AWS counts: 14 for the time, and the texts
			size += 14 + len(e.Source) + len(e.DetailType) + len(e.Detail)
		}
		sizes, entries = append(sizes, size), append(entries, len(in.Entries))
		io.WriteString(w, `{"Entries":[{"EventId":"e"}`+strings.Repeat(`,{"EventId":"e"}`, len(in.Entries)-1)+`]}`)
	}))
	defer server.Close()
	sink := &EventBridge{Bus: "security", Env: testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})}
	big := extremes()["long"][0]
	big.Reason, big.Allow, big.Call.Resources = strings.Repeat(`" `, 2000), strings.Repeat("\"\" \n", 1000), slices.Repeat([]string{strings.Repeat(`" `, 250)}, 20)
	for _, f := range []*string{&big.Function, &big.Version, &big.Alias, &big.Stage, &big.Owner, &big.Rule, &big.Place, &big.Policy, &big.Caller,
		&big.TraceID, &big.RequestID, &big.Region, &big.Account, &big.Call.Via, &big.Call.Access, &big.Call.Service, &big.Call.Operation,
		&big.Call.Method, &big.Call.Region, &big.Verdict, &big.List, &big.Call.Kind, &big.Fingerprint} {
		*f = strings.Repeat(`"`, 300)
	}
	require.NoError(t, sink.Notify(t.Context(), slices.Repeat([]Alert{big}, 20)))
	total := 0
	for i := range sizes {
		assert.LessOrEqual(t, sizes[i], 256<<10)
		assert.LessOrEqual(t, entries[i], 10)
		total += entries[i]
	}
	assert.Equal(t, 20, total)
	assert.Greater(t, sizes[0], 200<<10, "a request is filled, as far as whole alerts fill it")
	assert.Less(t, entries[0], 10, "size, not number, ends the first request")
}
