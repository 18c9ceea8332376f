-- What the ticket's flow needs: how long a customer waits for an agent, when agents were last there, how tickets ended and
-- where they came from. Only additions: nodes of the program before go on beside it until each of them is replaced.

-- +goose Up
ALTER TABLE conversations ADD COLUMN customer_at BIGINT NOT NULL DEFAULT 0;       -- the oldest word since an agent spoke; 0 for none, or without an open ticket
ALTER TABLE conversations ADD COLUMN customer_verified BIGINT NOT NULL DEFAULT 0; -- 1 where somebody vouches for customer_id
ALTER TABLE tickets ADD COLUMN outcome TEXT NOT NULL DEFAULT '';                  -- how it ended
ALTER TABLE tickets ADD COLUMN origin TEXT NOT NULL DEFAULT '';                   -- keyed hash of day and network; '' for unknown
CREATE INDEX tickets_closed ON tickets (updated_at, id) WHERE state = 'closed';
CREATE INDEX tickets_origin ON tickets (origin) WHERE origin <> '';

CREATE TABLE agents (
    name    TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL                  -- when they last did anything
);

-- The bot speaks while a ticket waits, and hosts vouch for their customers.
UPDATE conversations SET holder = 'bot' WHERE holder = 'agent' AND id IN (SELECT conversation FROM tickets WHERE state = 'waiting');
UPDATE conversations SET customer_verified = 1 WHERE address <> '';

-- +goose Down
UPDATE conversations SET holder = 'agent' WHERE id IN (SELECT conversation FROM tickets WHERE state = 'waiting');
DROP TABLE agents;
DROP INDEX tickets_origin;
DROP INDEX tickets_closed;
ALTER TABLE tickets DROP COLUMN origin;
ALTER TABLE tickets DROP COLUMN outcome;
ALTER TABLE conversations DROP COLUMN customer_verified;
ALTER TABLE conversations DROP COLUMN customer_at;
