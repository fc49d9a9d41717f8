package alerting

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
	"time"

	"github.com/outguard/outguard/notify"
)

// limits bound the memory of what was seen. Zero fields stand for the defaults.
type limits struct {
	entries int // violations remembered. Default: 10,000
	bytes   int // what they hold. Default: 16 MB, because a function may have only 128 MB
}

const (
	defaultEntries = 10_000
	defaultBytes   = 16 << 20
)

// An identity is a hash of the fields that make two violations the same. Its seed is random, so
// that nobody can construct a collision. Among 10,000 violations, the odds of an accidental one
// are 1 to 10^11.
type identity uint64

// An entry is a violation that was seen, with the repeats that are still to be reported.
type entry struct {
	key          identity // of the clean alert
	form         identity // of the latest alert before cleaning; usually equal to key
	raw          identity // of the latest call as it was, ids included
	newer, older *entry
	alert        notify.Alert // as first recorded, clean
	last         sight        // the latest repeat
	ticket       *Ticket      // of the latest repeat
	concrete     []identity   // different calls so far, at most maxConcrete and one more
	unlogged     int          // repeats not yet in the log
	unsent       int          // repeats not yet sent to the sinks
	loggedAt     time.Time    // the log covers repeats up to here
	sentAt       time.Time    // the sinks cover repeats up to here
	summedUpTo   time.Time    // the end of the last sum for the sinks; zero before the first one
	listed       bool         // in Queue.repeated
}

// A sight is what differs between two alerts of the same violation.
type sight struct {
	time      time.Time
	requestID string
	traceID   string
	coldStart bool
}

// sightOf returns the sight of a.
func sightOf(a *notify.Alert) sight {
	return sight{a.Time, a.RequestID, a.TraceID, a.ColdStart}
}

// apply sets the fields of a that belong to the sight.
func (s *sight) apply(a *notify.Alert) {
	a.Time, a.RequestID, a.TraceID, a.ColdStart = s.time, s.requestID, s.traceID, s.coldStart
}

// size estimates the memory that e holds. Only texts from outside can be long.
func (e *entry) size() int {
	// Structs, map entries and short texts.
	const fixed = 1 << 10
	a := &e.alert
	n := fixed + len(a.Call.URL) + len(a.Reason) + len(a.Allow)
	for _, r := range a.Call.Resources {
		n += len(r) + 16
	}
	for i := range a.Against {
		n += len(a.Against[i].Reason) + len(a.Against[i].Place) + 128
	}
	return n
}

// A memory holds the violations that were seen, within limits, in order of their last sight. Apart
// from identify, its callers must hold Queue.mu.
type memory struct {
	limits
	seed   maphash.Seed
	byID   map[identity]*entry // each entry by its key and its raw identity
	count  int
	held   int    // bytes
	newest *entry // the ends of the list
	oldest *entry
}

// newMemory returns a memory without entries. Zero limits are the defaults.
func newMemory(l limits) memory {
	l.entries, l.bytes = cmp.Or(l.entries, defaultEntries), cmp.Or(l.bytes, defaultBytes)
	return memory{limits: l, seed: maphash.MakeSeed()}
}

// identify returns the identity of a. It may be called concurrently.
func (m *memory) identify(a *notify.Alert) identity {
	var h maphash.Hash
	// Each call has a Hash of its own, because several goroutines identify alerts without the lock.
	h.SetSeed(m.seed)
	a.Identity(func(piece string) { h.WriteString(piece) })
	return identity(h.Sum64())
}

// sighting returns a hash of what Identity is made of, as it is, without folding: most repeats are
// the same call. It may be called concurrently.
func (m *memory) sighting(a *notify.Alert) identity {
	const odd = 0x9e3779b97f4a7c15 // so that the order of the texts matters
	sum := uint64(1)
	for _, s := range [...]string{
		a.Function, a.Stage, a.Account, a.Region, a.Verdict, a.Rule, a.Call.Kind, a.Call.Method, a.Call.URL, a.Call.Service,
		a.Call.Operation, a.Call.Region, a.Call.Net, a.CallerIdentity(), a.FaultIdentity(),
	} {
		sum = bits.RotateLeft64(sum*odd, 29) ^ maphash.String(m.seed, s)
	}
	for _, r := range a.Call.Resources {
		sum = bits.RotateLeft64(sum*odd, 29) ^ maphash.String(m.seed, r)
	}
	return identity(sum)
}

// find returns the entry with the given identity, or nil.
func (m *memory) find(id identity) *entry { return m.byID[id] }

// surplus returns an entry that must be forgotten before another one fits: the one not seen for
// longest. It returns nil if there is room.
func (m *memory) surplus() *entry {
	if m.count >= m.entries || m.held > m.bytes {
		return m.oldest
	}
	return nil
}

// add adds an entry under its key.
func (m *memory) add(e *entry) {
	if m.byID == nil {
		m.byID = make(map[identity]*entry)
	}
	m.byID[e.key] = e
	m.count++
	m.held += e.size()
	m.link(e)
}

// forget removes an entry under all of its identities. If the violation comes again, it is new.
func (m *memory) forget(e *entry) {
	m.unlink(e)
	delete(m.byID, e.raw)
	delete(m.byID, e.form)
	delete(m.byID, e.key)
	m.count--
	m.held -= e.size()
}

// maxConcrete is how many different calls of one violation are counted exactly.
const maxConcrete = 64

// alias makes raw the latest call of e, in place of the previous one.
func (m *memory) alias(e *entry, raw identity) {
	// Identities may be equal. One that is still used stays in the map.
	if e.raw != e.key && e.raw != e.form {
		delete(m.byID, e.raw)
	}
	e.raw = raw
	m.byID[raw] = e
	if len(e.concrete) <= maxConcrete && !slices.Contains(e.concrete, raw) {
		e.concrete = append(e.concrete, raw)
	}
}

// aliasForm makes form another identity of e, in place of the previous one.
func (m *memory) aliasForm(e *entry, form identity) {
	if e.form != e.key && e.form != e.raw {
		delete(m.byID, e.form)
	}
	e.form = form
	m.byID[form] = e
}

// touch makes e the entry that was seen last.
func (m *memory) touch(e *entry) {
	m.unlink(e)
	m.link(e)
}

// link puts an entry without neighbours at the newest end of the list.
func (m *memory) link(e *entry) {
	e.newer, e.older = nil, m.newest
	if m.newest != nil {
		m.newest.newer = e
	} else {
		m.oldest = e
	}
	m.newest = e
}

// unlink takes an entry out of the list, wherever it is.
func (m *memory) unlink(e *entry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		m.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		m.oldest = e.newer
	}
}
