-- A conversation may be read from several places: by those who found it again, and by the devices of a customer whom
-- his site vouches for. Only additions: nodes of the program before go on beside it until each of them is replaced.

-- +goose Up
CREATE TABLE tokens (                        -- beside the first, which is conversations.token_hash
    hash         BYTEA PRIMARY KEY,          -- SHA-256
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL
);
CREATE INDEX tokens_conversation ON tokens (conversation, created_at);
ALTER TABLE conversations ADD COLUMN vouched_id TEXT NOT NULL DEFAULT ''; -- of the customer with whom it goes on; '' for nobody
CREATE UNIQUE INDEX conversations_vouched ON conversations (account, vouched_id) WHERE vouched_id <> '';

-- +goose Down
DROP INDEX conversations_vouched;
ALTER TABLE conversations DROP COLUMN vouched_id;
DROP TABLE tokens;
