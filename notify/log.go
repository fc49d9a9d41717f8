package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// maxLine is the longest line that Log writes, line feed included. It fits one write to a pipe whose reader takes it whole,
// and every log agent's limit.
const maxLine = 32 << 10

// A Log writes alerts as JSON lines, each by one Write of less than 32 KB. Before the alert's own fields stand "level" and
// "timestamp", by which Lambda's log filter keeps it: a line without them counts as INFO and is dropped at level WARN.
// The zero Log writes to standard output. It may be used by several goroutines at once.
type Log struct {
	W io.Writer // nil: os.Stdout

	mu sync.Mutex
}

type line struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Alert
}

// Notify writes alerts, all of them whatever becomes of one.
func (l *Log) Notify(_ context.Context, alerts []Alert) error {
	var errs []error
	for _, a := range alerts {
		a = a.Clean()
		errs = append(errs, l.Line(line{Level: level(a.Verdict), Timestamp: a.Time, Alert: a}))
	}
	return errors.Join(errs...)
}

func level(verdict string) string {
	if verdict == "block" {
		return "ERROR"
	}
	return "WARN"
}

// Line writes any other value as one line of JSON. A value too long for a line is left out but for its first KB.
func (l *Log) Line(v any) error {
	buf, err := marshal(v)
	if err != nil {
		return err
	}
	if len(buf) >= maxLine {
		buf, err = marshal(map[string]string{"level": "ERROR", "schema": "outguard.cut/v1", "cut": string(bytes.ToValidUTF8(buf[:1<<10], nil))})
		if err != nil {
			return err
		}
	}
	w := l.W
	if w == nil {
		w = os.Stdout
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = w.Write(buf)
	return err
}

// marshal is json.Marshal, line feed included, without the escaping of <, > and & that nothing here is in need of.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}
