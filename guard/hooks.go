package guard

//lint:file-ignore SA1019 the deprecated Dial shows a transport that sends nothing

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/internal/buildhooks"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/procenv"
	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/policy"
)

// What the calls do that `outguard go` inserts into a build. An ordinary build does not link it.
//
// Each of them asks the process's guard, and loads one as [Wrap] does when there is none. What a
// richer layer has judged passes: a request by its mark, a dial by the mark of the request or of
// the dial above it. So one call is judged once.
func init() {
	if !buildhooks.Inserted() {
		return
	}
	buildhooks.Set(&buildhooks.Hooks{
		RoundTrip: hookedRoundTrip, Operation: hookedOperation, Handler: hookedHandler,
		Dial: hookedDial, Connect: hookedConnect, Nameserver: hookedNameserver,
		Ask: hookedAsk, PreferGo: hookedPreferGo, Resolved: hookedResolved,
		Send: hookedSend, Child: hookedChild,
	})
}

// hooked asks the process's guards about all calls but those that deliver an alert. Its marks count
// as those of each of these guards.
type hooked struct{}

// Check asks all guards, as atCallTime does, but those that have judged the request above.
func (hooked) Check(ctx context.Context, c policy.Call) (first error) {
	if sinkmark.Is(ctx) {
		return nil
	}
	above := judged.From(ctx)
	for _, g := range hookedGuards() {
		// Another guard may have joined since: it still judges the request.
		if c.HTTP != nil && above.Judged(c.HTTP, g) {
			continue
		}
		if err := g.Check(ctx, c); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Guards returns the guards that are asked: a mark of this one counts for each of them.
func (hooked) Guards() (all []any) {
	for _, g := range hookedGuards() {
		all = append(all, g)
	}
	return all
}

// hookedGuards returns the guards of the process. When there is none yet, and no policy file, code
// may still load a policy that it embeds. Until then a guard that is not the process's refuses the
// calls.
func hookedGuards() []*Guard {
	if len(guards()) > 0 {
		return processGuards()
	}
	// An init function of a dependency may call out before main has loaded an embedded policy.
	early.once.Do(func() { early.guard, early.err = load(nil, layerDir) })
	if errors.Is(early.err, errNoFile) {
		return []*Guard{early.guard}
	}
	return processGuards()
}

// early is the guard that refuses calls while the process has no guard and no policy file. once
// guards both fields.
var early struct {
	once  sync.Once
	guard *Guard
	err   error
}

// hookedRoundTrip judges a request that not all guards of the process have judged above. A mark of
// anybody else counts for nothing. What is judged is a copy, and the copy is sent.
func hookedRoundTrip(rt http.RoundTripper, r *http.Request) (resp *http.Response, err error, done bool) {
	ctx := r.Context()
	if judged.From(ctx).Judged(r, hooked{}) || sinkmark.Is(ctx) || canon.IsQuestion(ctx) {
		return nil, nil, false
	}
	if t, ok := rt.(*http.Transport); ok {
		if r.URL != nil && r.URL.Scheme != "http" && r.URL.Scheme != "https" {
			return nil, nil, false // not HTTP: a client that is registered for the scheme dials, and its dial is judged
		}
		// A dump sends nothing, so it must neither be refused nor counted.
		if isDump(t) {
			return nil, nil, false
		}
	}
	// The host alone is not enough: other code that calls the Runtime API could, for example, take
	// the next event. So the caller counts too.
	if r.URL != nil && runtimeAPI() != "" && r.URL.Host == runtimeAPI() && calledByRuntime() {
		resp, err = pass(rt, r)
		return resp, err, true
	}
	t := httpguard.Transport{Guard: hooked{}, Base: rt}
	resp, err = t.RoundTrip(r)
	return resp, err, true
}

// isDump reports whether t is the transport of httputil.DumpRequestOut, which writes a request into
// memory. Its dial function connects to nobody, and no other code has it.
func isDump(t *http.Transport) bool {
	if t.Dial == nil {
		return false
	}
	f := runtime.FuncForPC(reflect.ValueOf(t.Dial).Pointer())
	return f != nil && strings.HasPrefix(f.Name(), "net/http/httputil.DumpRequestOut.")
}

// pass sends a request of aws-lambda-go to the Runtime API, marked as judged by every guard: its
// transport is a copy of http.DefaultTransport, which the guards of the process judge.
func pass(rt http.RoundTripper, r *http.Request) (*http.Response, error) {
	ctx := judged.WithAsked(r.Context(), judged.Asked{Address: runtimeAPI(), Whole: true})
	sent, mark := judged.Clone(r.WithContext(ctx))
	mark.By(hooked{}, true)
	defer mark.Void()
	resp, err := rt.RoundTrip(sent)
	// net/http documents Response.Request as the request that was sent. The caller knows r, not the
	// marked copy.
	if resp != nil && resp.Request == sent {
		resp.Request = r
	}
	return resp, err
}

// runtimeAPI returns where the Lambda Runtime API listens, if that is an address of this machine or
// link, and "" otherwise. It is read at the first call: sync.OnceValue would link it into every
// program.
func runtimeAPI() string {
	atStart.once.Do(func() {
		// The environment of the process start counts, so that os.Setenv cannot point it at another
		// host.
		a, err := netip.ParseAddrPort(procenv.Read().Getenv("AWS_LAMBDA_RUNTIME_API"))
		if err == nil && (a.Addr().IsLoopback() || a.Addr().IsLinkLocalUnicast()) {
			atStart.runtimeAPI = a.String()
		}
	})
	return atStart.runtimeAPI
}

// atStart is what runtimeAPI has read. once guards the other field.
var atStart struct {
	once       sync.Once
	runtimeAPI string
}

// calledByRuntime reports whether aws-lambda-go makes this call: the first function on the stack
// outside the standard library and Outguard is a method of its clients.
func calledByRuntime() bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		// A transport that the user wraps round the client would come first here, and is judged.
		if pkg := packageOf(f.Function); !isStandard(pkg) && !isOutguard(pkg) {
			return strings.HasPrefix(f.Function, "github.com/aws/aws-lambda-go/lambda.(*runtimeAPIClient).") ||
				strings.HasPrefix(f.Function, "github.com/aws/aws-lambda-go/lambda.(*extensionAPIClient).")
		}
		if !more {
			return false
		}
	}
}

// hookedOperation puts the process's guards into the stack, unless an option has done so. They put
// themselves round the serializer while the call runs.
func hookedOperation(s *middleware.Stack) error {
	// Each option adds a step with the next number: "Outguard", "Outguard2" and so on. Any of them
	// may ask the right guards.
	for n, id := 1, "Outguard"; ; n, id = n+1, "Outguard"+strconv.Itoa(n+1) {
		m, ok := s.Initialize.Get(id)
		if !ok {
			return guardStack(s)
		}
		if a, ok := m.(interface{ Asks(guard any) bool }); ok && isStep(m) {
			all := hookedGuards()
			if a.Asks(atCallTime{}) || len(all) == 1 && a.Asks(all[0]) {
				return nil
			}
		}
	}
}

// isStep reports whether a step is package awsmiddleware's: anybody can make one that says that it
// asks the guards.
func isStep(m middleware.InitializeMiddleware) bool {
	t := reflect.TypeOf(m)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == reflect.TypeFor[awsmiddleware.Guard]().PkgPath()
}

// guardStack adds the step that asks the process's guards. One is enough, because it looks them up
// for each call. It is made when it is needed: the initializer of a variable would link package
// awsmiddleware into every program.
func guardStack(s *middleware.Stack) error {
	guardStep.once.Do(func() { guardStep.add = awsmiddleware.New(hooked{}) })
	return guardStep.add(s)
}

// guardStep is what guardStack adds. once guards add.
var guardStep struct {
	once sync.Once
	add  func(*middleware.Stack) error
}

// hookedHandler wraps the handler that the program gives to lambda.Start. A program that calls Wrap
// too is wrapped twice; guards makes the inner one pass.
func hookedHandler(handler any) any { return Wrap(handler) }

// isHooked reports the packages beside the standard library and the SDK from which an inserted call
// comes: their caller is the one to name.
func isHooked(pkg string) bool {
	switch pkg {
	case "golang.org/x/net/http2", "golang.org/x/net/internal/socket", "golang.org/x/net/ipv4", "golang.org/x/net/ipv6",
		"golang.org/x/sys/unix":
		return true
	}
	return false
}
