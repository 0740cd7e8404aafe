-- Everything that outlives the program, the same on SQLite and PostgreSQL.
--
-- Times are microseconds since 1970 in UTC, 0 for none. Numbers are the digits
-- of E.164, without the plus sign, as a value; 0 for none. Identifiers are made
-- by the program.

-- +goose Up

-- An environment that was removed keeps its row, so that the revisions of its
-- trail go on when the name is used again.
CREATE TABLE environment (
	name                 TEXT    NOT NULL PRIMARY KEY,
	id                   BIGINT  UNIQUE, -- of this life of the name; NULL once removed
	revision             BIGINT  NOT NULL,
	last_at              BIGINT  NOT NULL, -- when the last event came into force
	default_region       TEXT    NOT NULL,
	max_concurrent_calls BIGINT  NOT NULL,
	opt_out_detection    BOOLEAN NOT NULL,
	hidden               BOOLEAN NOT NULL,
	created_at           BIGINT  NOT NULL
);

-- Former environments whose entries and calls are still being cleared away.
CREATE TABLE removed_environment (
	id BIGINT NOT NULL PRIMARY KEY
);

-- One number on one environment's do-not-call list.
CREATE TABLE dnc_entry (
	environment_id BIGINT NOT NULL,
	number         BIGINT NOT NULL CHECK (number > 0),
	created_by     TEXT   NOT NULL CHECK (created_by IN ('user', 'system')),
	reason         TEXT   NOT NULL,
	user_name      TEXT   NOT NULL,
	call_id        TEXT   NOT NULL,
	created_at     BIGINT NOT NULL,
	updated_at     BIGINT NOT NULL,
	PRIMARY KEY (environment_id, number)
);

-- All that the lists in memory are read in from, and the order of exports.
CREATE UNIQUE INDEX dnc_entry_created_at
	ON dnc_entry (environment_id, created_at, number, created_by);

-- The trail: append-only, and kept when its environment is removed.
CREATE TABLE event (
	environment   TEXT   NOT NULL,
	revision      BIGINT NOT NULL,
	kind          TEXT   NOT NULL,
	number        BIGINT NOT NULL,
	new_number    BIGINT NOT NULL,
	created_by    TEXT   NOT NULL,
	created_at    BIGINT NOT NULL,
	reason_before TEXT   NOT NULL,
	reason_after  TEXT   NOT NULL,
	by            TEXT   NOT NULL,
	call_id       TEXT   NOT NULL,
	at            BIGINT NOT NULL,
	PRIMARY KEY (environment, revision)
);

CREATE INDEX event_number ON event (environment, number, revision);

CREATE INDEX event_new_number ON event (environment, new_number, revision)
	WHERE new_number <> 0;

CREATE INDEX event_kind ON event (environment, kind, revision)
	WHERE kind <> 'added';

-- One call, or an attempt at one.
CREATE TABLE call (
	environment_id    BIGINT  NOT NULL,
	id                TEXT    NOT NULL PRIMARY KEY,
	direction         TEXT    NOT NULL,
	number            BIGINT  NOT NULL,
	caller_id         BIGINT  NOT NULL,
	provider          TEXT    NOT NULL,
	campaign_id       TEXT    NOT NULL,
	status            TEXT    NOT NULL,
	disposition       TEXT    NOT NULL,
	skip_reason       TEXT    NOT NULL,
	opt_out_detection BOOLEAN NOT NULL,
	revision          BIGINT  NOT NULL,
	by                TEXT    NOT NULL,
	started_at        BIGINT  NOT NULL,
	answered_at       BIGINT  NOT NULL,
	ended_at          BIGINT  NOT NULL,
	findings          BIGINT  NOT NULL,
	turns             BIGINT  NOT NULL
);

CREATE INDEX call_started_at ON call (environment_id, started_at, id);

CREATE INDEX call_number ON call (environment_id, number, started_at, id);

CREATE INDEX call_open ON call (status) WHERE status <> 'ended';

CREATE INDEX call_opted_out ON call (environment_id, started_at, id)
	WHERE findings > 0;

-- How many calls of an environment are alike, so that none need be counted.
CREATE TABLE call_count (
	environment_id BIGINT  NOT NULL,
	direction      TEXT    NOT NULL,
	status         TEXT    NOT NULL,
	disposition    TEXT    NOT NULL,
	skip_reason    TEXT    NOT NULL,
	opted_out      BOOLEAN NOT NULL,
	calls          BIGINT  NOT NULL,
	PRIMARY KEY (environment_id, direction, status, disposition, skip_reason, opted_out)
);

-- What one side said on a call before the other spoke.
CREATE TABLE turn (
	call_id  TEXT   NOT NULL,
	place    BIGINT NOT NULL, -- in the call, from 0
	speaker  TEXT   NOT NULL,
	text     TEXT   NOT NULL,
	folded   TEXT   NOT NULL, -- the text as words are searched in it
	language TEXT   NOT NULL,
	at       BIGINT NOT NULL,
	PRIMARY KEY (call_id, place)
);

-- An opt-out found on a call.
CREATE TABLE finding (
	call_id     TEXT    NOT NULL,
	place       BIGINT  NOT NULL, -- among the call's findings, from 0
	turn        BIGINT  NOT NULL,
	phrase      TEXT    NOT NULL,
	quote       TEXT    NOT NULL,
	quote_start BIGINT  NOT NULL,
	quote_end   BIGINT  NOT NULL,
	language    TEXT    NOT NULL,
	channel     TEXT    NOT NULL,
	at          BIGINT  NOT NULL,
	listed      BOOLEAN NOT NULL,
	PRIMARY KEY (call_id, place)
);

-- A person who may sign in. ("user" is a word of SQL.)
CREATE TABLE app_user (
	name        TEXT   NOT NULL PRIMARY KEY,
	role        TEXT   NOT NULL,
	environment TEXT   NOT NULL,
	password    TEXT   NOT NULL, -- its argon2id hash
	created_at  BIGINT NOT NULL
);

CREATE TABLE api_key (
	id          TEXT   NOT NULL PRIMARY KEY,
	environment TEXT   NOT NULL,
	name        TEXT   NOT NULL,
	role        TEXT   NOT NULL,
	hash        TEXT   NOT NULL, -- SHA-256 of the secret, in hexadecimal
	created_at  BIGINT NOT NULL
);

CREATE TABLE session (
	hash       TEXT   NOT NULL PRIMARY KEY, -- SHA-256 of the token, in hexadecimal
	user_name  TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

CREATE INDEX session_expires_at ON session (expires_at);

-- What was answered to a request that carried an Idempotency-Key.
CREATE TABLE reply (
	environment  TEXT   NOT NULL,
	key          TEXT   NOT NULL,
	request_hash TEXT   NOT NULL, -- in hexadecimal
	status       BIGINT NOT NULL, -- of HTTP; 0 while under way
	content_type TEXT   NOT NULL,
	body         TEXT   NOT NULL, -- in base64
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (environment, key)
);

CREATE INDEX reply_created_at ON reply (created_at);
