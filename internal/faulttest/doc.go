// Package faulttest tests the delivery of alerts against servers that fail in every way that a
// network and a receiver can: each kind of sink against each fault.
//
// The short form takes less than 40 seconds. With LONG=1, the test waits for the backoffs as
// they are, which takes some minutes.
package faulttest
