package api

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// optional is a field of a change: absent, which leaves things as they are,
// or null, or a value.
type optional[T any] struct {
	Set   bool // not absent
	Value T    // zero for null
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *optional[T]) UnmarshalJSON(text []byte) error {
	o.Set = true
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	return json.Unmarshal(text, &o.Value)
}

// Schema implements huma.SchemaProvider.
func (o optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), false, "")
	s.Nullable = true
	return &s
}

// give sets what is there to the value, if there is one.
func (o optional[T]) give(to *T) {
	if o.Set {
		*to = o.Value
	}
}

// give sets what is there to the value, if there is one.
func give[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}
