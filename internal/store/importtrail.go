package store

import (
	"context"
	"errors"
	"strings"

	"nocall/internal/dnc"
)

// toldByImports is what the trail of an import tells of one number, by revision:
// the trail has one event for all of them.
type toldByImports map[int64]dnc.Event

// toldOfImports returns the events that imports tell of the number asked for.
func (s *Store) toldOfImports(
	ctx context.Context, env dnc.Environment, q dnc.TrailQuery,
) (toldByImports, error) {
	if q.Number.IsZero() {
		return nil, nil
	}
	id, err := s.environmentID(ctx, env)
	if errors.Is(err, dnc.ErrNoEnvironment) {
		return nil, nil // its imports are gone
	}
	if err != nil {
		return nil, err
	}
	all, err := allImports(s.reading(ctx), env, id)
	if err != nil {
		return nil, err
	}
	told := make(toldByImports)
	for _, m := range all {
		b, ok, err := blockOf(s.reading(ctx), m.serial, q.Number)
		if err != nil {
			return nil, err
		}
		if i, has := b.find(q.Number); ok && has {
			told.tell(&m, &b, i)
		}
	}
	for revision, ev := range told {
		if q.Kind != "" && ev.Kind != q.Kind {
			delete(told, revision)
		}
	}
	return told, nil
}

// tell adds the events of the number at place i of a block.
func (t toldByImports) tell(m *pastImport, b *block, i int) {
	e := b.entry(i, &m.imported)
	kind := dnc.Added
	if b.listed.has(i) {
		kind = dnc.AddedAgain
	}
	t[m.revision] = dnc.Event{
		Kind: kind, Number: e.Number, CreatedBy: e.CreatedBy, CreatedAt: e.CreatedAt,
		ReasonAfter: e.Reason,
	}
	if m.undone > 0 && b.holds(i) {
		t[m.undone] = dnc.Event{
			Kind: dnc.Removed, Number: e.Number, CreatedBy: e.CreatedBy, CreatedAt: e.CreatedAt,
			ReasonBefore: e.Reason,
		}
	}
}

// revisions returns the condition that an event is one of those.
func (t toldByImports) revisions() (text string, args []any) {
	if len(t) == 0 {
		return `1 = 0`, nil
	}
	for revision := range t {
		args = append(args, revision)
	}
	return `revision IN ($` + strings.Repeat(`, $`, len(args)-1) + `)`, args
}

// fill makes events of imports those of the number.
func (t toldByImports) fill(events []dnc.Event) {
	for i := range events {
		if of, ok := t[events[i].Revision]; ok {
			ev := &events[i]
			ev.Kind, ev.Number = of.Kind, of.Number
			ev.CreatedBy, ev.CreatedAt = of.CreatedBy, of.CreatedAt
			ev.ReasonBefore, ev.ReasonAfter = of.ReasonBefore, of.ReasonAfter
		}
	}
}

// pastImport is an import that is in force or was undone.
type pastImport struct {
	imported
	revision, undone int64 // of its events; 0 for none
}

func allImports(query querier, env dnc.Environment, id int64) ([]pastImport, error) {
	var all []pastImport
	err := query(func(r row) error {
		m := pastImport{imported: imported{environment: env}}
		err := r.Scan(&m.serial, &m.id, &m.reason, &m.by, &m.createdAt, &m.revision, &m.undone)
		all = append(all, m)
		return err
	}, `
		SELECT serial, id, reason, by, created_at, revision, undone
		FROM list_import
		WHERE environment_id = $1 AND state IN ('done', 'undone')`, id)
	return all, err
}
