package guard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/netguard"
	"github.com/outguard/outguard/notify"
)

// TestMain runs the tests, or the function below that $HANDLER names: the tests run this binary as
// a Lambda function, under the real lambda.Start.
func TestMain(m *testing.M) {
	name := os.Getenv("HANDLER")
	if name == "" {
		os.Exit(m.Run())
	}
	start, ok := functions[name]
	if !ok {
		log.Fatalf("there is no function %q", name)
	}
	start()
}

// functions are the mains of the functions that the tests run.
var functions = map[string]func(){
	"script": func() { lambda.Start(guard.Wrap(run)) },
	"nested": func() {
		inner := guard.Wrap(func(ctx context.Context) { _, _ = get(ctx, os.Getenv("URL")) }).(func(context.Context) error)
		before := context.Background()
		lambda.Start(guard.Wrap(func(ctx context.Context) {
			_ = inner(before) // in the second invocation, the context of the first
			before = context.WithoutCancel(ctx)
		}))
	},
	"bare": func() { lambda.Start(bareHandlers[os.Getenv("KIND")]) },
	"wrapped": func() {
		lambda.Start(guard.Wrap(bareHandlers[os.Getenv("KIND")]))
	},
	"notifier": func() {
		budget, err := time.ParseDuration(os.Getenv("BUDGET"))
		if err != nil {
			log.Fatal(err)
		}
		o := &guard.Options{FlushBudget: budget}
		if sink := os.Getenv("SINK"); sink != "" {
			o.Notifiers = append(o.Notifiers, poster(sink))
		}
		g, err := guard.Load(o)
		if err != nil {
			log.Print(err)
		}
		lambda.Start(g.Wrap(run))
	},
	"init": func() {
		h := guard.Wrap(run)
		_, err := get(context.Background(), os.Getenv("URL"))
		fmt.Println("init:", err)
		lambda.Start(h)
	},
	"early names": func() {
		net.DefaultResolver.Dial = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				_, _ = server.Read(make([]byte, 512))
				server.Close()
			}()
			return client, nil
		}
		netguard.Remember() // as the init of package guard has done before the line above
		for _, name := range []string{"good.test", "evil.test", "good.test"} {
			_, err := net.DefaultResolver.LookupHost(context.Background(), name)
			fmt.Println("early:", err)
		}
		lambda.Start(guard.Wrap(run))
	},
	"fatal": func() {
		g, err := guard.Load(nil)
		if err != nil {
			log.Fatal(err)
		}
		lambda.Start(g.Wrap(run))
	},
	"stdout closed": func() {
		os.Stdout.Close()
		lambda.Start(guard.Wrap(run))
	},
	"no context":   func() { lambda.Start(guard.Wrap(func(url string) { get(context.Background(), url) })) },
	"second guard": secondGuard,
	"after return": afterReturn,
	"stream": func() {
		o := &guard.Options{FlushBudget: patience}
		if sink := os.Getenv("SINK"); sink != "" {
			o.Notifiers = append(o.Notifiers, poster(sink))
		}
		g, _ := guard.Load(o)
		lambda.Start(g.Wrap(streaming))
	},
	"url stream": func() { lambda.Start(guard.Wrap(urlStreaming)) },
	"concrete reader": func() {
		lambda.Start(guard.Wrap(func(ctx context.Context, s script) (*scriptReader, error) { return newScriptReader(ctx, s), nil }))
	},
	"transport": ownTransport,
	"handler":   func() { lambda.Start(guard.Wrap(bytesHandler{})) },
	"sigterm": func() {
		g, _ := guard.Load(&guard.Options{FlushBudget: patience, Notifiers: []notify.Notifier{poster(os.Getenv("SINK"))}})
		lambda.StartWithOptions(g.Wrap(run), lambda.WithEnableSIGTERM(func() {
			g.Flush(context.Background())
			os.Exit(0)
		}))
	},
}

// A script is an event that lists what the function does.
type script struct {
	Get        []string // URLs to get, one after another; the errors are swallowed
	Background bool     // with a context of no invocation
	Pause      string   // then a URL to get through a client of its own, which no guard sees
	Return     string   // "": the outcomes; "own error"; "the error": that of the last call; "panic"
}

func run(ctx context.Context, s script) ([]string, error) {
	if s.Background {
		ctx = context.Background()
	}
	var outcomes []string
	var last error
	for _, url := range s.Get {
		outcome, err := get(ctx, url)
		outcomes, last = append(outcomes, outcome), err
	}
	if s.Pause != "" {
		pause(s.Pause)
	}
	switch s.Return {
	case "own error":
		return outcomes, errors.New("own error")
	case "the error":
		return outcomes, last
	case "panic":
		panic("boom")
	}
	return outcomes, nil
}

// get gets a URL with the guarded http.DefaultClient. It returns the outcome in a word or two.
func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, os.ExpandEnv(url), nil)
	if err != nil {
		return err.Error(), err
	}
	resp, err := http.DefaultClient.Do(req)
	var blocked *guard.BlockedError
	var broken *guard.PolicyError
	switch {
	case errors.As(err, &blocked):
		return "blocked", err
	case errors.As(err, &broken):
		return "no policy", err
	case err != nil:
		return err.Error(), err
	}
	defer resp.Body.Close()
	return resp.Status, nil
}

func pause(url string) {
	client := http.Client{Transport: &http.Transport{}}
	if resp, err := client.Get(url); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

// A scriptReader is a stream: a first piece, then the calls of its script, then a second piece.
type scriptReader struct {
	ctx    context.Context
	script script
	n      int
}

func newScriptReader(ctx context.Context, s script) *scriptReader {
	return &scriptReader{ctx: ctx, script: s}
}

func (r *scriptReader) Read(p []byte) (int, error) {
	r.n++
	switch r.n {
	case 1:
		return copy(p, "first "), nil
	case 2:
		if _, err := run(r.ctx, r.script); err != nil {
			return 0, err
		}
		return copy(p, "second"), nil
	}
	return 0, io.EOF
}

func (r *scriptReader) Close() error { fmt.Println("reader closed"); return nil }

func streaming(ctx context.Context, s script) (io.Reader, error) { return newScriptReader(ctx, s), nil }

func urlStreaming(ctx context.Context, s script) (*events.LambdaFunctionURLStreamingResponse, error) {
	return &events.LambdaFunctionURLStreamingResponse{StatusCode: 201, Body: newScriptReader(ctx, s)}, nil
}

type bytesHandler struct{}

func (bytesHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var s script
	if err := json.Unmarshal(payload, &s); err != nil {
		return nil, err
	}
	outcomes, err := run(ctx, s)
	return []byte(strings.Join(outcomes, ",")), err
}

// ownTransport does to http.DefaultTransport what functions do, before it is guarded and after.
func ownTransport() {
	switch os.Getenv("TRANSPORT") {
	case "used":
		_, err := get(context.Background(), os.Getenv("URL"))
		fmt.Println("before the guard:", err)
	case "replaced":
		http.DefaultTransport = &http.Transport{MaxIdleConnsPerHost: 2}
	case "has a protocol":
		http.DefaultTransport.(*http.Transport).RegisterProtocol("http", http.DefaultTransport.(*http.Transport).Clone())
	}
	h := guard.Wrap(run)
	switch os.Getenv("TRANSPORT") {
	case "cloned":
		http.DefaultClient = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	case "tuned":
		http.DefaultTransport.(*http.Transport).MaxIdleConns = 3
	}
	lambda.Start(h)
}

// secondGuard loads a second guard, which replaces the first.
func secondGuard() {
	guard.Wrap(run)
	g, _ := guard.Load(&guard.Options{Policy: []byte(os.Getenv("SECOND")), PolicyName: "second.yaml"})
	lambda.Start(g.Wrap(run))
}

// afterReturn makes its calls in a goroutine that continues after the handler has returned, with
// the handler's context.
func afterReturn() {
	release := make(chan func(), 1)
	lambda.Start(guard.Wrap(func(ctx context.Context, s script) ([]string, error) {
		select {
		case late := <-release: // the second invocation lets the first one's goroutine go
			late()
			return nil, nil
		default:
			done := make(chan struct{})
			wait := make(chan struct{})
			go func() {
				<-wait
				outcomes, _ := run(context.WithoutCancel(ctx), s)
				fmt.Println("late:", outcomes)
				close(done)
			}()
			release <- func() { close(wait); <-done }
			return nil, nil
		}
	}))
}

// poster is a Notifier that posts alerts as JSON to a URL, and prints how many were delivered.
type poster string

func (p poster) Notify(ctx context.Context, alerts []notify.Alert) error {
	body, err := json.Marshal(alerts)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(p), bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := posting.Do(req)
	if err != nil {
		return errors.New("the sink cannot be reached")
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return errors.New(resp.Status)
	}
	fmt.Println("delivered", len(alerts))
	return nil
}

var posting = &http.Client{Transport: &http.Transport{}}

// bareHandlers are run with and without the guard, with equal results.
var bareHandlers = map[string]any{
	"value":        func(e map[string]any) (any, error) { return e, nil },
	"error":        func() error { return fmt.Errorf("wrapped: %w", io.ErrUnexpectedEOF) },
	"typed error":  func() error { return &customError{} },
	"panic":        func(context.Context) error { panic("boom") },
	"error panic":  func() { panic(&customError{}) },
	"nothing":      func() {},
	"reader":       func() (io.Reader, error) { return strings.NewReader("text"), nil },
	"buffer":       func() (*bytes.Buffer, error) { return bytes.NewBufferString("text"), nil },
	"content type": func() (*pngReader, error) { return &pngReader{strings.NewReader("png")}, nil },
	"URL stream": func() (*events.LambdaFunctionURLStreamingResponse, error) {
		return &events.LambdaFunctionURLStreamingResponse{Body: strings.NewReader("<p>")}, nil
	},
	"broken stream":  func() (io.Reader, error) { return io.MultiReader(strings.NewReader("half"), &failing{}), nil },
	"lambda.Handler": bytesHandler{},
	"nil":            nil,
	"no handler":     func(int, int, int) {},
}

type customError struct{}

func (*customError) Error() string { return "custom" }

type pngReader struct{ io.Reader }

func (*pngReader) ContentType() string { return "image/png" }

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, &customError{} }
