-- Campaigns with their contacts, and what calls are made with.
--
-- Columns that hold JSON say so; null is none of it.

-- +goose Up

CREATE TABLE campaign (
	environment_id    BIGINT  NOT NULL,
	id                TEXT    NOT NULL PRIMARY KEY,
	serial            BIGINT  NOT NULL UNIQUE, -- what the rows of its contacts carry
	places            BIGINT  NOT NULL, -- contacts up to this place are there
	name              TEXT    NOT NULL,
	description       TEXT    NOT NULL,
	state             TEXT    NOT NULL,
	provider          TEXT    NOT NULL,
	agent             TEXT    NOT NULL,
	caller_ids        TEXT    NOT NULL, -- JSON
	caller_tag        TEXT    NOT NULL,
	contact_window    TEXT    NOT NULL, -- JSON
	flow              TEXT    NOT NULL, -- JSON
	retry             TEXT    NOT NULL, -- JSON
	exit              TEXT    NOT NULL, -- JSON
	pace              TEXT    NOT NULL, -- JSON
	opt_out_detection BOOLEAN NOT NULL,
	opt_out_key       TEXT    NOT NULL,
	by                TEXT    NOT NULL,
	created_at        BIGINT  NOT NULL,
	updated_at        BIGINT  NOT NULL,
	started_at        BIGINT  NOT NULL,
	finished_at       BIGINT  NOT NULL
);

CREATE INDEX campaign_environment ON campaign (environment_id, created_at);

CREATE INDEX campaign_running ON campaign (serial) WHERE state = 'running';

-- Former campaigns whose contacts are still being cleared away.
CREATE TABLE removed_campaign (
	serial BIGINT NOT NULL PRIMARY KEY
);

-- One number of a campaign. Those that are still being added have places
-- beyond the campaign's; nobody sees them yet.
CREATE TABLE contact (
	campaign     BIGINT  NOT NULL, -- its serial
	place        BIGINT  NOT NULL, -- in the campaign, in the order added
	number       BIGINT  NOT NULL CHECK (number > 0),
	timezone     TEXT    NOT NULL,
	variables    TEXT    NOT NULL, -- JSON
	state        TEXT    NOT NULL DEFAULT 'waiting',
	step         BIGINT  NOT NULL DEFAULT 0,
	attempts     BIGINT  NOT NULL DEFAULT 0,
	all_attempts BIGINT  NOT NULL DEFAULT 0,
	next_at      BIGINT  NOT NULL,
	disposition  TEXT    NOT NULL DEFAULT '',
	skip_reason  TEXT    NOT NULL DEFAULT '',
	opted_out    BOOLEAN NOT NULL DEFAULT FALSE,
	call_id      TEXT    NOT NULL DEFAULT '',
	added_at     BIGINT  NOT NULL,
	updated_at   BIGINT  NOT NULL,
	PRIMARY KEY (campaign, place)
);

CREATE UNIQUE INDEX contact_number ON contact (campaign, number);

-- Whose turn it is, and who is being called.
CREATE INDEX contact_next ON contact (campaign, state, next_at, place)
	WHERE state <> 'done';

CREATE INDEX contact_disposition ON contact (campaign, disposition, place)
	WHERE disposition <> '';

CREATE INDEX contact_opted_out ON contact (campaign, place) WHERE opted_out;

-- How many contacts of a campaign are alike, so that none need be counted.
CREATE TABLE contact_count (
	campaign    BIGINT  NOT NULL, -- its serial
	state       TEXT    NOT NULL,
	disposition TEXT    NOT NULL,
	skip_reason TEXT    NOT NULL,
	opted_out   BOOLEAN NOT NULL,
	contacts    BIGINT  NOT NULL,
	PRIMARY KEY (campaign, state, disposition, skip_reason, opted_out)
);

CREATE INDEX call_campaign ON call (environment_id, campaign_id, started_at, id)
	WHERE campaign_id <> '';

-- Who does a piece of work, so that no other does it too.
CREATE TABLE lease (
	name       TEXT   NOT NULL PRIMARY KEY,
	holder     TEXT   NOT NULL,
	held_until BIGINT NOT NULL
);

-- A provider that speaks SIP.
CREATE TABLE trunk (
	environment_id BIGINT  NOT NULL,
	name           TEXT    NOT NULL,
	kind           TEXT    NOT NULL,
	address        TEXT    NOT NULL,
	transport      TEXT    NOT NULL,
	username       TEXT    NOT NULL,
	password       TEXT    NOT NULL, -- sealed
	register       BOOLEAN NOT NULL,
	proxy          TEXT    NOT NULL,
	failover       TEXT    NOT NULL, -- JSON
	tech_prefix    TEXT    NOT NULL,
	caller_id      BIGINT  NOT NULL,
	srtp           BOOLEAN NOT NULL,
	unwanted       BOOLEAN NOT NULL,
	max_calls      BIGINT  NOT NULL,
	created_at     BIGINT  NOT NULL,
	PRIMARY KEY (environment_id, name)
);

-- One of our own numbers.
CREATE TABLE own_number (
	environment_id BIGINT NOT NULL,
	number         BIGINT NOT NULL CHECK (number > 0),
	provider       TEXT   NOT NULL,
	label          TEXT   NOT NULL,
	tags           TEXT   NOT NULL, -- JSON
	inbound_agent  TEXT   NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (environment_id, number)
);

CREATE INDEX own_number_called ON own_number (number);

-- Who speaks on our side of calls.
CREATE TABLE agent (
	environment_id BIGINT NOT NULL,
	name           TEXT   NOT NULL,
	kind           TEXT   NOT NULL,
	recording      TEXT   NOT NULL,
	confirmation   TEXT   NOT NULL,
	opt_out_key    TEXT   NOT NULL,
	address        TEXT   NOT NULL,
	url            TEXT   NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (environment_id, name)
);

CREATE TABLE recording (
	environment_id BIGINT NOT NULL,
	id             TEXT   NOT NULL,
	name           TEXT   NOT NULL,
	audio          TEXT   NOT NULL, -- G.711 mu-law, in base64
	duration       BIGINT NOT NULL, -- in microseconds
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (environment_id, id)
);
