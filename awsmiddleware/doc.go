// Package awsmiddleware judges the calls of AWS SDK for Go v2 clients.
//
// [New] makes the option that config.WithAPIOptions takes.
//
// A call is judged in two places:
//
//   - The operation and its input, right before the serializer. Nothing has been signed by then,
//     and no retry comes back to it. The step is put round the serializer while the call runs,
//     so that no option gets between. What is judged and serialized is a copy of the input,
//     because the program keeps the original and could change it.
//   - The host and the signing key, on each attempt, in the last step before the HTTP client.
//     That step is added while the call runs too. If the request is not the one that the
//     serializer has made (another method, path, query, body, content type or X-Amz header), it
//     is also judged as the plain HTTP request that it is. What is judged and sent is a copy
//     that no other step holds.
//
// Once a guard has refused, the call returns the refusal, whatever other steps do.
//
// # What remains
//
//   - An option that replaces APIOptions, or takes the step "Outguard" out of Initialize, takes
//     the guard out.
//   - A step that sends a request by itself, and not by the client's HTTP client, is not seen
//     here. A guarded HTTP client sees it.
//   - Steps that change the stack while a later step of it runs can take the last step out.
//
// A build by `outguard go` guards the clients whatever their options are.
package awsmiddleware
