package sheet

// Harmless returns a cell so that no spreadsheet takes it for a formula.
func Harmless(cell string) string {
	if cell == "" {
		return cell
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return "'" + cell
	}
	return cell
}
