-- Whose message it is belongs to what recognises a repeat: a host may give two people one id. Nodes of the program
-- before go on beside it until each of them is replaced.

-- +goose Up
CREATE UNIQUE INDEX entries_repeat ON entries (channel, external, conversation) WHERE external IS NOT NULL;
DROP INDEX entries_external;

-- +goose Down
CREATE UNIQUE INDEX entries_external ON entries (channel, external) WHERE external IS NOT NULL;
DROP INDEX entries_repeat;
