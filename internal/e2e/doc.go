// Package e2e tests Outguard with real SDK clients and real sockets on loopback. It is a module of
// its own, so that the clients it needs are no dependency of Outguard's.
package e2e
