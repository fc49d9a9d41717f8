// Package lambdago runs aws-lambda-go's own tests with every handler wrapped by a guard, and every
// event file of it through handlers of every event type, wrapped and bare. The tests and the files
// are copied from the module, so nothing of them is kept here.
package lambdago

// What the temporary module imports, so that this one's go.sum has it.
import (
	_ "github.com/aws/aws-lambda-go/lambda"

	_ "github.com/outguard/outguard/guard"
)
