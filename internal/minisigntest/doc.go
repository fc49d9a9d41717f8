// Package minisigntest compares the signatures of outguard sign with an implementation of minisign.
// Its module keeps that out of the root's.
package minisigntest
