package registry

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"nocall/internal/sheet"
)

// WriteCoverage writes what the version in force covers as CSV, an area a line. If
// safe, no spreadsheet takes a cell for a formula.
func (s State) WriteCoverage(w io.Writer, safe bool) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"Area Code", "Numbers", "As Of"})
	for _, c := range s.InForce.Areas {
		area := c.Area.String()
		if safe {
			area = sheet.Harmless(area)
		}
		if err == nil {
			err = out.Write([]string{
				area, strconv.FormatInt(c.Numbers, 10), c.AsOf.Format(time.DateOnly),
			})
		}
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
