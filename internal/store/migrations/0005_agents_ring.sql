-- How long an agent is rung that is called at a SIP address; in microseconds, 0 for
-- as long as usual.

-- +goose Up

ALTER TABLE agent ADD COLUMN ring_for BIGINT NOT NULL DEFAULT 0;
