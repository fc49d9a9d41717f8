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
	if len(alerts) == 0 {
		return nil
	}
	messages := s.messages(cleanAll(alerts))
	err := try(ctx, s.name(), func(ctx context.Context) (err error) {
		topic, err := s.open()
		if err != nil {
			return err
		}
		messages, err = topic.publishAll(ctx, messages)
		return err
	})
	var failed *DeliveryError
	if errors.As(err, &failed) {
		for _, m := range messages {
			failed.Left = append(failed.Left, m.alerts...)
		}
		failed.Permanent = failed.Permanent || len(failed.Refused) > 0 && len(failed.Refused) == len(failed.Left)
	}
	return err
}

func (s *SNS) name() string { return "sns " + s.Topic[strings.LastIndexByte(s.Topic, ':')+1:] }

func (s *SNS) fifo() bool { return strings.HasSuffix(s.Topic, ".fifo") }

func (s *SNS) open() (*snsTopic, error) {
	parts := strings.Split(s.Topic, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || !awsname.ValidRegion(parts[3]) {
		return nil, errors.New("the topic is not an ARN of SNS: write it as arn:aws:sns:REGION:ACCOUNT:NAME")
	}
	return &snsTopic{s.link.open(s.Env).aws, s.Topic, parts[3]}, nil
}

// An snsTopic publishes to one topic.
type snsTopic struct {
	client *awsClient
	arn    string
	region string
}

// publishAll publishes messages and returns those that it did not. What SNS refuses of one batch
// does not keep it from publishing the next.
func (t *snsTopic) publishAll(ctx context.Context, messages []snsMessage) (left []snsMessage, err error) {
	var refused []Alert
	for len(messages) > 0 {
		n := batchSize(messages)
		failed, batchErr := t.publish(ctx, messages[:n])
		left, messages = append(left, failed...), messages[n:]
		var partial *errPartial
		switch {
		case errors.As(batchErr, &partial):
			refused, err = append(refused, partial.refused...), batchErr
		case batchErr != nil:
			return append(left, messages...), withRefused(batchErr, refused)
		}
	}
	return left, withRefused(err, refused)
}

// withRefused adds what was refused earlier to an error.
func withRefused(err error, refused []Alert) error {
	if err == nil || refused == nil {
		return err
	}
	return &errPartial{err, refused}
}

// batchSize returns how many of messages fit into one request; at least 1.
func batchSize(messages []snsMessage) int {
	n, size := 0, 0
	for _, m := range messages[:min(len(messages), batchEntries)] {
		if size += m.size(); size > batchBytes && n > 0 {
			break
		}
		n++
	}
	return n
}

// publish sends one request and returns the messages that SNS does not confirm.
func (t *snsTopic) publish(ctx context.Context, messages []snsMessage) ([]snsMessage, error) {
	form := publishForm(t.arn, messages)
	body, cut, err := t.client.post(ctx, awsRequest{
		service: serviceSNS, region: t.region, kind: "application/x-www-form-urlencoded", body: []byte(form.Encode()),
		failure: snsFailure, hint: snsHint,
	})
	if err != nil {
		return messages, err
	}
	var answer snsAnswer
	if len(messages) == 1 {
		answer = readPublished(body)
	} else {
		answer = readBatchPublished(body)
	}
	return answer.left(messages, cut)
}

// left returns the messages that are not confirmed, and why.
func (a snsAnswer) left(messages []snsMessage, cut error) ([]snsMessage, error) {
	var left []snsMessage
	var refused []Alert
	var code string // of one that failed
	for i, m := range messages {
		if a.published[entryID(i)] {
			continue
		}
		left = append(left, m)
		if f, ok := a.failed[entryID(i)]; ok {
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
	case "AuthorizationError", "AccessDenied", "AccessDeniedException":
		return "the function's role or the topic's policy does not allow sns:Publish"
	case "NotFound", "NotFoundException":
		return "there is no such topic"
	}
	return ""
}

// CloseIdleConnections closes connections that wait for another request.
func (s *SNS) CloseIdleConnections() { s.link.closeIdle() }
