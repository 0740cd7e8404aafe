-- Registries that others keep: their versions, whose numbers are files beside the
-- database; who subscribes to them; and exemptions from what they say.

-- +goose Up

CREATE TABLE registry (
	name TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	mapping TEXT NOT NULL, -- JSON
	scope TEXT NOT NULL, -- JSON
	stale_after BIGINT NOT NULL, -- days
	version TEXT NOT NULL, -- in force; '' for none
	created_at BIGINT NOT NULL
);

CREATE TABLE registry_version (
	registry TEXT NOT NULL,
	id TEXT NOT NULL, -- later ones are greater
	as_of BIGINT NOT NULL,
	imported_at BIGINT NOT NULL,
	imported_by TEXT NOT NULL,
	numbers BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	base TEXT NOT NULL,
	files TEXT NOT NULL, -- JSON
	areas TEXT NOT NULL, -- JSON
	kept BOOLEAN NOT NULL,
	PRIMARY KEY (registry, id)
);

CREATE TABLE exemption (
	environment_id BIGINT NOT NULL,
	id TEXT NOT NULL, -- later ones are greater
	number BIGINT NOT NULL,
	ground TEXT NOT NULL,
	registry TEXT NOT NULL, -- '' for all
	evidence TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL, -- 0 for no end
	created_at BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	ended_at BIGINT NOT NULL,
	ended_by TEXT NOT NULL,
	PRIMARY KEY (environment_id, id)
);

CREATE INDEX exemption_number ON exemption (environment_id, number);

ALTER TABLE environment ADD COLUMN registries TEXT NOT NULL DEFAULT 'null'; -- JSON
