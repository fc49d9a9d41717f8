// Package oldesttest tests Outguard with the oldest modules that it works with, and with the
// releases between those and the newest, which the other nested modules have. It is a module of its
// own, so that its versions are nobody else's.
package oldesttest

import "github.com/gobwas/glob"

// Programs that use the interface of gobwas/glob v0.2.3, which v1 does not have, go on building.
var _ glob.Glob = glob.MustCompile("a*")
