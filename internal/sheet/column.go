package sheet

import (
	"slices"
	"strings"
)

// numberNames are what columns with phone numbers are usually called, as [Plain]
// writes it, the surest first.
var numberNames = []string{
	"phonenumber", "phone", "telephonenumber", "telephone", "tel", "phoneno",
	"mobilenumber", "mobilephone", "mobile", "cellnumber", "cellphone", "cell",
	"landline", "homephone", "workphone", "phone1", "phone2", "phone3", "altphone",
	"msisdn", "e164", "number",
}

// Plain returns the name of a column in lower case, without what may stand
// between words.
func Plain(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// NamesNumber reports whether a column of that name has phone numbers.
func NamesNumber(name string) bool { return slices.Contains(numberNames, Plain(name)) }

// NumberColumns returns the columns that have phone numbers by their names.
func NumberColumns(names []string) (columns []int) {
	for i, name := range names {
		if NamesNumber(name) {
			columns = append(columns, i)
		}
	}
	return columns
}

// NumberColumn returns the one that is likeliest to have the phone numbers by
// its name, or -1.
func NumberColumn(names []string) int { return Column(names, numberNames...) }

// Column returns the first column that is called by one of the usual names, of
// which earlier ones go first, or -1.
func Column(names []string, usual ...string) int {
	for _, u := range usual {
		for i, name := range names {
			if Plain(name) == u {
				return i
			}
		}
	}
	return -1
}

// Find returns the column that is called name, or else the one that is but for
// its case, or -1.
func Find(names []string, name string) int {
	if i := slices.Index(names, name); i >= 0 {
		return i
	}
	name = strings.TrimSpace(name)
	return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// Listed names columns, the first of them.
func Listed(names []string) string {
	const most = 20
	all := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		all += ", …"
	}
	return all
}

// Likely returns the column in which most fields of the first rows are numbers,
// or -1. IsNumber says of a field whether it is one.
func Likely(rows [][]string, isNumber func(string) bool) int {
	var found []int
	for _, row := range rows {
		for len(found) < len(row) {
			found = append(found, 0)
		}
		for i, text := range row {
			if isNumber(text) {
				found[i]++
			}
		}
	}
	best := -1
	for i, n := range found {
		if best < 0 || n > found[best] {
			best = i
		}
	}
	if best < 0 || 2*found[best] <= len(rows) {
		return -1
	}
	return best
}

// IsEmpty reports whether nothing but spaces stands in fields.
func IsEmpty(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" })
}

// Shorten bounds what is repeated of a table.
func Shorten(text string) string {
	const most = 100 // bytes
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
