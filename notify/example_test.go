package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/notify/notifytest"
)

// A Publisher is the part of an SDK client that Topic uses. *sns.Client has a method like it:
//
//	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
type Publisher interface {
	Publish(ctx context.Context, topic, message string) error
}

// Topic publishes alerts by a client that the function has anyway. It may be used by several
// goroutines at once, as SDK clients may.
type Topic struct {
	Client Publisher
	ARN    string
}

// Notify publishes each alert. What the error says is logged, so it must not hold a secret.
func (t *Topic) Notify(ctx context.Context, alerts []notify.Alert) error {
	for i, a := range alerts {
		text, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if err := t.Client.Publish(ctx, t.ARN, string(text)); err != nil {
			return &notify.DeliveryError{Sink: "topic", Left: alerts[i:], Err: fmt.Errorf("publish: %w", err)}
		}
	}
	return nil
}

type printer struct{}

func (printer) Publish(_ context.Context, topic, message string) error {
	fmt.Println(topic, len(message) > 0)
	return nil
}

// A sink of your own takes any SDK client, with credentials from a profile, from SSO or from
// another role, which [SNS] does not read:
//
//	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile("security"))
//	topic := &Topic{Client: sns.NewFromConfig(cfg), ARN: arn}
//	g, err := guard.Load(&guard.Options{Notifiers: []notify.Notifier{topic}})
//
// Do not give that client the option of [guard.Guard.AWS]: the guard would judge each of its
// alerts. The package notifytest checks sinks.
func ExampleNotifier() {
	var sink notify.Notifier = &Topic{Client: printer{}, ARN: "arn:aws:sns:eu-west-1:111122223333:alerts"}
	fmt.Println(sink.Notify(context.Background(), notifytest.Alerts(1)))
	// Output:
	// arn:aws:sns:eu-west-1:111122223333:alerts true
	// <nil>
}

// A guard writes alerts as lines of JSON.
func ExampleLog() {
	log := &notify.Log{W: os.Stdout}
	_ = log.Line(map[string]string{"schema": "example/v1", "level": "INFO"})
	// Output: {"level":"INFO","schema":"example/v1"}
}

// The environment is read when the sink is made; what the function sets later does not redirect it.
func ExampleReadEnv() {
	sns := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.FormValue("Action"), r.FormValue("TopicArn"))
		fmt.Fprint(w, "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>")
	}))
	defer sns.Close()
	variables := map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL_SNS": sns.URL}
	env := notify.ReadEnv(func(name string) string { return variables[name] })
	variables["AWS_ENDPOINT_URL_SNS"] = "https://evil.example"

	sink := &notify.SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:security-alerts", Env: env}
	fmt.Println(sink.Notify(context.Background(), notifytest.Alerts(1)))
	// Output:
	// Publish arn:aws:sns:eu-west-1:111122223333:security-alerts
	// <nil>
}

func ExampleSlack() {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct{ Text string }
		_ = json.NewDecoder(r.Body).Decode(&message)
		fmt.Println(message.Text)
		fmt.Fprint(w, "ok")
	}))
	defer slack.Close()
	sink := &notify.Slack{URL: slack.URL + "/services/T0/B0/x"}
	fmt.Println(sink.Notify(context.Background(), notifytest.Alerts(1)))
	// Output:
	// Blocked in checkout (prod): GET https://host-0.example/v1
	// <nil>
}

func ExampleWebhook() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println("signed:", r.Header.Get("webhook-signature") != "")
	}))
	defer server.Close()
	sink := &notify.Webhook{URL: server.URL, Secret: "any text"}
	fmt.Println(sink.Notify(context.Background(), notifytest.Alerts(1)))
	// Output:
	// signed: true
	// <nil>
}

func ExampleCallerPackage() {
	fmt.Println(notify.CallerPackage("example.com/app/pay.(*C).Charge pay.go:12"))
	// Output: example.com/app/pay
}
