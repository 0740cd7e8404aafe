package store

import (
	"strconv"
	"strings"
)

// chunk is how many numbers one statement asks for.
const chunk = 16

// inChunks calls do for all items, in chunks of 16, 4 or 1: each width is a
// text of its own, so there are few, and the widest are not bound the fastest.
func inChunks[T any](items []T, do func([]T) error) error {
	for len(items) > 0 {
		n := chunk
		for n > len(items) {
			n /= 4
		}
		if err := do(items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

// tuples returns the text of so many rows of placeholders: ($1, $2), ($3, $4).
func tuples(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteString(")")
	return b.String()
}

// placeholders returns the text of n placeholders from $first on.
func placeholders(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

// inFullChunks calls do for all items, chunk by chunk, the last one shorter.
func inFullChunks[T any](items []T, do func([]T) error) error {
	for len(items) > 0 {
		n := min(chunk, len(items))
		if err := do(items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}
