-- Imports: files of numbers that were put on a list as a unit.
--
-- The entries of an import that are as it made them are no rows of dnc_entry: they
-- stand in blocks, many in one row, and are in force while the import is. So an
-- import of any size comes into force, and is undone, by the change of one row.

-- +goose Up

CREATE TABLE list_import (
	serial         BIGINT NOT NULL PRIMARY KEY, -- what its blocks carry
	environment_id BIGINT NOT NULL,
	id             TEXT   NOT NULL UNIQUE,
	state          TEXT   NOT NULL, -- loading, done, undone or dropped
	name           TEXT   NOT NULL,
	file           TEXT   NOT NULL,
	reason         TEXT   NOT NULL,
	by             TEXT   NOT NULL,
	revision       BIGINT NOT NULL, -- of its event
	created_at     BIGINT NOT NULL, -- of the entry at place 0, a microsecond later for each place
	at             BIGINT NOT NULL,
	file_rows      BIGINT NOT NULL,
	added          BIGINT NOT NULL,
	already_listed BIGINT NOT NULL,
	repeated       BIGINT NOT NULL,
	invalid        BIGINT NOT NULL,
	undone_by      TEXT   NOT NULL,
	undone_at      BIGINT NOT NULL,
	undone         BIGINT NOT NULL, -- revision of the event that undid it; 0 for none
	removed        BIGINT NOT NULL  -- entries that undoing it has removed
);

CREATE INDEX list_import_environment ON list_import (environment_id, revision);

-- Some numbers of an import, which rise from block to block.
CREATE TABLE import_block (
	import       BIGINT NOT NULL, -- its serial
	place        BIGINT NOT NULL, -- of its first number, in the import
	first_number BIGINT NOT NULL,
	numbers      TEXT   NOT NULL, -- the steps between them, as varints in base64
	reasons      TEXT   NOT NULL, -- JSON; '' where all have the import's
	listed       TEXT   NOT NULL, -- bits in base64: those that were on the list before
	gone         TEXT   NOT NULL, -- bits in base64: those that have rows of their own, or were removed
	PRIMARY KEY (import, place)
);

CREATE UNIQUE INDEX import_block_number ON import_block (import, first_number);

-- Rows of the file that are no numbers.
CREATE TABLE import_problem (
	import BIGINT NOT NULL, -- its serial
	part   BIGINT NOT NULL,
	lines  TEXT   NOT NULL, -- JSON
	PRIMARY KEY (import, part)
);

ALTER TABLE event ADD COLUMN import_id TEXT NOT NULL DEFAULT '';
