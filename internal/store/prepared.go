package store

import (
	"context"
	"database/sql"
)

// maxPrepared bounds the statements that are kept prepared.
const maxPrepared = 200

// prepared is the statements that the writer keeps prepared. A text that is
// met for the first time runs unprepared: only between transactions is the
// writer's connection free to prepare it.
type prepared struct {
	db     *sql.DB
	stmts  map[string]*sql.Stmt
	wanted []string
}

func newPrepared(db *sql.DB) *prepared {
	return &prepared{db: db, stmts: make(map[string]*sql.Stmt)}
}

// learn prepares the texts met in the transaction before.
func (p *prepared) learn(ctx context.Context) {
	for _, text := range p.wanted {
		if p.stmts[text] != nil || len(p.stmts) >= maxPrepared {
			continue
		}
		if stmt, err := p.db.PrepareContext(ctx, text); err == nil {
			p.stmts[text] = stmt
		}
	}
	p.wanted = p.wanted[:0]
}

func (p *prepared) exec(x *tx, text string, args []any) (sql.Result, error) {
	if stmt := p.within(x, text); stmt != nil {
		return stmt.ExecContext(x.ctx, args...)
	}
	return x.sql.ExecContext(x.ctx, text, args...)
}

func (p *prepared) query(x *tx, text string, args []any) (*sql.Rows, error) {
	if stmt := p.within(x, text); stmt != nil {
		return stmt.QueryContext(x.ctx, args...)
	}
	return x.sql.QueryContext(x.ctx, text, args...)
}

// within returns the prepared statement of a text for use in x, or nil.
func (p *prepared) within(x *tx, text string) *sql.Stmt {
	if stmt := x.stmts[text]; stmt != nil {
		return stmt
	}
	stmt := p.stmts[text]
	if stmt == nil {
		p.wanted = append(p.wanted, text)
		return nil
	}
	stmt = x.sql.StmtContext(x.ctx, stmt)
	x.stmts[text] = stmt
	return stmt
}

func (p *prepared) close() {
	for _, stmt := range p.stmts {
		_ = stmt.Close() // the database is closed next
	}
}
