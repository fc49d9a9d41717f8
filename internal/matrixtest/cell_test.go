package matrixtest

import "fmt"

// A cell is what came of a row in a column.
type cell struct {
	reached  bool // though the policy allows nothing
	reported bool // then
	fails    bool // the call, though the policy allows it
	log      string
}

// Words of the documentation.
const (
	refusedWord  = "refused"
	silentWord   = "refused, not reported"
	reportedWord = "reported only"
	unseenWord   = "not seen"
)

func (c *cell) verdict() string {
	switch {
	case !c.reached && c.reported:
		return refusedWord
	case !c.reached:
		return silentWord
	case c.reported:
		return reportedWord
	}
	return unseenWord
}

// word is how the tables have a cell.
func (c *cell) word() string {
	if c.fails {
		return c.verdict() + ", and the allowed call fails"
	}
	return c.verdict()
}

func (c *cell) String() string { return fmt.Sprintf("%s\n%s", c.word(), c.log) }
