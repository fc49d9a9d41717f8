// Package fetchapi has what package source asks package notify for: a document, by the means that
// deliver alerts.
package fetchapi

// A Request is for one document. One of its parts is set.
type Request struct {
	Have string // the version that is there; "" for none

	Local     Local  // the extension of AppConfig
	Object    Object // S3
	Parameter string // SSM: name or ARN
}

// Local is a path on this machine's loopback address.
type Local struct {
	Port, Path string
	Version    string // the header that holds the version
}

// Object is an object in S3.
type Object struct {
	Bucket, Key string
	Region      string // "": the function's
}

// A Response is the document. Data is nil if it is the version that is there.
type Response struct {
	Data    []byte
	Version string
}

// MaxDocument is how many bytes a document has at most. A longer one is an error.
const MaxDocument = 1 << 20

// MaxUnsigned is how many bytes a document has that nobody has to sign. Rules that are made to be
// slow take each call up to 10 ms in such a document, and 100 ms in one of the size of others.
const MaxUnsigned = 128 << 10
