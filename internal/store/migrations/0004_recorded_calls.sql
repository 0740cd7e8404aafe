-- Calls of campaigns that are recorded. The sound itself is no row: it is in files.

-- +goose Up

ALTER TABLE campaign ADD COLUMN record BOOLEAN NOT NULL DEFAULT FALSE;

-- What is played before a call is recorded.
ALTER TABLE campaign ADD COLUMN consent TEXT NOT NULL DEFAULT '';
