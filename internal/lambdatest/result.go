package lambdatest

import (
	"net/http"
	"strconv"
	"time"
)

// These are the headers and trailers of the Runtime API.
const (
	headerRequestID   = "Lambda-Runtime-Aws-Request-Id"
	headerDeadline    = "Lambda-Runtime-Deadline-Ms"
	headerFunctionARN = "Lambda-Runtime-Invoked-Function-Arn"
	headerTraceID     = "Lambda-Runtime-Trace-Id"
	trailerErrorType  = "Lambda-Runtime-Function-Error-Type"
	trailerErrorBody  = "Lambda-Runtime-Function-Error-Body"
)

// A Result is what a function returned for one event.
type Result struct {
	RequestID   string
	Body        []byte // of a stream that broke: what came before the error
	ContentType string
	Error       *Error // nil: the invocation succeeded
	MidStream   bool   // Error came as a trailer, after the response had begun
	// Chunks is in how many pieces the body arrived. aws-lambda-go sends every body chunked, so
	// only more than one piece, or the pieces as Request.Stream sees them, prove that a body was
	// not collected first.
	Chunks    int
	FirstByte time.Duration // from the event to the first byte of the body
	Duration  time.Duration // from the event to the end of the response
}

// An Error is how an invocation failed, in the form that Lambda hands to its caller.
type Error struct {
	Type    string  `json:"errorType"` // the Go type's name; Runtime.ExitError and Sandbox.Timedout are Lambda's own
	Message string  `json:"errorMessage"`
	Stack   []Frame `json:"stackTrace"` // of a panic
	Raw     []byte  `json:"-"`
}

// Error returns the type and the message in one line.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// A Frame is one line of a panic's stack.
type Frame struct {
	Path  string `json:"path"`
	Line  int    `json:"line"`
	Label string `json:"label"`
}

// A Request says how an event is sent. Its zero value, or nil, will do.
type Request struct {
	ID          string        // default: one is made up, in Lambda's form
	Timeout     time.Duration // the deadline is this far away when the function takes the event; default: the Config's
	FunctionARN string        // default: the function's own, without an alias
	TraceID     string        // default: none
	Header      http.Header   // further headers, such as Lambda-Runtime-Client-Context
	Stream      interface {   // gets the body's pieces while they come; default: nobody
		Write([]byte) (int, error)
	}
}

// header is what the Runtime API sends along with the event.
func (r *Request) header(c *Config, sent time.Time) http.Header {
	h := http.Header{}
	for k, v := range r.Header {
		// The function reads headers in canonical form. The ones set below win.
		h[http.CanonicalHeaderKey(k)] = v
	}
	h.Set(headerRequestID, r.ID)
	h.Set(headerDeadline, strconv.FormatInt(sent.Add(r.Timeout).UnixMilli(), 10))
	// A test sets an ARN with a qualifier to call an alias.
	arn := r.FunctionARN
	if arn == "" {
		arn = "arn:aws:lambda:" + c.region() + ":" + c.account() + ":function:" + c.name()
	}
	h.Set(headerFunctionARN, arn)
	if r.TraceID != "" {
		h.Set(headerTraceID, r.TraceID)
	}
	return h
}
