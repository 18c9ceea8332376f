-- What an agent's entry quotes and corrects. Only additions: nodes of the program before go on beside it until
-- each of them is replaced.

-- +goose Up
ALTER TABLE entries ADD COLUMN quotes_seq BIGINT NOT NULL DEFAULT 0;   -- seq of the entry that it quotes; 0 for none
ALTER TABLE entries ADD COLUMN corrects_seq BIGINT NOT NULL DEFAULT 0; -- seq of the agent's entry that it corrects; 0 for none
CREATE INDEX conversations_sealed ON conversations (id) WHERE sealed IS NOT NULL; -- to seal anew

-- +goose Down
DROP INDEX conversations_sealed;
ALTER TABLE entries DROP COLUMN corrects_seq;
ALTER TABLE entries DROP COLUMN quotes_seq;
