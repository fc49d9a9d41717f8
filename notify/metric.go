package notify

import "time"

// A Metric is a count of violations, written as a line of CloudWatch's embedded metric format.
// CloudWatch turns it into the metric Violations in the namespace Outguard, with the dimensions
// Function, Stage and Verdict. An alarm on it needs no code.
type Metric struct {
	Time     time.Time
	Function string
	Stage    string // "" leaves the dimension out
	Verdict  string
	Count    int
}

// Metric writes m as one line.
func (l *Log) Metric(m Metric) error {
	dimensions := []string{"Function", "Stage", "Verdict"}
	if m.Stage == "" {
		dimensions = []string{"Function", "Verdict"}
	}
	type definition struct {
		Name string
		Unit string
	}
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	type metadata struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}
	return l.Line(struct {
		Level     string    `json:"level"`
		Timestamp time.Time `json:"timestamp"`
		Schema    string    `json:"schema"`
		AWS       metadata  `json:"_aws"`
		Function  string
		Stage     string `json:",omitempty"`
		Verdict   string
		Count     int `json:"Violations"`
	}{
		level(m.Verdict), m.Time.UTC(), "outguard.metric/v1",
		metadata{m.Time.UnixMilli(), []directive{{"Outguard", [][]string{dimensions}, []definition{{"Violations", "Count"}}}}},
		m.Function, m.Stage, m.Verdict, m.Count,
	})
}
