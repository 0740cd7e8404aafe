package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// number reads a number in the body of a request, as people write it.
// National forms are those of the environment's default region. Location says
// where it stands.
func (s *Server) number(
	ctx context.Context, env dnc.Environment, location, text string,
) (e164.Number, error) {
	n, err := e164.Parse(text)
	if err == nil {
		return n, nil
	}
	world, err := s.Store.World(ctx, env)
	if err != nil {
		return e164.Number{}, err
	}
	n, err = e164.ParseLoose(text, world.Settings.DefaultRegion)
	if err != nil {
		return e164.Number{}, at(location, fmt.Errorf("%w: %s", errNumber, plainWords(err)))
	}
	return n, nil
}

// plainNumber reads a number in a path or a query: E.164, with or without its
// plus sign, which a query may have turned into a space. What that cannot be is
// read as people write it. Without a plus sign, digits that are another number
// at home, in the environment's default region, are refused: a check must not
// answer for somebody else.
func (s *Server) plainNumber(
	ctx context.Context, env dnc.Environment, location, text string,
) (e164.Number, error) {
	n, err := e164.ParsePlain(strings.TrimSpace(text))
	if err != nil {
		return s.number(ctx, env, location, text)
	}
	if text[0] == '+' || text[0] == ' ' {
		return n, nil
	}
	region, err := s.Region(ctx, env)
	if err != nil || region == "" {
		return n, err
	}
	if home, err := e164.ParseLoose(text, region); err == nil && home != n {
		return e164.Number{}, at(location, fmt.Errorf("%w: %s", errNumber, e164.ErrAmbiguous))
	}
	return n, nil
}

// moment reads a time in a query: RFC 3339, or a date for its beginning in
// UTC. Empty text is the zero time.
func moment(location, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	text = strings.ReplaceAll(text, " ", "+") // a query turns the sign of an offset into a space
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, at(location, fmt.Errorf(
		"%w: want a time like 2026-11-23T10:00:00Z or a date like 2026-11-23", errInvalid))
}

// span reads the times between which something was asked for.
func span(since, until string) (from, to time.Time, err error) {
	if from, err = moment("query.since", since); err != nil {
		return from, to, err
	}
	to, err = moment("query.until", until)
	return from, to, err
}

// orNil returns a pointer to s, or nil for "", which is null in JSON.
func orNil[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

// timeOrNil returns a pointer to t, or nil for the zero time.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// numberOrNil returns a number as text, or nil for the zero Number.
func numberOrNil(n e164.Number) *string { return orNil(n.String()) }
