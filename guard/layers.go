package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/internal/buildmark"
	"github.com/outguard/outguard/netguard"
)

// layers are the layers of a guard that see calls without a line of code: http.DefaultTransport,
// the handler's context and the look-up of names.
type layers struct {
	off     netguard.Off
	byName  bool     // the layer of names is wanted
	require []string // layers without which every call is refused
	runtime string   // host:port of the Lambda Runtime API; "" outside Lambda

	mu   sync.Mutex
	http *httpguard.Installation // nil: not installed
	name *netguard.Names         // nil: not installed
	gap  []string                // of transports that g.Transport was given

	reported []string // gaps that recheck has returned, beside those of http

	tested sync.Once
	broken [2]error // what the self-tests of the context's and the names' layer found
}

// newLayers decides which layers are wanted. It installs nothing.
func newLayers(s *settings) layers {
	lambda := runtime.GOOS == "linux" && s.start("AWS_LAMBDA_FUNCTION_NAME") != ""
	return layers{off: s.off, byName: (lambda || s.Names) && !s.off.Names, require: s.Require, runtime: s.start("AWS_LAMBDA_RUNTIME_API")}
}

// install makes g judge in the process-wide layers.
func (l *layers) install(g *Guard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.http = httpguard.Install(g, l.runtime) // each time, because http.DefaultTransport may have been replaced
	if l.byName && l.name == nil {
		l.name = netguard.InstallNames(g)
	}
}

// uninstall ends g's part in the process-wide layers. Other guards keep judging there. A second
// call does nothing.
func (l *layers) uninstall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.http != nil {
		l.http.Uninstall()
		l.http = nil
	}
	if l.name != nil {
		l.name.Close()
		l.name = nil
	}
}

// recheck runs before each invocation's handler: dependencies may have changed net/http's defaults.
// The first time it guards what they have put there; later it returns the new gaps.
func (l *layers) recheck() (gaps []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A long-lived process reports each gap once, not with each invocation.
	others := l.gap
	if l.http != nil {
		gaps = l.http.Recheck()
	} else {
		others = append(slices.Clip(others), "the guard was closed: "+closedGap)
	}
	if l.name != nil {
		others = append(slices.Clip(others), l.name.Gap())
	}
	for _, gap := range others {
		if gap != "" && !slices.Contains(l.reported, gap) {
			l.reported, gaps = append(l.reported, gap), append(gaps, gap)
		}
	}
	return gaps
}

// closedGap is the gap of a guard that Close has taken out while its handlers still run.
const closedGap = "http.DefaultTransport and names are not judged by it any more"

// addGap notes a transport that is not wholly guarded.
func (l *layers) addGap(gap string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.gap, gap) {
		l.gap = append(l.gap, gap)
	}
}

// context returns the context that a handler gets: with the layer that judges what carries it.
func (l *layers) context(ctx context.Context, g *Guard) context.Context {
	if l.off.Context || buildmark.Is() { // package net asks about every dial then
		return ctx
	}
	return netguard.Context(ctx, g)
}

// test runs the self-tests of the layers once. They take less than a millisecond and send nothing.
func (l *layers) test() {
	l.tested.Do(func() {
		if !l.off.Context && !buildmark.Is() {
			l.broken[0] = netguard.TestContext()
		}
		if l.byName {
			l.broken[1] = netguard.TestNames()
		}
	})
}

// on reports which of the layers work.
func (l *layers) on() (http, context, names bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.http != nil && l.http.Active(), !l.off.Context && l.broken[0] == nil,
		l.name != nil && l.broken[1] == nil && l.name.Gap() == ""
}

// gaps returns the known gaps, as texts for people.
func (l *layers) gaps() (gaps []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.http == nil {
		gaps = append(gaps, "http.DefaultTransport is not guarded: call Load, Wrap or Install")
	} else {
		gaps = append(gaps, l.http.Gaps()...)
	}
	gaps = append(gaps, l.switchedOff()...)
	for _, err := range l.broken {
		if err != nil {
			gaps = append(gaps, err.Error())
		}
	}
	if l.name != nil {
		if gap := l.name.Gap(); gap != "" {
			gaps = append(gaps, gap)
		}
	}
	return append(gaps, l.gap...)
}

// switchedOff returns the gap that OUTGUARD_LAYERS makes. Every start line has it, also with the
// build word, because names are then not judged by themselves.
func (l *layers) switchedOff() []string {
	if off := l.off.String(); off != "" {
		return []string{"OUTGUARD_LAYERS=" + off + " switches layers off: calls that only they see are not judged"}
	}
	return nil
}

// missing returns the error for required layers that are not on; nil if all are. The layer of AWS
// counts only if aws is true: configs are usually loaded in the handler.
func (l *layers) missing(c Coverage, aws bool) error {
	state := map[string]bool{"http": c.HTTP, "context": c.Context, "names": c.Names, "aws": c.AWS || !aws, "build": c.Build}
	var off []string
	for _, layer := range l.require {
		switch on, known := state[layer]; {
		// A misspelt layer must not pass as satisfied: the guard refuses every call instead.
		case !known:
			return fmt.Errorf("outguard: Options.Require names the layer %q; use http, aws, context, names or build", layer)
		case !on && !slices.Contains(off, layer):
			off = append(off, layer)
		}
	}
	if off == nil {
		return nil
	}
	return errors.New("outguard: required layers are not on: " + strings.Join(off, ", ") + "; see the gaps in the start line")
}
