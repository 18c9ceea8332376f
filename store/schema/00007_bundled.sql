-- The bundled files that the guide's own were last reconciled with, so that what a newer program brings is told apart
-- from what was edited here. Only additions: nodes of the program before go on beside it until each of them is replaced.

-- +goose Up
CREATE TABLE bundled (
    path TEXT PRIMARY KEY,
    data BYTEA NOT NULL
);
INSERT INTO bundled (path, data)
    SELECT f.path, f.data FROM files f JOIN revisions r ON r.revision = f.revision
    WHERE r.author = 'bundled' AND f.gone = 0 AND f.data IS NOT NULL AND f.revision = (
        SELECT MAX(g.revision) FROM files g JOIN revisions s ON s.revision = g.revision WHERE g.path = f.path AND s.author = 'bundled');

-- +goose Down
DROP TABLE bundled;
