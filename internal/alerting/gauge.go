package alerting

import (
	"slices"
	"time"
)

// An Age is the part of a log line that CloudWatch reads as the metric PolicyAge: the seconds since
// the source of the policy has confirmed it.
type Age struct {
	AWS       metadata `json:"_aws"`
	Function  string   `json:",omitempty"`
	Stage     string   `json:",omitempty"`
	PolicyAge int
}

// Age returns the metric. Its dimensions are those of the metric Violations, without the verdict:
// none, the stage, and without aggregate the function.
func (q *Queue) Age(now time.Time, function, stage string, age time.Duration) *Age {
	a := &Age{PolicyAge: max(0, int(age/time.Second))}
	sets := [][]string{{}}
	if isDimension(stage) {
		a.Stage = stage
		sets = append(sets, []string{"Stage"})
	}
	if isDimension(function) && !q.aggregate {
		a.Function = function
		for _, s := range slices.Clone(sets) {
			sets = append(sets, append([]string{"Function"}, s...))
		}
	}
	a.AWS = metadata{now.UnixMilli(), []directive{{"Outguard", sets, []definition{{"PolicyAge", "Seconds"}}}}}
	return a
}
