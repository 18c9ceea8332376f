-- Times are milliseconds UTC. SQLite takes BIGINT for its integer, and leaves what is in a BYTEA column as it came.

-- +goose Up
CREATE TABLE conversations (
    id            TEXT PRIMARY KEY,
    channel       TEXT NOT NULL,
    account       TEXT NOT NULL,
    address       TEXT NOT NULL,             -- '' where the customer comes to read
    customer_id   TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    device        TEXT NOT NULL,             -- JSON of chat.Device
    holder        TEXT NOT NULL,
    session       TEXT NOT NULL,             -- JSON of bot.Session
    version       BIGINT NOT NULL,           -- rises with every commit that touches the row
    last_seq      BIGINT NOT NULL,
    ticket        TEXT NOT NULL,             -- id of the newest; '' for none
    token_hash    BYTEA,                     -- SHA-256; NULL where nobody comes to read
    sealed        BYTEA,                     -- the sealed contact
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_address ON conversations (channel, account, address) WHERE address <> '';
CREATE INDEX conversations_customer ON conversations (customer_id) WHERE customer_id <> '';

CREATE TABLE entries (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq          BIGINT NOT NULL,
    id           TEXT NOT NULL,
    author       TEXT NOT NULL,
    text         TEXT NOT NULL,
    at           BIGINT NOT NULL,
    reply        TEXT,                       -- JSON of chat.Reply, where the bot spoke
    channel      TEXT NOT NULL,              -- where external is unique: a channel, or 'desk:' and a ticket
    external     TEXT,                       -- the channel's own id of a message; NULL for none
    answers      BIGINT,                     -- seq of the message that led to this entry
    pictures     BIGINT NOT NULL,            -- how many attachments
    helpful      BIGINT,                     -- 1 or 0 once it was rated
    PRIMARY KEY (conversation, seq)
);
CREATE UNIQUE INDEX entries_external ON entries (channel, external) WHERE external IS NOT NULL;

CREATE TABLE attachments (
    id           TEXT PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq          BIGINT NOT NULL,
    n            BIGINT NOT NULL,            -- its place within the entry
    type         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    width        BIGINT NOT NULL,
    height       BIGINT NOT NULL
);
CREATE INDEX attachments_entry ON attachments (conversation, seq);

CREATE TABLE tickets (
    id           TEXT PRIMARY KEY,
    number       TEXT NOT NULL UNIQUE,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    urgency      TEXT NOT NULL,
    rank         BIGINT NOT NULL,            -- of the urgency: 0 is the most urgent
    category     TEXT NOT NULL,
    conversation TEXT REFERENCES conversations (id) ON DELETE SET NULL,
    device       TEXT NOT NULL,              -- as it was when the ticket was opened
    articles     TEXT NOT NULL,              -- JSON of []chat.Article
    summary      TEXT NOT NULL,
    holder       TEXT NOT NULL,
    version      BIGINT NOT NULL,            -- one for each event
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX tickets_open ON tickets (conversation) WHERE state <> 'closed';
CREATE INDEX tickets_queue ON tickets (rank, created_at) WHERE state <> 'closed';
CREATE INDEX tickets_conversation ON tickets (conversation);

CREATE TABLE notes (
    ticket TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    n      BIGINT NOT NULL,                  -- the ticket's version
    author TEXT NOT NULL,
    text   TEXT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (ticket, n)
);

CREATE TABLE audit (
    id     TEXT PRIMARY KEY,
    at     BIGINT NOT NULL,
    author TEXT NOT NULL,
    event  TEXT NOT NULL,
    ticket TEXT NOT NULL,                    -- '' where it is about none
    detail TEXT NOT NULL                     -- never what was said
);
CREATE INDEX audit_ticket ON audit (ticket, at);

CREATE TABLE outbox (
    id           BIGINT PRIMARY KEY,         -- random
    lane         TEXT NOT NULL,
    seq          BIGINT NOT NULL,            -- order within the lane
    conversation TEXT NOT NULL,              -- whom it is about, for erasing
    channel      TEXT NOT NULL,
    account      TEXT NOT NULL,
    address      TEXT NOT NULL,
    body         BYTEA NOT NULL,
    repeatable   BIGINT NOT NULL,
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    not_before   BIGINT NOT NULL,
    lease_until  BIGINT NOT NULL,
    reason       TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX outbox_lane ON outbox (lane, seq) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_due ON outbox (not_before) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'sending';
CREATE INDEX outbox_unsent ON outbox (state, created_at) WHERE state <> 'sent';
CREATE INDEX outbox_conversation ON outbox (conversation);
CREATE INDEX outbox_created ON outbox (created_at);

CREATE TABLE revisions (
    revision BIGINT PRIMARY KEY,
    author   TEXT NOT NULL,
    at       BIGINT NOT NULL
);

CREATE TABLE files (
    path     TEXT NOT NULL,
    revision BIGINT NOT NULL REFERENCES revisions (revision),
    gone     BIGINT NOT NULL,                -- 1 where this revision deleted the file
    data     BYTEA,
    PRIMARY KEY (path, revision)
);

CREATE TABLE keys (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,        -- SHA-256
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE keys;
DROP TABLE files;
DROP TABLE revisions;
DROP TABLE outbox;
DROP TABLE audit;
DROP TABLE notes;
DROP TABLE tickets;
DROP TABLE attachments;
DROP TABLE entries;
DROP TABLE conversations;
