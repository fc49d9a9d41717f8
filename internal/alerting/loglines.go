package alerting

import (
	"strings"
	"time"
)

// forgottenLine is logged when more distinct violations arrive than are remembered. Repeats of an
// evicted one count as new. Kept is how many violations are remembered still.
type forgottenLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.forgotten/v1
	Function  string    `json:"function"`
	Count     int       `json:"count"` // evicted since the last such line
	Kept      int       `json:"kept"`
}

// undeliveredLine is logged at the end of a flush for a sink that did not take its alerts.
type undeliveredLine struct {
	Level        string    `json:"level"`
	Timestamp    time.Time `json:"timestamp"`
	Schema       string    `json:"schema"` // outguard.undelivered/v1
	Function     string    `json:"function"`
	Sink         string    `json:"sink"`
	Undelivered  int       `json:"undelivered"`        // alerts not reported by an earlier line
	Dropped      int       `json:"dropped,omitempty"`  // alerts without room; they are counted
	Kept         int       `json:"kept"`               // alerts that will be tried again
	Refusals     int       `json:"refusals,omitempty"` // of the alert that was refused most often
	Reason       string    `json:"reason"`
	Fingerprints []string  `json:"fingerprints,omitempty"` // of the dropped alerts, at most 50
	PausedUntil  time.Time `json:"paused_until,omitzero"`  // the end of the sink's backoff
}

// unwrittenLine is logged when writing continues after lines were dropped. It has no function,
// because an output may serve several queues.
type unwrittenLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.unwritten/v1
	Count     int       `json:"count"`  // lines
}

// moreLine is logged at the end of an invocation for violations that have no line of their own.
type moreLine struct {
	Level      string    `json:"level"`
	Timestamp  time.Time `json:"timestamp"`
	Schema     string    `json:"schema"` // outguard.more/v1
	Function   string    `json:"function"`
	Verdict    string    `json:"verdict"`
	Rule       string    `json:"rule,omitempty"`
	Place      string    `json:"place,omitempty"`
	Host       string    `json:"host,omitempty"`    // "…": further hosts
	Violations int       `json:"violations"`        // each of them new to the container
	Repeats    int       `json:"repeats,omitempty"` // of these, and of others
}

// beyondLine is logged at the end of an invocation for calls that a sink is not sent one by one.
// One message will count them, if the container runs again. Kinds are violations that differ, as
// Alert.Identity defines it. Calls counts their repeats too.
type beyondLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.beyond/v1
	Function  string    `json:"function"`
	Sink      string    `json:"sink"`
	Calls     int       `json:"calls"`
	Kinds     int       `json:"kinds"`
	Hosts     int       `json:"hosts"` // 101 stands for more than 100
}

// levelLine is logged once if Lambda's log level drops lines. Its own level is the one that Lambda
// still lets pass.
type levelLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.loglevel/v1
	LogLevel  string    `json:"log_level"`
	Dropped   string    `json:"dropped"`
}

// droppedLevels says which lines a log level of Lambda drops, or returns "". Lambda compares the
// level of each JSON line with the function's setting before CloudWatch gets the line, so a metric
// in it is lost too.
func droppedLevels(logLevel string) string {
	switch strings.ToUpper(logLevel) {
	case "ERROR":
		return "violations with the verdicts alert and log, and their metrics (lines of level WARN)"
	case "FATAL":
		return "all violations, and their metrics (lines of levels WARN and ERROR)"
	}
	return ""
}

// logLogLevel logs which lines are dropped, at a level that is not.
func (q *Queue) logLogLevel(logLevel string) {
	q.LogLine(levelLine{strings.ToUpper(logLevel), time.Now().UTC(), "outguard.loglevel/v1", logLevel, droppedLevels(logLevel)})
}
