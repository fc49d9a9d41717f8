// Package e2e tests Outguard with real SDK clients and real sockets on loopback. It is a module of
// its own, so that Outguard does not depend on the clients that it needs.
package e2e
