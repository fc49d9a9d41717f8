package lambdatest

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// An api is the Lambda Runtime API of one process, with the corner of the Extensions API that
// aws-lambda-go uses.
type api struct {
	server   *http.Server
	addr     string
	queue    chan *invocation // unbuffered: what is received has been asked for by the function
	shutdown chan struct{}

	mu         sync.Mutex
	asked      bool // the process has asked for an event: its init is over
	running    map[string]*invocation
	extensions int    // registered ones
	initError  *Error // posted to /runtime/init/error
}

// An invocation is one event on its way through a function.
type invocation struct {
	event   []byte
	request *Request
	config  *Config
	sent    time.Time // when the function took it, from which its time counts
	taken   chan struct{}
	result  chan *Result // of capacity 1
	once    sync.Once
}

// finish settles the invocation, unless it is settled.
func (i *invocation) finish(r *Result) {
	i.once.Do(func() {
		r.Duration = time.Since(i.sent)
		i.result <- r
	})
}

// newAPI starts a Runtime API on a free port of loopback. close ends it.
func newAPI() (*api, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &api{addr: ln.Addr().String(), queue: make(chan *invocation), shutdown: make(chan struct{}), running: map[string]*invocation{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initFailure)
	mux.HandleFunc("POST /2020-01-01/extension/register", a.register)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", a.extensionNext)
	a.server = &http.Server{Handler: mux}
	go a.server.Serve(ln) // always http.ErrServerClosed
	return a, nil
}

// close ends all requests under way, also those that wait for an event. It must be called once.
func (a *api) close() {
	close(a.shutdown)
	a.server.Close()
}

// next gives the function an event, and waits until there is one. Lambda's API has no timeout here
// either.
func (a *api) next(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	// The first question ends the init, and with it the limit of wait.
	a.asked = true
	a.mu.Unlock()
	select {
	case inv := <-a.queue:
		// Time starts when the process takes the event, so waiting for a turn is free.
		inv.sent = time.Now()
		// sent is set before, so that Invoke may read it without a lock.
		close(inv.taken)
		a.mu.Lock()
		a.running[inv.request.ID] = inv
		a.mu.Unlock()
		maps.Copy(w.Header(), inv.request.header(inv.config, inv.sent))
		w.Header().Set("Content-Type", "application/json")
		w.Write(inv.event) // a function that has gone is seen by its process
	case <-a.shutdown:
	case <-r.Context().Done():
	}
}

// take ends the bookkeeping for the invocation that r names.
func (a *api) take(w http.ResponseWriter, r *http.Request) *invocation {
	id := r.PathValue("id")
	a.mu.Lock()
	defer a.mu.Unlock()
	inv := a.running[id]
	// A second result for one event gets an error, as from Lambda.
	delete(a.running, id)
	if inv == nil {
		http.Error(w, `{"errorType":"InvalidRequestID","errorMessage":"no such invocation"}`, http.StatusBadRequest)
	}
	return inv
}

// response takes the result of an invocation, piece by piece, as a stream arrives.
func (a *api) response(w http.ResponseWriter, r *http.Request) {
	inv := a.take(w, r)
	if inv == nil {
		return
	}
	res := &Result{RequestID: r.PathValue("id"), ContentType: r.Header.Get("Content-Type")}
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Body.Read(buf)
		if n > 0 {
			if res.Chunks == 0 {
				res.FirstByte = time.Since(inv.sent)
			}
			res.Chunks++
			res.Body = append(res.Body, buf[:n]...)
			if inv.request.Stream != nil {
				inv.request.Stream.Write(buf[:n]) // the test's own writer
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return // cut off in the middle: the end of the process, or the deadline, settles it
		}
	}
	// The status was sent before the stream broke, so the error comes as a trailer.
	if kind := r.Trailer.Get(trailerErrorType); kind != "" {
		// aws-lambda-go encodes the error in base64, because a trailer is one line.
		body, _ := base64.StdEncoding.DecodeString(r.Trailer.Get(trailerErrorBody))
		res.Error, res.MidStream = parseError(body), true
		res.Error.Type = kind
	}
	inv.finish(res) // first: the process may end once it has its result
	accepted(w)
}

// failure takes the error that aws-lambda-go posts for a handler that failed or panicked.
func (a *api) failure(w http.ResponseWriter, r *http.Request) {
	inv := a.take(w, r)
	if inv == nil {
		return
	}
	body, _ := io.ReadAll(r.Body)
	inv.finish(&Result{RequestID: r.PathValue("id"), ContentType: r.Header.Get("Content-Type"), Error: parseError(body)})
	accepted(w)
}

// initFailure keeps the error of an init. The process ends by itself, and exitResult returns the
// error.
func (a *api) initFailure(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	a.initError = parseError(body)
	a.mu.Unlock()
	accepted(w)
}

// register counts extensions: with one, Stop sends SIGTERM first, as Lambda does.
func (a *api) register(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.extensions++
	id := a.extensions
	a.mu.Unlock()
	w.Header().Set("Lambda-Extension-Identifier", "extension-"+strconv.Itoa(id))
	w.Write([]byte("{}"))
}

// extensionNext waits for the end of the process.
func (a *api) extensionNext(w http.ResponseWriter, r *http.Request) {
	select { // no event is ever sent: aws-lambda-go registers for none
	case <-a.shutdown:
	case <-r.Context().Done():
	}
}

// accepted writes the response that the Runtime API gives to a result.
func accepted(w http.ResponseWriter) {
	w.WriteHeader(http.StatusAccepted)
	w.Write([]byte(`{"status":"OK"}`))
}

// parseError reads an error in Lambda's form. Any other text becomes its message.
func parseError(body []byte) *Error {
	e := &Error{Raw: body}
	if err := json.Unmarshal(body, e); err != nil {
		e.Message = string(body)
	}
	return e
}
