// Package guard guards the outbound calls of a Lambda function by a policy file.
//
// [Wrap] is the shortest form: lambda.Start(guard.Wrap(handler)); [Load] makes a Guard to configure AWS clients with.
package guard
