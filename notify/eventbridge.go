package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// An EventBridge puts each alert on an event bus: an event with the source "outguard", the detail
// type "Outguard Violation" and the alert's JSON as detail. The function's role must allow
// events:PutEvents. An event counts as delivered when the response gives its id.
//
// It may be used by several goroutines at once; it must not be copied after its first use.
type EventBridge struct {
	Bus string // name or ARN
	Env *Env   // region, credentials, endpoints; nil: the process's environment at the first use

	link link
}

// Limits of PutEvents: 10 events, and 256 KB for all of them.
const (
	eventEntries = 10
	eventBytes   = 240 << 10
)

// An event is an entry of PutEvents. Its fields have the names of the API.
type event struct {
	Source       string
	DetailType   string
	Detail       string
	EventBusName string
	Time         int64 // seconds
}

// Notify puts alerts on the bus, ten at a time.
func (e *EventBridge) Notify(ctx context.Context, alerts []Alert) error {
	left, failed := sendAll(ctx, e.name(), cleanAll(alerts), e.put)
	return failed.leaving(left)
}

// put sends one request; see sendAll. Alerts that EventBridge does not confirm have failed.
func (e *EventBridge) put(ctx context.Context, alerts []Alert) (failed []Alert, n int, err error) {
	var entries []event
	size := 0
	for _, a := range alerts[:min(len(alerts), eventEntries)] {
		// 256 bytes are for the other fields, which count towards the limit too.
		detail, err := marshal(a)
		if err != nil {
			return nil, 0, err
		}
		if size += len(detail) + 256; size > eventBytes {
			break
		}
		entries = append(entries, event{"outguard", "Outguard Violation", strings.TrimSpace(string(detail)), e.Bus, a.Time.Unix()})
	}
	var out struct {
		FailedEntryCount int
		Entries          []struct{ EventID, ErrorCode string }
	}
	putEvents := jsonCall{serviceEvents, targetPutEvents}
	if err := putEvents.call(ctx, e.link.open(e.Env).aws, arnRegion(e.Bus), struct{ Entries []event }{entries}, &out); err != nil {
		return nil, 0, err
	}
	var refused []Alert
	for i := range entries {
		// Results are in the order of the entries. An id without an error is the confirmation.
		if i < len(out.Entries) && out.Entries[i].EventID != "" && out.Entries[i].ErrorCode == "" {
			continue
		}
		failed = append(failed, alerts[i])
		if i >= len(out.Entries) || out.Entries[i].ErrorCode == "" {
			continue
		}
		code := apiCode(out.Entries[i].ErrorCode)
		text := fmt.Errorf("refused %d of %d events: %s", out.FailedEntryCount, len(entries), code)
		// A refusal of one entry, for its size for example, does not concern the others.
		if !transientCode(code) {
			refused = append(refused, alerts[i])
			err = &errPartial{text, refused}
		} else if err == nil {
			err = &errTransient{err: text}
		}
	}
	// Something else answers on that address, for example an emulator that knows only the status.
	if len(failed) > 0 && err == nil {
		err = &errTransient{err: errors.New("the response does not confirm the events; is it from EventBridge?")}
	}
	return failed, len(entries), err
}

// name is for errors: the bus without the account in its ARN.
func (e *EventBridge) name() string {
	return "eventbridge " + e.Bus[strings.LastIndexAny(e.Bus, "/:")+1:]
}

// CloseIdleConnections closes connections that wait for another request.
func (e *EventBridge) CloseIdleConnections() { e.link.closeIdle() }
