// Package lambdagotest runs aws-lambda-go's own tests with every handler wrapped by a guard. It
// also runs every event file of that module through handlers of every event type, wrapped and bare.
// The tests and the files are copied from the module, so nothing of them is kept here.
package lambdagotest

// What the temporary module imports, so that this one's go.sum has it.
import (
	_ "github.com/aws/aws-lambda-go/lambda"

	_ "github.com/outguard/outguard/guard"
)
