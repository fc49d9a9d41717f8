package source

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/internal/sourceapi"
)

// This file asks a source in the background, and puts what is newer into effect between
// invocations.

const (
	fetchBudget = 10 * time.Second // of one Fetch
	startBudget = 2 * time.Second  // of the one in Load, with Options.SourceAtStart
	askEvery    = time.Minute      // at most; up to a quarter more, so that containers do not ask together
	capEvery    = time.Hour        // a cap is logged
	reportEvery = 5 * time.Minute  // the age of the policy is logged, at most
	mayFail     = 3                // fetches in a row that fail before there is an alert: a freeze cuts some
)

// A follower keeps the policy of one guard up to date.
type follower struct {
	name   string
	source Source
	host   sourceapi.Host
	facts  sourceapi.Facts
	keys   keys

	due    atomic.Int64 // when to ask again, in ns since 1970
	asking atomic.Bool  // held by the one goroutine that fetches and judges
	newest *accepted    // with the highest version of its kind of key; that goroutine has it

	mu       sync.Mutex
	running  int                 // invocations
	accepted *accepted           // the newest; nil: none yet
	pending  *sourceapi.Standing // takes effect when no invocation runs; nil: none
	applied  *sourceapi.Standing // took effect last; nil: none did
	refused  string              // the document that was refused last, which has been reported
	fails    int                 // fetches in a row that failed
	good     time.Time           // when the source last confirmed what is in effect or pending
	reported time.Time           // when the age was last logged
	capLine  time.Time           // when the cap was last logged
}

// newFollower returns the follower of a source. Unless the facts ask for a fetch at the start, it
// asks nothing yet.
func newFollower(name string, s Source, h sourceapi.Host) *follower {
	now := time.Now()
	f := &follower{name: name, source: s, host: h, facts: h.Facts(), good: now, reported: now}
	f.keys = readKeys(f.facts.Keys, f.facts.Layers)
	// No invocation runs yet, so what was fetched takes effect at once.
	if f.facts.AtStart {
		f.due.Store(now.Add(jitter(askEvery)).UnixNano())
		f.fetch(startBudget)
		f.swap()
	} else {
		f.due.Store(now.Add(jitter(askEvery / 2)).UnixNano()) // most containers that start need nothing newer
	}
	return f
}

// jitter returns a time from d to a quarter more.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/4) }

// About implements sourceapi.Follower.
func (f *follower) About() sourceapi.About {
	return sourceapi.About{Name: f.name, Keys: f.keys.ids(), Signed: f.keys.required, Warnings: f.keys.warnings}
}

// Begin implements sourceapi.Follower.
func (f *follower) Begin() {
	f.swap()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running++
}

// End implements sourceapi.Follower.
func (f *follower) End() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running--
}

// swap puts what is pending into effect, unless an invocation runs that would see it: an invocation
// is judged under one policy. Where several run at once, each keeps what it began with. A standing
// whose time is over gives place by itself.
func (f *follower) swap() {
	now := time.Now()
	f.mu.Lock()
	before := f.host.Current()
	next := before
	// With one invocation at a time, running is 0 at each Begin, because the last one has ended.
	if f.running == 0 || f.facts.Concurrent {
		if f.applied != nil { // another guard may have taken over the source
			next = f.applied
		}
		if f.pending != nil {
			next, f.pending = f.pending, nil
		}
		// A replacement or a cap ends with its time, even if the source does not answer any more.
		if f.accepted != nil && !next.Until.IsZero() && !now.Before(next.Until) {
			next = f.standing(f.accepted, now)
		}
		if next != before {
			f.host.Put(next)
			f.applied = f.host.Current()
		}
	}
	// A kill switch that is forgotten shows in the log once an hour.
	again := next == before && next.Capped != "" && now.Sub(f.capLine) >= capEvery
	if again || next.Capped != "" && next != before {
		f.capLine = now
	}
	f.mu.Unlock()
	switch {
	case next != before:
		f.host.Renew(next)
		f.log("applied", "", f.untried(next.Policy))
	case again:
		f.log("capped", "", "")
	}
}

// Ask implements sourceapi.Follower.
func (f *follower) Ask() {
	now := time.Now()
	due := f.due.Load()
	wait := due - now.UnixNano()
	if wait > int64(2*askEvery) { // the clock was ahead when that was noted
		wait = 0
	}
	// Of several invocations at once, one wins and asks.
	if wait <= 0 && f.due.CompareAndSwap(due, now.Add(jitter(askEvery)).UnixNano()) {
		go f.fetch(fetchBudget)
	}
}

// fetch asks the source once. Whatever happens, calls go on being judged as before.
func (f *follower) fetch(budget time.Duration) {
	// A second fetch beside a hanging one would add a goroutine each minute.
	if !f.asking.CompareAndSwap(false, true) { // the last Fetch hangs, or the process was frozen
		f.troubled(errors.New("the source did not answer"))
		return
	}
	done := make(chan struct{})
	go func() { // a Source of the program may hang
		defer close(done)
		defer f.asking.Store(false)
		defer func() {
			if bug := recover(); bug != nil {
				f.troubled(fmt.Errorf("an error in the source, or in Outguard: %v", bug))
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), budget)
		defer cancel()
		have := ""
		if last := f.last(); last != nil {
			have = last.version
		}
		data, sig, version, err := f.source.Fetch(ctx, have)
		switch {
		case err != nil:
			f.troubled(err)
		// Without a version of ours, no data would be an empty document, which judge refuses.
		case data == nil && have != "" && version == have:
			f.judgeAgain()
		default:
			f.judge(data, sig, version)
		}
	}()
	// A Source may ignore its context. Load waits for the budget at most, and the goroutine stays
	// behind.
	timer := time.NewTimer(budget)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// last returns what was accepted last, or nil.
func (f *follower) last() *accepted {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accepted
}
