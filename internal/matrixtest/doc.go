// Package matrixtest runs every way to call out (package ways) under every way to guard it. It
// writes down what came of it: docs/coverage.md, and sections of README.md and SECURITY.md.
//
//	go test .            fails when a cell is not as docs/coverage.md has it
//	go test . -update    writes the documents anew
//
// There are four columns: nothing, wired as docs/recipes.md says, the lower layers, and the build
// word. One program, fn, is built twice, by go and by outguard go. In each column it is run as a
// Lambda function, once by a policy that allows nothing and once by one that allows every call.
// Recorders on loopback count what arrives. Names are looked up for real (package dns).
package matrixtest
