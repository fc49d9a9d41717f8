// Package nethttptest runs net/http's own client tests through the guard. They are copied from the
// source of the Go that runs the test, so nothing of them is kept here.
package nethttptest

// What the temporary module imports, so that this one's go.sum has it.
import _ "github.com/outguard/outguard/httpguard"
