package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
)

// An SNS publishes to a topic, standard or FIFO, with the function's own credentials.
//
// Alerts that a standard topic gets together become one message for each verdict and service. A
// FIFO topic gets a message for each alert. Its deduplication id is the same in all containers of
// the function, so a violation that the whole fleet sees at once arrives once.
//
// The topic must exist, and the function's role must allow sns:Publish. A message counts as
// published when SNS's response gives its id. An SNS may be used by several goroutines at once; it
// must not be copied after its first use.
type SNS struct {
	Topic string // ARN
	Env   *Env   // region, credentials, endpoints; nil: the process's environment at the first use

	link link
}

// Limits of PublishBatch: 10 messages, and 256 KB for all of them. batchBytes leaves room for
// attributes; it holds for a single message too.
const (
	batchEntries = 10
	batchBytes   = 240 << 10
)

// Notify publishes alerts.
func (s *SNS) Notify(ctx context.Context, alerts []Alert) error {
	messages, failed := sendAll(ctx, s.name(), s.messages(cleanAll(alerts)), s.publish)
	// A Notifier reports alerts. A message that failed stands for all of its own.
	var left []Alert
	for _, m := range messages {
		left = append(left, m.alerts...)
	}
	return failed.leaving(left)
}

// name is for errors: the topic without the account in its ARN.
func (s *SNS) name() string { return "sns " + s.Topic[strings.LastIndexByte(s.Topic, ':')+1:] }

// fifo reports whether the topic is FIFO, by the suffix that SNS demands.
func (s *SNS) fifo() bool { return strings.HasSuffix(s.Topic, ".fifo") }

// region returns the topic's region.
func (s *SNS) region() (string, error) {
	// The region decides which host gets the signed request, so it must be one.
	parts := strings.Split(s.Topic, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || !awsname.ValidRegion(parts[3]) {
		return "", errors.New("the topic is not an ARN of SNS: write it as arn:aws:sns:REGION:ACCOUNT:NAME")
	}
	return parts[3], nil
}

// batchSize returns how many of messages fit into one request; at least 1.
func batchSize(messages []snsMessage) int {
	n, size := 0, 0
	for _, m := range messages[:min(len(messages), batchEntries)] {
		// A single message that is too long is sent anyway: SNS refuses it with a reason, and
		// sendAll goes on.
		if size += m.size(); size > batchBytes && n > 0 {
			break
		}
		n++
	}
	return n
}

// publish sends one request; see sendAll. Messages that SNS does not confirm have failed.
func (s *SNS) publish(ctx context.Context, messages []snsMessage) (failed []snsMessage, n int, err error) {
	region, err := s.region()
	if err != nil {
		return nil, 0, err
	}
	messages = messages[:batchSize(messages)]
	form := publishForm(s.Topic, messages)
	body, cut, err := s.link.open(s.Env).aws.post(ctx, awsRequest{
		service: serviceSNS, region: region, kind: "application/x-www-form-urlencoded", body: []byte(form.Encode()),
		failure: snsFailure, hint: snsHint,
	})
	if err != nil {
		return nil, 0, err
	}
	var response snsResponse
	// Publish gives one id without the entry's, PublishBatch a list.
	if len(messages) == 1 {
		response = readPublished(body)
	} else {
		response = readBatchPublished(body)
	}
	failed, err = response.left(messages, cut)
	return failed, len(messages), err
}

// left returns the messages that are not confirmed, and why.
func (a snsResponse) left(messages []snsMessage, cut error) ([]snsMessage, error) {
	var left []snsMessage
	var refused []Alert
	var code string // of one that failed
	for i, m := range messages {
		f, failed := a.failed[entryID(i)]
		// An id in both lists counts as failed: to send twice is better than not at all.
		if a.published[entryID(i)] && !failed {
			continue
		}
		left = append(left, m)
		if failed {
			code = f.code
			if f.permanent {
				refused = append(refused, m.alerts...)
			}
		}
	}
	switch {
	case len(left) == 0:
		return nil, nil
	case refused != nil:
		return left, &errPartial{fmt.Errorf("refused %d of %d messages: %s", len(a.failed), len(messages), code), refused}
	case code != "":
		return left, &errTransient{err: fmt.Errorf("refused %d of %d messages: %s", len(a.failed), len(messages), code)}
	case cut != nil:
		return left, &errTransient{err: cut}
	}
	return left, &errTransient{err: errors.New("the response does not confirm the messages; is it from SNS?")}
}

// snsHint explains an error code.
func snsHint(code string) string {
	switch code {
	case "KMSAccessDenied", "KMSAccessDeniedException":
		return "the function's role, or the policy of the topic's key, does not allow kms:GenerateDataKey and kms:Decrypt"
	case "AuthorizationError", "AccessDenied", "AccessDeniedException":
		return "the function's role or the topic's policy does not allow sns:Publish"
	case "NotFound", "NotFoundException":
		return "there is no such topic"
	}
	return ""
}

// CloseIdleConnections closes connections that wait for another request.
func (s *SNS) CloseIdleConnections() { s.link.closeIdle() }
