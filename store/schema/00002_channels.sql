-- What pushing channels need: how far a sending of several parts is, and small things to remember.

-- +goose Up
ALTER TABLE outbox ADD COLUMN done BIGINT NOT NULL DEFAULT 0; -- how many parts have arrived

CREATE TABLE marks (
    name         TEXT PRIMARY KEY,
    value        BYTEA NOT NULL,
    conversation TEXT NOT NULL,              -- whose it is, for erasing; '' for nobody's
    until        BIGINT NOT NULL             -- 0 for ever
);
CREATE INDEX marks_conversation ON marks (conversation) WHERE conversation <> '';
CREATE INDEX marks_until ON marks (until) WHERE until <> 0;

-- +goose Down
DROP TABLE marks;
ALTER TABLE outbox DROP COLUMN done;
