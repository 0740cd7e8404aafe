package imports

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/sheet"
)

// Report writes, as CSV that is safe for spreadsheets, the rows of an import that
// could not be read, and the numbers that were listed already.
func (i *Imports) Report(
	ctx context.Context, w io.Writer, env dnc.Environment, id string,
) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"Line", "Input", "Phone Number", "Result", "Detail"})
	if err != nil {
		return err
	}
	err = i.Store.EachImportLine(ctx, env, id, func(l dnc.ImportLine) error {
		detail := l.Detail
		if l.File != "" {
			detail = l.File + ": " + detail
		}
		return out.Write([]string{
			strconv.FormatInt(l.Line, 10), sheet.Harmless(l.Input), "", "invalid",
			sheet.Harmless(detail),
		})
	})
	if err != nil {
		return err
	}
	err = i.Store.EachImportListed(ctx, env, id, func(n e164.Number) error {
		return out.Write([]string{"", "", sheet.Harmless(n.String()), "already_listed", ""})
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
