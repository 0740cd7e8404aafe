package contents

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// isSheet reports whether a zip is a spreadsheet.
func isSheet(z *zip.Reader) bool {
	for _, f := range z.File {
		if strings.EqualFold(f.Name, "xl/workbook.xml") {
			return true
		}
	}
	return false
}

// spreadsheet gives one sheet as CSV.
func (w *walk) spreadsheet(name string, in io.ReaderAt, size int64) error {
	if size > MaxSpreadsheet {
		return &Error{
			Name: name,
			Text: fmt.Sprintf("a spreadsheet over %d MB: save it as CSV", MaxSpreadsheet>>20),
		}
	}
	f, err := excelize.OpenReader(io.NewSectionReader(in, 0, size), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: 16 << 20, TmpDir: w.options.Temp,
		RawCellValue: true,
	})
	if err != nil {
		return &Error{
			Name: name, Text: "a spreadsheet that cannot be read: save it as CSV", err: err,
		}
	}
	defer f.Close()
	sheet, err := w.sheet(name, f)
	if err != nil {
		return err
	}
	rows, err := f.Rows(sheet)
	if err != nil {
		return unreadable(name, err)
	}
	defer rows.Close()
	text, pipe := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		pipe.CloseWithError(writeRows(name, rows, pipe))
	}()
	err = w.give(name, text)
	_ = text.Close() // ends the writing where the reading has ended
	<-written
	return err
}

// sheet returns the sheet that is asked for, or the first with rows.
func (w *walk) sheet(name string, f *excelize.File) (string, error) {
	sheets := f.GetSheetList()
	if len(sheets) > MaxSheets {
		return "", &Error{Name: name, Text: "too many sheets"}
	}
	for _, sheet := range sheets {
		switch {
		case w.options.Sheet != "" && !strings.EqualFold(sheet, w.options.Sheet):
			continue
		case w.options.Sheet != "", hasRows(f, sheet):
			return sheet, nil
		}
	}
	if w.options.Sheet != "" {
		return "", &Error{
			Name: name,
			Text: "no sheet " + w.options.Sheet + ": there are " + strings.Join(sheets, ", "),
		}
	}
	return "", &Error{Name: name, Text: "no sheet with rows in it"}
}

func hasRows(f *excelize.File, sheet string) bool {
	rows, err := f.Rows(sheet)
	if err != nil {
		return false
	}
	defer rows.Close()
	for rows.Next() {
		if cells, err := rows.Columns(); err != nil || len(cells) > 0 {
			return true // an error is told when the rows are read
		}
	}
	return false
}

// writeRows writes rows as CSV. Those that are empty are lines too, so that the
// number of a line is that of the row.
func writeRows(name string, rows *excelize.Rows, out io.Writer) error {
	c := csv.NewWriter(out)
	for rows.Next() {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return unreadable(name, err)
		}
		for i, cell := range cells {
			cells[i] = whole(cell)
		}
		if len(cells) == 0 {
			cells = []string{""}
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return unreadable(name, err)
	}
	c.Flush()
	return c.Error()
}

func unreadable(name string, err error) error {
	return &Error{Name: name, Text: "damaged: a sheet cannot be read", err: err}
}

// whole writes a number of a cell without an exponent if all its digits are
// there: 1.4155550123E10 is how a spreadsheet may keep 14155550123.
func whole(cell string) string {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(cell), "E")
	if !ok {
		return cell
	}
	places, err := strconv.Atoi(exponent)
	_, decimals, _ := strings.Cut(mantissa, ".")
	if err != nil || places < 1 || len(decimals) != places {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) >= 1<<53 {
		return cell
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
