package alerting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/outguard/outguard/notify"
)

const (
	lineWait     = 250 * time.Millisecond // how long the writer of a line waits for it
	maxUnwritten = 1 << 20                // bytes of lines that wait; further lines are dropped and counted
)

// An output is the owner of a writer. One goroutine writes the lines, each whole and by one Write;
// it ends when no line is left. A writer that hangs therefore holds up nobody for longer than
// lineWait. Queues with the same writer do not share it, except for standard output.
type output struct {
	w io.Writer

	mu      sync.Mutex
	lines   []outputLine // not yet written; the first one is being written
	held    int          // bytes in lines
	running bool         // the goroutine exists
	stuck   bool         // somebody waited in vain: until lines is empty, nobody waits
	dropped int          // lines dropped since the last report
}

// An outputLine is one line, with its line feed.
type outputLine struct {
	text    []byte
	written chan struct{} // closed when it has been written; nil if nobody waits
}

// standardOutput is standard output as it is when the package starts. Code that assigns os.Stdout
// later, for example to a pipe that it reads itself, does not redirect the evidence, nor does code
// that closes the descriptor.
var standardOutput = output{w: files{kept(os.Stdout), os.Stderr}}

// files writes to standard output, and to standard error if that is closed. Lambda logs both.
type files struct{ stdout, stderr *os.File }

// Write returns the error of standard error if both fail.
func (f files) Write(b []byte) (int, error) {
	n, err := f.stdout.Write(b)
	if err != nil {
		n, err = f.stderr.Write(b)
	}
	return n, err
}

// Write hands over one line. It waits until the line has been written, for lineWait at most. A line
// that is not written by then stays in memory, up to maxUnwritten bytes in all.
func (o *output) Write(line []byte) (int, error) { return o.write(line, true) }

// unawaited hands over lines without waiting.
type unawaited struct{ *output }

func (u unawaited) Write(line []byte) (int, error) { return u.output.write(line, false) }

// write queues a line. An error means that the line was dropped.
func (o *output) write(line []byte, wait bool) (int, error) {
	o.mu.Lock()
	// An idle writer takes a line of any length: to drop the only one would help nobody.
	if o.held > 0 && o.held+len(line) > maxUnwritten {
		o.dropped++
		o.mu.Unlock()
		return 0, errUnwritten
	}
	// The caller uses its buffer again when this returns, and the line may not have been written by
	// then.
	l := outputLine{text: bytes.Clone(line)}
	if wait && !o.stuck {
		l.written = make(chan struct{})
	}
	o.lines = append(o.lines, l)
	o.held += len(line)
	if !o.running {
		o.running = true
		go o.run()
	}
	o.mu.Unlock()
	if l.written != nil {
		o.await(l.written)
	}
	return len(line), nil
}

// errUnwritten is the error of a line that was dropped.
var errUnwritten = errors.New("more than " + strconv.Itoa(maxUnwritten) + " bytes wait to be written")

// await waits for a line. If it takes too long, later writers do not wait at all until the queue is
// empty: 100 violations with a dead pipe cost 250 ms, not 25 s.
func (o *output) await(written <-chan struct{}) {
	timer := time.NewTimer(lineWait)
	defer timer.Stop()
	select {
	case <-written:
	case <-timer.C:
		o.mu.Lock()
		defer o.mu.Unlock()
		select {
		case <-written:
		// The line may have been written between the end of the timer and the lock.
		default:
			o.stuck = true
		}
	}
}

// run writes lines until none is left.
func (o *output) run() {
	returned := false
	defer func() {
		// runtime.Goexit in a Writer would end all logging otherwise: running would stay true for
		// ever.
		if !returned { // the user's Writer has ended this goroutine
			go o.run()
		}
	}()
	for o.writeNext() {
	}
	returned = true
}

// writeNext writes one line. It reports false if there is none.
func (o *output) writeNext() bool {
	l, ok := o.next()
	if !ok {
		return false
	}
	// Also when the Writer ends the goroutine: its line counts as written, because the same line
	// might end the next goroutine too.
	defer func() {
		o.mu.Lock()
		o.lines[0].text = nil
		o.lines = o.lines[1:]
		o.held -= len(l.text)
		o.mu.Unlock()
		if l.written != nil {
			close(l.written)
		}
	}()
	_ = write(o.w, l.text) // a log that fails cannot be reported anywhere
	return true
}

// next returns the line to write. When lines is empty, that is the report of what was dropped.
func (o *output) next() (outputLine, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	// The report comes last, when there is room for it.
	if len(o.lines) == 0 && o.dropped > 0 {
		var report bytes.Buffer
		_ = (&notify.Log{W: &report}).Line(unwrittenLine{"ERROR", time.Now().UTC(), "outguard.unwritten/v1", o.dropped})
		o.dropped = 0
		o.lines = append(o.lines, outputLine{text: report.Bytes()})
		o.held += report.Len()
	}
	if len(o.lines) == 0 {
		o.running, o.stuck, o.lines = false, false, nil
		return outputLine{}, false
	}
	return o.lines[0], true
}

// write turns a panic of the user's Writer into an error.
func write(w io.Writer, line []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%T panicked", w)
		}
	}()
	_, err = w.Write(line)
	return err
}
