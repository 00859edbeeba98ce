-- What gates follow, and what they recorded.

CREATE SCHEMA scanning;
GRANT USAGE ON SCHEMA scanning TO vg_app, vg_ops;

-- One feed an event. Its row is locked by whoever adds to it until that is committed, so that the order of numbers is the
-- order in which changes become visible.
CREATE TABLE scanning.feeds (
    organization_id  uuid   NOT NULL,
    event_id         uuid   NOT NULL,
    epoch            int    NOT NULL DEFAULT 1 CHECK (epoch > 0),
    head             bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
    definition_seq   bigint NOT NULL DEFAULT 0,
    definition       bytea,
    list_checksum    bytea  NOT NULL DEFAULT '\x00000000000000000000000000000000' CHECK (length(list_checksum) = 16),
    history_checksum bytea  NOT NULL DEFAULT '\x00000000000000000000000000000000' CHECK (length(history_checksum) = 16),
    tickets          int    NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, event_id)
);
SELECT app.protect('scanning.feeds', 'SELECT, INSERT, UPDATE');

-- Tickets as the feed has them: the last change of each.
CREATE TABLE scanning.feed_tickets (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    ordinal         int    NOT NULL CHECK (ordinal BETWEEN 0 AND 16777215),
    seq             bigint NOT NULL,
    message         bytea  NOT NULL,
    holder          text   NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, event_id, ordinal),
    FOREIGN KEY (organization_id, event_id) REFERENCES scanning.feeds
) PARTITION BY HASH (event_id);
CREATE INDEX feed_tickets_seq ON scanning.feed_tickets (organization_id, event_id, seq);
SELECT app.protect('scanning.feed_tickets', 'SELECT, INSERT, UPDATE');

-- Every scan, as its device made it. Only ever added to.
CREATE TABLE scanning.scans (
    organization_id uuid     NOT NULL,
    event_id        uuid     NOT NULL,
    device          text     NOT NULL,
    epoch           bigint   NOT NULL,
    seq             bigint   NOT NULL,
    session         text     NOT NULL,
    operator        text     NOT NULL,
    gate            text     NOT NULL,
    checkpoint      text     NOT NULL,
    is_exit         boolean  NOT NULL,
    ordinal         int      NOT NULL, -- 0: the code led to no ticket
    generation      smallint NOT NULL,
    count           int      NOT NULL,
    code_hash       bytea    NOT NULL,
    source          text     NOT NULL CHECK (source IN ('live', 'carried', 'json')),
    at              timestamptz NOT NULL, -- corrected
    at_device       timestamptz NOT NULL, -- as the device's clock said
    clock           smallint NOT NULL,
    received_at     timestamptz NOT NULL,
    outcome         text     NOT NULL,
    reason          text     NOT NULL,
    override_by     text     NOT NULL,
    is_test         boolean  NOT NULL,
    unverified      boolean  NOT NULL,
    feed_seq        bigint,            -- of what other gates have to know of:
    passage         bytea,             -- protocol::PassageRecord, as it goes out
    hash            bytea    NOT NULL,
    row             bytea    NOT NULL,
    PRIMARY KEY (organization_id, event_id, device, epoch, seq)
) PARTITION BY HASH (event_id);
CREATE INDEX scans_ordinal ON scanning.scans (organization_id, event_id, ordinal) WHERE feed_seq IS NOT NULL;
CREATE INDEX scans_feed ON scanning.scans (organization_id, event_id, feed_seq) WHERE feed_seq IS NOT NULL;
CREATE INDEX scans_at ON scanning.scans (organization_id, event_id, at);
SELECT app.protect('scanning.scans', 'SELECT, INSERT');

DO $$
BEGIN
    FOR n IN 0..7 LOOP
        EXECUTE format('CREATE TABLE scanning.feed_tickets_%s PARTITION OF scanning.feed_tickets '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('CREATE TABLE scanning.scans_%s PARTITION OF scanning.scans '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('ALTER TABLE scanning.feed_tickets_%s ENABLE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE scanning.feed_tickets_%s FORCE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE scanning.scans_%s ENABLE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE scanning.scans_%s FORCE ROW LEVEL SECURITY', n);
    END LOOP;
END $$;

-- Admissions beyond what a ticket allows, as they stand with all that is known now. The rows themselves stay as they are.
CREATE TABLE scanning.doubles (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    device          text   NOT NULL,
    epoch           bigint NOT NULL,
    seq             bigint NOT NULL,
    checkpoint      text   NOT NULL,
    ordinal         int    NOT NULL,
    earlier_device  text   NOT NULL,
    earlier_epoch   bigint NOT NULL,
    earlier_seq     bigint NOT NULL,
    found_at        timestamptz NOT NULL,
    PRIMARY KEY (organization_id, event_id, device, epoch, seq)
);
CREATE INDEX doubles_count ON scanning.doubles (organization_id, event_id, ordinal, checkpoint);
SELECT app.protect('scanning.doubles');

-- Persons in and out by checkpoint and gate, kept in the transactions of the scans.
CREATE TABLE scanning.occupancy (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    checkpoint      text   NOT NULL,
    gate            text   NOT NULL,
    entries         bigint NOT NULL DEFAULT 0,
    exits           bigint NOT NULL DEFAULT 0,
    refused         bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, event_id, checkpoint, gate)
);
SELECT app.protect('scanning.occupancy', 'SELECT, INSERT, UPDATE');

CREATE TABLE scanning.sessions (
    organization_id uuid NOT NULL,
    event_id        uuid NOT NULL,
    id              text NOT NULL,
    device          text NOT NULL,
    gate            text NOT NULL DEFAULT '',
    operator        text NOT NULL DEFAULT '',
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz,
    closed_because  text NOT NULL DEFAULT '',
    scans           bigint NOT NULL DEFAULT 0,
    last_scan_at    timestamptz,
    PRIMARY KEY (organization_id, event_id, id)
);
CREATE INDEX sessions_device ON scanning.sessions (organization_id, device) WHERE closed_at IS NULL;
SELECT app.protect('scanning.sessions', 'SELECT, INSERT, UPDATE');

CREATE TABLE scanning.incidents (
    organization_id uuid NOT NULL,
    event_id        uuid NOT NULL,
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('double', 'impossible_travel', 'repeated_attempts', 'gate_rate',
                        'device_errors', 'late_upload', 'revoked_device', 'quarantine', 'nearly_full', 'checksum')),
    severity        text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    subject         text NOT NULL, -- one open incident of a kind for each
    facts           jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    closed_by       uuid,
    closed_at       timestamptz,
    note            text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, event_id, id)
);
CREATE UNIQUE INDEX incidents_open ON scanning.incidents (organization_id, event_id, kind, subject) WHERE state = 'open';
CREATE INDEX incidents_latest ON scanning.incidents (organization_id, event_id, created_at);
SELECT app.protect('scanning.incidents', 'SELECT, INSERT, UPDATE');

-- Rows that could not be taken: kept aside for people, and out of the others' way.
CREATE TABLE scanning.quarantine (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    id              uuid   NOT NULL,
    device          text   NOT NULL,
    epoch           bigint NOT NULL,
    seq             bigint NOT NULL,
    hash            bytea  NOT NULL,
    reason          text   NOT NULL,
    row             bytea  NOT NULL,
    brought_by      text   NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT now(),
    state           text   NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dismissed')),
    PRIMARY KEY (organization_id, event_id, id),
    UNIQUE (organization_id, event_id, device, epoch, seq, hash)
);
SELECT app.protect('scanning.quarantine', 'SELECT, INSERT, UPDATE');
