package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// maxLine is the length below which every line of a Log is, with its line feed. A pipe takes it in
// one write, and all log agents take it whole.
const maxLine = 32 << 10

// A Log writes alerts as JSON lines, each by one Write of less than 32 KB. A line starts with
// "level" and "timestamp". Lambda's log filter needs them: it takes a line without them for INFO,
// and drops it at level WARN.
//
// The zero Log writes to standard output. It may be used by several goroutines at once.
type Log struct {
	W io.Writer // nil: os.Stdout

	mu sync.Mutex
}

// A line is an alert with the two members that Lambda's filter reads.
type line struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Alert
}

// Notify writes alerts. An error with one of them does not stop the others.
func (l *Log) Notify(_ context.Context, alerts []Alert) error {
	var errs []error
	for _, a := range alerts {
		a = a.Clean()
		errs = append(errs, l.Line(line{Level: level(a.Verdict), Timestamp: a.Time, Alert: a}))
	}
	return errors.Join(errs...)
}

// level returns Lambda's level for a verdict.
func level(verdict string) string {
	if verdict == "block" {
		return "ERROR"
	}
	return "WARN"
}

// Line writes any other value as one line of JSON. Of a value too long for a line, only the first
// KB is written.
func (l *Log) Line(v any) error {
	buf, err := marshal(v)
	if err != nil {
		return err
	}
	// A longer line would arrive in pieces, none of them JSON. Clean alerts are shorter by far.
	if len(buf) >= maxLine {
		buf, err = marshal(map[string]string{"level": "ERROR", "schema": "outguard.cut/v1", "cut": strings.ToValidUTF8(string(buf[:1<<10]), "")})
		if err != nil {
			return err
		}
	}
	w := l.W
	if w == nil {
		w = os.Stdout
	}
	// Two writes at once may mix their lines, depending on the writer.
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = w.Write(buf)
	return err
}

// marshal is json.Marshal with a line feed, and without the escapes for <, > and &, which only HTML
// needs.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}
