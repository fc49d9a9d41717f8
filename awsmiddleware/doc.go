// Package awsmiddleware judges the calls of AWS SDK for Go v2 clients.
//
// [New] makes the option that config.WithAPIOptions takes.
//
// A call is judged in two places. The operation and its input are judged right before the serializer rather than at the end of the
// Initialize step: middleware of an option that comes after this one may still change the input there, and what the serializer
// gets is what is sent. Nothing has been signed by then, and no retry comes back to it. The host and the signing key are judged at
// the end of the Deserialize step, on each attempt; that middleware is added while the call runs, so that no option gets below it.
//
// One way round is left: an option after this one that inserts middleware between it and the serializer.
package awsmiddleware
