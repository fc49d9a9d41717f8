// Package policy says which outbound calls a function may make.
//
// [Parse] turns a policy file into a [Policy] for one function and stage, and [Policy.Decide] judges a call by it.
//
// The package is pure: it opens no connection, knows no AWS SDK and keeps no global state. A Policy is
// compiled once and never changes, so any number of goroutines may use it.
package policy
