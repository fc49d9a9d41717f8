//go:build outguard_never

package main

// "outguard go" adds this import to the programs that it builds. This file is never compiled. The
// go command looks at it all the same, whatever the tag: it makes go get -tool, go mod tidy and go
// mod vendor fetch what package guard needs.
import _ "github.com/outguard/outguard/guard"
