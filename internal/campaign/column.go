package campaign

import (
	"errors"
	"fmt"
	"strings"

	"nocall/internal/e164"
)

// columns says what stands in which column of a file.
type columns struct {
	names    []string
	number   int
	timezone int // -1 if there is none
}

// numberNames and zoneNames are what the columns of numbers and time zones are
// usually called, without what plain takes away. Earlier ones go first.
var (
	numberNames = []string{"phonenumber", "phone", "number", "mobile"}
	zoneNames   = []string{"timezone"}
)

// What is wrong with the columns of a file, for users.
var (
	errHeadless = errors.New("a number where the names of columns should be: " +
		"want a first line such as phone_number")
	errNoNumbers = errors.New("no column phone_number: name the one with the numbers")
	errOneColumn = errors.New("one column for numbers and time zones: want two")
)

// findColumns finds the columns that are needed among those of a file. Its
// errors are for users.
func findColumns(header []string, o ReadOptions) (columns, error) {
	c := columns{names: make([]string, len(header)), timezone: -1}
	seen := make(map[string]bool)
	for i, name := range header {
		c.names[i] = strings.TrimSpace(name)
		if c.names[i] != "" && seen[c.names[i]] {
			return c, fmt.Errorf("two columns with the name %s: give each its own",
				shorten(c.names[i]))
		}
		seen[c.names[i]] = true
	}
	var err error
	if c.number, err = c.find(o.NumberColumn, numberNames); err != nil {
		return c, err
	}
	if c.timezone, err = c.find(o.TimezoneColumn, zoneNames); err != nil {
		return c, err
	}
	switch {
	case c.number < 0 && c.headless():
		return c, errHeadless
	case c.number < 0:
		return c, errNoNumbers
	case c.number == c.timezone:
		return c, errOneColumn
	}
	return c, nil
}

// name returns the name of the column at a place; "" for -1.
func (c *columns) name(i int) string {
	if i < 0 {
		return ""
	}
	return c.names[i]
}

// find returns the place of the column of that name or, if it is "", of the
// first of the usual names, or -1.
func (c *columns) find(name string, usual []string) (int, error) {
	if name == "" {
		for _, usualName := range usual {
			for i, name := range c.names {
				if plain(name) == usualName {
					return i, nil
				}
			}
		}
		return -1, nil
	}
	for i := range c.names {
		if c.names[i] == name {
			return i, nil
		}
	}
	for i := range c.names {
		if strings.EqualFold(c.names[i], strings.TrimSpace(name)) {
			return i, nil
		}
	}
	return -1, fmt.Errorf("no column %s: there are %s", shorten(name),
		shorten(strings.Join(c.names, ", ")))
}

// plain returns a name in lower case, without what may stand between words.
func plain(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// headless reports whether there is a number among the names of columns.
func (c *columns) headless() bool {
	for _, name := range c.names {
		if _, err := e164.ParseLoose(name, "US"); err == nil {
			return true
		}
	}
	return false
}

// tooMany returns an error for a row with more fields than there are columns:
// a comma that was not quoted has moved them, and which is the number is not
// sure.
func (c *columns) tooMany(row []string) error {
	if len(row) <= len(c.names) || isEmpty(row[len(c.names):]) {
		return nil
	}
	return fmt.Errorf("%d fields, but %d columns: write a field with a comma in quotes",
		len(row), len(c.names))
}

// variables returns what else stands in a row, by the names of the columns.
func (c *columns) variables(row []string) map[string]string {
	var v map[string]string
	for i, name := range c.names {
		text := strings.TrimSpace(field(row, i))
		if i == c.number || i == c.timezone || name == "" || text == "" {
			continue
		}
		if v == nil {
			v = make(map[string]string)
		}
		v[name] = text
	}
	return v
}

// field returns the field at a place, or "" where the row has none.
func field(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return row[i]
}

// isEmpty reports whether nothing but spaces stands in fields.
func isEmpty(fields []string) bool {
	for _, text := range fields {
		if strings.TrimSpace(text) != "" {
			return false
		}
	}
	return true
}
