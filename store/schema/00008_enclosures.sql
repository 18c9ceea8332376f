-- What came with a message and is not kept itself. Only an addition: nodes of the program before go on beside it until
-- each of them is replaced.

-- +goose Up
ALTER TABLE entries ADD COLUMN enclosure TEXT; -- JSON of chat.Enclosure; NULL for none

-- +goose Down
ALTER TABLE entries DROP COLUMN enclosure;
