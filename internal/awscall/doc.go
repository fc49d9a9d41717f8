// Package awscall describes what a call of an AWS operation does and touches: the IAM actions that
// it takes, and the canonical ARN of every resource that it names.
//
// Two readers find that out.
//
//   - The typed reader takes an SDK input, or ARNs. [NewOp] looks an operation up and plans how its
//     input is read, once; [Touches.Of] then runs the plan on each input without allocating. Inputs
//     are read by reflection, so that no service module is imported.
//   - The HTTP reader takes a request: [ParseEndpoint] finds the services of a host, and [FromHTTP]
//     finds the operation and its resources. It is in the files http*.go and endpoint*.go.
//
// The HTTP reader uses the typed one, never the other way round; a test holds the arrow.
package awscall
