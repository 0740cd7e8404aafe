-- What was heard and is in doubt: findings with their verdict, for a person to
-- review, and the entries that stand until then.
--
-- Columns that hold JSON say so; null is none of it.

-- +goose Up

ALTER TABLE environment ADD COLUMN opt_out_preset TEXT NOT NULL DEFAULT '';

ALTER TABLE dnc_entry ADD COLUMN provisional BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE event ADD COLUMN provisional BOOLEAN NOT NULL DEFAULT FALSE;

-- Whether an opt-out was heard on a call; a finding may be something less.
ALTER TABLE call ADD COLUMN opted_out BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE call SET opted_out = TRUE WHERE findings > 0;

DROP INDEX call_opted_out;

CREATE INDEX call_opted_out ON call (environment_id, started_at, id)
	WHERE opted_out;

CREATE INDEX call_findings ON call (environment_id, number)
	WHERE findings > 0;

ALTER TABLE finding ADD COLUMN environment_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN verdict TEXT NOT NULL DEFAULT 'opt_out';
ALTER TABLE finding ADD COLUMN family TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN engine TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN slots TEXT NOT NULL DEFAULT 'null'; -- JSON
ALTER TABLE finding ADD COLUMN before TEXT NOT NULL DEFAULT 'null'; -- JSON
ALTER TABLE finding ADD COLUMN provisional BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE finding ADD COLUMN review TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN reviewed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN reviewed_at BIGINT NOT NULL DEFAULT 0;

-- What a withheld number kept off the list was for a person to look at before.
UPDATE finding
SET environment_id = COALESCE(
		(SELECT call.environment_id FROM call WHERE call.id = finding.call_id), 0),
	review = CASE WHEN listed THEN '' ELSE 'open' END;

CREATE INDEX finding_at ON finding (environment_id, at, call_id, place);

CREATE INDEX finding_open ON finding (environment_id, at, call_id, place)
	WHERE review = 'open';
