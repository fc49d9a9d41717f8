package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// An EventBridge puts each alert on an event bus, as an event with the source "outguard", the detail type "Outguard Violation" and
// the alert's JSON as detail. It may be used by several goroutines at once; it must not be copied after its first use.
type EventBridge struct {
	Bus string // name or ARN

	account account
}

// Limits of PutEvents.
const (
	eventEntries = 10
	eventBytes   = 240 << 10
)

type event struct {
	Source       string
	DetailType   string
	Detail       string
	EventBusName string
	Time         int64 // seconds
}

// Notify puts alerts on the bus, ten at a time.
func (e *EventBridge) Notify(ctx context.Context, alerts []Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	left := cleanAll(alerts)
	err := try(ctx, e.name(), func(ctx context.Context) error {
		cfg, err := e.account.config(ctx, e.region())
		if err != nil {
			return err
		}
		for len(left) > 0 {
			n := min(len(left), eventEntries)
			failed, err := e.put(ctx, cfg, left[:n])
			left = append(failed, left[n:]...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	var failed *DeliveryError
	if errors.As(err, &failed) {
		failed.Left = left
	}
	return err
}

// put puts alerts and returns those that were not taken.
func (e *EventBridge) put(ctx context.Context, cfg aws.Config, alerts []Alert) ([]Alert, error) {
	var entries []event
	size := 0
	for _, a := range alerts {
		detail, err := marshal(a)
		if err != nil {
			return alerts, err
		}
		if size += len(detail) + 256; size > eventBytes {
			break
		}
		entries = append(entries, event{"outguard", "Outguard Violation", strings.TrimSpace(string(detail)), e.Bus, a.Time.Unix()})
	}
	var out struct {
		FailedEntryCount int
		Entries          []struct{ ErrorCode string }
	}
	if err := putEvents.call(ctx, cfg, struct{ Entries []event }{entries}, &out); err != nil {
		return alerts, err
	}
	if out.FailedEntryCount == 0 {
		return alerts[len(entries):], nil
	}
	var failed []Alert
	var err error
	for i, entry := range out.Entries {
		if entry.ErrorCode == "" || i >= len(entries) {
			continue
		}
		failed = append(failed, alerts[i])
		err = fmt.Errorf("refused %d of %d events: %s", out.FailedEntryCount, len(entries), apiCode(entry.ErrorCode))
		if transientCode(entry.ErrorCode) {
			err = &errTransient{err: err}
		}
	}
	if err == nil { // it does not say which
		return alerts, &errTransient{err: fmt.Errorf("refused %d of %d events", out.FailedEntryCount, len(entries))}
	}
	return append(failed, alerts[len(entries):]...), err
}

// transientCode reports AWS error codes that a later try may not meet.
func transientCode(code string) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	return throttled || strings.HasPrefix(code, "Internal") || code == "ServiceUnavailable"
}

func (e *EventBridge) name() string {
	return "eventbridge " + e.Bus[strings.LastIndexAny(e.Bus, "/:")+1:]
}

// region is that of a bus named by its ARN, else the function's.
func (e *EventBridge) region() string { return arnRegion(e.Bus) }

func arnRegion(arn string) string {
	if parts := strings.Split(arn, ":"); parts[0] == "arn" && len(parts) >= 6 {
		return parts[3]
	}
	return ""
}

// CloseIdleConnections closes connections that wait for another request.
func (e *EventBridge) CloseIdleConnections() { e.account.closeIdle() }
