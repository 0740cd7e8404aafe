-- How the course of a call went, as far as a trunk tells: when the phone began to
-- ring, the last answer in SIP, and keys that opted nobody out.

-- +goose Up

ALTER TABLE call ADD COLUMN rang_at BIGINT NOT NULL DEFAULT 0;

ALTER TABLE call ADD COLUMN sip_code BIGINT NOT NULL DEFAULT 0; -- 0 for none

ALTER TABLE call ADD COLUMN sip_phrase TEXT NOT NULL DEFAULT '';

ALTER TABLE call ADD COLUMN presses TEXT NOT NULL DEFAULT ''; -- JSON; empty for none
