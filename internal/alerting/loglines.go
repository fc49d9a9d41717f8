package alerting

import "time"

// forgottenLine is logged when more distinct violations arrive than are remembered. Repeats of an
// evicted one count as new.
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
	Level       string    `json:"level"`
	Timestamp   time.Time `json:"timestamp"`
	Schema      string    `json:"schema"` // outguard.undelivered/v1
	Function    string    `json:"function"`
	Sink        string    `json:"sink"`
	Undelivered int       `json:"undelivered"`       // alerts not reported by an earlier line
	Dropped     int       `json:"dropped,omitempty"` // alerts given up: too many, or refused five times
	Kept        int       `json:"kept"`              // alerts that will be tried again
	Reason      string    `json:"reason"`
	PausedUntil time.Time `json:"paused_until,omitzero"` // the end of the sink's backoff
}

// unwrittenLine is logged when writing continues after lines were dropped.
type unwrittenLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.unwritten/v1
	Count     int       `json:"count"`  // lines
}
