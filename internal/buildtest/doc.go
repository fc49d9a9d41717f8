// Package buildtest proves what `outguard go` promises, with real builds. The programs that it
// builds are in folders of their own. It is a module of its own because they need libraries that
// Outguard does not.
package buildtest
