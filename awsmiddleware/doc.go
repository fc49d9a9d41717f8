// Package awsmiddleware judges the calls of AWS SDK for Go v2 clients.
//
// [New] makes the option that config.WithAPIOptions takes.
package awsmiddleware
