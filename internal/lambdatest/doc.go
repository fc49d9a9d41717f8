// Package lambdatest runs a Lambda function as Lambda does, on this machine: a process of its own,
// under the real lambda.Start, that takes its events from a Runtime API on loopback.
//
// The command outguard local uses it, and so do tests.
//
// [Start] starts a function and [Function.Invoke] sends it an event; the [Result] holds all that
// Lambda would see of the response: body, content type, how it was streamed, the error with its
// type and stack, and the error trailer of a stream that broke.
//
// What it keeps to: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, as far as
// aws-lambda-go uses it, and the part of the Extensions API behind lambda.WithEnableSIGTERM.
// Deadlines are enforced, a process that ends or is killed is started again by the next invocation,
// and no account, network or container is needed.
package lambdatest
