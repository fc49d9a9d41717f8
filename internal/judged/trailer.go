package judged

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A trailed is the body of a copy of a request that declares a trailer. net/http sends the trailer
// that is there at the body's end. It checks neither the names that have come since, such as
// Content-Length, nor, by HTTP/2, the values. So the copy has a trailer of its own, which gets the
// values of the declared names from the caller's at the body's end, if all of them can be sent.
type trailed struct {
	io.ReadCloser
	from, to http.Header
}

// shareTrailer gives c, which is a copy of r, what r's trailer will be.
func shareTrailer(c, r *http.Request) {
	if len(r.Trailer) == 0 || r.Body == nil || r.Body == http.NoBody {
		return
	}
	c.Trailer = maps.Clone(r.Trailer)
	c.Body = &trailed{r.Body, r.Trailer, c.Trailer}
	// net/http sends the body again on another connection, and the trailer with it.
	if again := r.GetBody; again != nil {
		c.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			if err != nil {
				return nil, err
			}
			return &trailed{body, r.Trailer, c.Trailer}, nil
		}
	}
}

// Read reads the body. Its end is an error if the trailer must not be sent.
func (t *trailed) Read(p []byte) (n int, err error) {
	n, err = t.ReadCloser.Read(p)
	if err == io.EOF {
		err = t.end()
	}
	return n, err
}

// end brings the trailer to its last state. It returns io.EOF if that can be sent.
func (t *trailed) end() error {
	for key, values := range t.from {
		if _, declared := t.to[key]; !declared {
			return fmt.Errorf("the trailer %q came while the body was sent: declare it in Request.Trailer before", key)
		}
		if !slices.ContainsFunc(values, func(v string) bool { return strings.ContainsFunc(v, isControl) }) {
			t.to[key] = slices.Clone(values)
			continue
		}
		return fmt.Errorf("the trailer %q has a value that no header has", key)
	}
	return io.EOF
}

// isControl reports whether no value of a header has c (RFC 9110, 5.5).
func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }
