package alerting

import (
	"slices"
	"time"
)

// This file has the metrics beside Violations: of the policy's age, and of a next policy. Their
// dimension sets are those of Violations without the verdict: none, the stage, and without
// aggregate the function.

// An Age is the part of a log line that CloudWatch reads as the metric PolicyAge: the seconds since
// the source of the policy has confirmed it. Function and Stage are there only if they are
// dimensions; the empty ones must not be, because CloudWatch refuses an empty value.
type Age struct {
	AWS       metadata `json:"_aws"`
	Function  string   `json:",omitempty"`
	Stage     string   `json:",omitempty"`
	PolicyAge int
}

// Age returns the metric.
func (q *Queue) Age(now time.Time, function, stage string, age time.Duration) *Age {
	// A clock that was set back would give a negative age.
	a := &Age{PolicyAge: max(0, int(age/time.Second))}
	a.Function, a.Stage, a.AWS = gauge(now, function, stage, q.aggregate, definition{"PolicyAge", "Seconds"})
	return a
}

// A differing is the part of a log line that CloudWatch reads as the metric NextDiffers: the calls
// with which a next policy would deal otherwise. A nil pointer adds nothing to the line that embeds
// it.
type differing struct {
	AWS         metadata `json:"_aws"`
	Function    string   `json:",omitempty"`
	Stage       string   `json:",omitempty"`
	NextDiffers int
}

// newDiffering returns the metric of n calls.
func newDiffering(now time.Time, function, stage string, aggregate bool, n int) *differing {
	d := &differing{NextDiffers: n}
	d.Function, d.Stage, d.AWS = gauge(now, function, stage, aggregate, definition{"NextDiffers", "Count"})
	return d
}

// gauge returns the dimensions of a metric, and what CloudWatch reads it by. A name that is not a
// dimension is "", which leaves its member out of the line.
func gauge(now time.Time, function, stage string, aggregate bool, d definition) (functionName, stageName string, m metadata) {
	sets := [][]string{{}}
	if isDimension(stage) {
		stageName = stage
		sets = append(sets, []string{"Stage"})
	}
	if isDimension(function) && !aggregate {
		functionName = function
		for _, s := range slices.Clone(sets) {
			sets = append(sets, append([]string{"Function"}, s...))
		}
	}
	return functionName, stageName, metadata{now.UnixMilli(), []directive{{"Outguard", sets, []definition{d}}}}
}
