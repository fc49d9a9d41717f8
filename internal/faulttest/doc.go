// Package faulttest tests the delivery of alerts against servers that fail in every way that a
// network and a receiver can: each kind of sink against each fault.
//
// It also runs a function under a Lambda Runtime API, which ends in every way, floods the log, or
// has many invocations at once.
//
// The short form takes less than a minute. With LONG=1, the tests wait for the backoffs as they
// are, which takes some minutes.
package faulttest
