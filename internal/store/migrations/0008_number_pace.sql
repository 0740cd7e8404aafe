-- How often our numbers are shown, and when they were.

-- +goose Up

ALTER TABLE own_number ADD COLUMN pace TEXT NOT NULL DEFAULT '{}'; -- JSON

CREATE INDEX call_caller_id ON call (environment_id, caller_id, started_at)
	WHERE caller_id <> 0;
