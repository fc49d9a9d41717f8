package netguard

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/outguard/outguard/policy"
)

// maxEarly bounds the names that are remembered: a program looks few names up before main.
const maxEarly = 100

// remembering is the recorder of names that are looked up while no guard judges; nil: nobody
// remembers them.
var remembering atomic.Pointer[recorder]

// Remember makes the layer of names note what is looked up while no guard judges it: in init
// functions, and in main before the policy is loaded. It changes net.DefaultResolver as
// [InstallNames] does, and again if somebody has replaced that since.
func Remember() {
	remembering.CompareAndSwap(nil, new(recorder))
	installing.Lock()
	defer installing.Unlock()
	hookResolver()
}

// Early returns the look-ups that were made while no guard judged them, each as the call that a
// guard would have been asked about.
func Early() []policy.Call {
	r := remembering.Load()
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// A recorder is a guard that lets everything pass and notes the names.
type recorder struct {
	mu    sync.Mutex
	calls []policy.Call
}

// Check implements Guard. It notes names only: the addresses that they come to are not judged
// later.
func (r *recorder) Check(_ context.Context, c policy.Call) error {
	if c.Via != policy.ViaName {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// One look-up makes a query for each family of addresses. One of them is enough.
	same := func(other policy.Call) bool { return other.Net == c.Net && slices.Equal(other.Names, c.Names) }
	if len(r.calls) < maxEarly && !slices.ContainsFunc(r.calls, same) {
		r.calls = append(r.calls, c)
	}
	return nil
}
