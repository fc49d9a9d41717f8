package matrixtest

import (
	"flag"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

var update = flag.Bool("update", false, "write the documents anew")

// misses are the cells that do not reach their aim, with the reason. A row that is not here has to
// reach it, and a row that is here has to miss it.
var misses = map[int]map[string]string{}

// TestMatrix runs every cell. The documents have to say what came of it.
func TestMatrix(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the recorders' addresses, and the layer of names by default, are Linux's")
	}
	filled := fill(t)
	all := rows()
	assert.GreaterOrEqual(t, len(all), 40)
	for i, cells := range filled {
		for n := range cells {
			r, c := &all[n], &cells[n]
			missed := aim(i, r, c)
			if _, known := misses[i][r.name]; known != (missed != "") {
				t.Errorf("%s, %s: %q is listed as a miss: %t; %s", r.name, columns[i].name, missed, known, c)
			}
		}
	}
	document(t, filled)
}

// aim says how a cell misses what the column is for, or "".
func aim(column int, r *row, c *cell) string {
	if column == nothing {
		if !c.reached || c.reported { // the recorder has to count, or the row proves nothing
			return "the call does not arrive without a guard"
		}
		return ""
	}
	refused := !c.reached && c.reported
	switch {
	case c.fails:
		return "the allowed call does not arrive"
	case r.reportOnly() && !c.reported && (column == build || r.seen == reportedBelow):
		return "it is not reported"
	case r.reportOnly():
		return ""
	case column == build && !refused:
		return "it is not refused"
	case column == lower && r.seen == byName && !refused:
		return "it is not refused"
	case column == lower && r.seen == early && !r.address && !c.reported:
		return "it is not reported"
	case column == wired && r.recipe() && !refused:
		return "it is not refused"
	}
	return ""
}

// fill runs every cell.
func fill(t *testing.T) [][]cell {
	cert, file := newCertificate(t)
	type half struct{ denied, allowed []cell }
	halves := make([]half, len(columns))
	var runs sync.WaitGroup
	for i := range columns {
		r := runner{t: t, column: &columns[i], program: plain, child: plain, cert: cert, certificates: file}
		if r.column.built {
			r.program = guarded
		}
		d := r
		runs.Go(func() { halves[i].denied = d.run() })
		if i != nothing {
			a := r
			a.allow = true
			runs.Go(func() { halves[i].allowed = a.run() })
		}
	}
	runs.Wait()
	filled := make([][]cell, len(columns))
	for i, h := range halves {
		filled[i] = h.denied
		for n, c := range h.allowed {
			if filled[i][n].fails = c.fails; c.fails {
				filled[i][n].log += "allowed: " + c.log
			}
		}
	}
	return filled
}

// reportOnly reports whether the row is reported and not refused.
func (r *row) reportOnly() bool { return r.seen == reported || r.seen == reportedBelow }

// recipe reports whether the row is wired, or goes through http.DefaultTransport.
func (r *row) recipe() bool { return r.seen == byName && !slices.Contains(noRecipe, r.name) }

// noRecipe are rows with nothing to wire, or where that is forgotten.
var noRecipe = []string{
	"http.Transport.NewClientConn", "AWS SDK v2, the option is forgotten", "LookupHost, then Dial",
	"another scheme on DefaultTransport",
}
