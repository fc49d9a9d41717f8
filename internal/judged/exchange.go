package judged

import "sync/atomic"

var exchanges atomic.Int64

// Exchange notes that a guard of the process judges by another policy from now on. Connections that
// are open were judged by the one before, so none of them serves a request any more that has not
// been judged for it again.
func Exchange() { exchanges.Add(1) }

// Exchanges returns how often that has happened.
func Exchanges() int64 { return exchanges.Load() }
