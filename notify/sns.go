package notify

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// An SNS publishes to a topic, standard or FIFO, with the function's own credentials. To a standard topic, alerts handed over
// together become one message for each verdict and service. To a FIFO topic each is a message of its own, whose deduplication
// id is the same in all containers of the function: what a fleet sees at once arrives once.
//
// It may be used by several goroutines at once; it must not be copied after its first use. The client is made when the
// first alert is published. AWS_ENDPOINT_URL_SNS is honoured as by any SDK client.
type SNS struct {
	Topic string // ARN

	account account
	mu      sync.Mutex
	client  *sns.Client
}

// batchEntries and batchBytes are SNS's limits of PublishBatch; batchBytes holds for Publish too, and leaves room for attributes.
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
		client, err := s.load(ctx)
		if err != nil {
			return err
		}
		messages, err = publishAll(ctx, client, s.Topic, messages)
		return err
	})
	var failed *DeliveryError
	if errors.As(err, &failed) {
		for _, m := range messages {
			failed.Left = append(failed.Left, m.alerts...)
		}
	}
	return err
}

func (s *SNS) name() string { return "sns " + s.Topic[strings.LastIndexByte(s.Topic, ':')+1:] }

func (s *SNS) fifo() bool { return strings.HasSuffix(s.Topic, ".fifo") }

func (s *SNS) load(ctx context.Context) (*sns.Client, error) {
	parts := strings.Split(s.Topic, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[3] == "" {
		return nil, errors.New("the topic is no ARN of SNS: write it as arn:aws:sns:REGION:ACCOUNT:NAME")
	}
	cfg, err := s.account.config(ctx, parts[3])
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		s.client = sns.NewFromConfig(cfg)
	}
	return s.client, nil
}

// publishAll publishes messages and returns those that it did not.
func publishAll(ctx context.Context, c *sns.Client, topic string, messages []snsMessage) ([]snsMessage, error) {
	for len(messages) > 0 {
		n := batchSize(messages)
		if n == 1 {
			if err := publish(ctx, c, topic, messages[0]); err != nil {
				return messages, err
			}
			messages = messages[1:]
			continue
		}
		failed, err := publishBatch(ctx, c, topic, messages[:n])
		if err != nil {
			return append(failed, messages[n:]...), err
		}
		messages = messages[n:]
	}
	return nil, nil
}

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

func publish(ctx context.Context, c *sns.Client, topic string, m snsMessage) error {
	_, err := c.Publish(ctx, &sns.PublishInput{
		TopicArn: &topic, Subject: &m.subject, Message: &m.body, MessageStructure: aws.String("json"), MessageAttributes: m.attributes(),
		MessageGroupId: optional(m.group), MessageDeduplicationId: optional(m.id),
	})
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode()/100 == 2 {
		return nil // it has arrived, however the answer goes on
	}
	return snsError(err)
}

func publishBatch(ctx context.Context, c *sns.Client, topic string, messages []snsMessage) ([]snsMessage, error) {
	entries := make([]types.PublishBatchRequestEntry, len(messages))
	byID := make(map[string]snsMessage, len(messages))
	for i, m := range messages {
		id := fmt.Sprint("m", i)
		byID[id] = m
		entries[i] = types.PublishBatchRequestEntry{
			Id: &id, Subject: &m.subject, Message: &m.body, MessageStructure: aws.String("json"), MessageAttributes: m.attributes(),
			MessageGroupId: optional(m.group), MessageDeduplicationId: optional(m.id),
		}
	}
	out, err := c.PublishBatch(ctx, &sns.PublishBatchInput{TopicArn: &topic, PublishBatchRequestEntries: entries})
	if err != nil {
		return messages, snsError(err)
	}
	var failed []snsMessage
	for _, f := range out.Failed {
		if m, ok := byID[aws.ToString(f.Id)]; ok {
			failed = append(failed, m)
		}
		err = fmt.Errorf("refused %d of %d messages: %s", len(out.Failed), len(messages), apiCode(aws.ToString(f.Code)))
		if !f.SenderFault {
			err = &errTransient{err: err}
		}
	}
	return failed, err
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// snsError says in our own words what SNS answered, and whether another try is worthwhile.
func snsError(err error) error {
	if err == nil {
		return nil
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() == 0 {
		return &errTransient{err: sendError(err)}
	}
	code := ""
	if api := smithy.APIError(nil); errors.As(err, &api) {
		code = apiCode(api.ErrorCode())
	}
	hint := code
	switch code {
	case "AuthorizationError", "AccessDenied", "AccessDeniedException":
		hint += ": the function's role or the topic's policy does not allow sns:Publish"
	case "NotFound", "NotFoundException":
		hint += ": there is no such topic"
	}
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
		return &errTransient{errors.New("throttled: " + code), retryAfter(response.Response.Header.Get("Retry-After"), time.Now())}
	}
	if response.HTTPStatusCode()/100 == 2 {
		return &errTransient{err: errors.New("the answer was cut")}
	}
	return statusError(response.Response.Response, hint)
}

// sendError finds what the sink's HTTP client said, or says what else went wrong before a request was made.
func sendError(err error) error {
	var send *smithyhttp.RequestSendError
	if errors.As(err, &send) {
		return send.Err
	}
	return errors.New("the request was not made; are there AWS credentials?")
}

// apiCode returns an AWS error code if it looks like one. Nothing else that an answer says is repeated.
func apiCode(code string) string {
	if awsCode.MatchString(code) {
		return code
	}
	return "an error without a code"
}

var awsCode = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]{2,63}$`)

// CloseIdleConnections closes connections that wait for another request.
func (s *SNS) CloseIdleConnections() { s.account.closeIdle() }
