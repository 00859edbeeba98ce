-- Tickets, the codes that lead to them, and the keys that sign codes.

CREATE SCHEMA ticketing;
GRANT USAGE ON SCHEMA ticketing TO vg_app, vg_ops;

-- What signed codes call their event by, unique in the deployment. Numbers of transactions that came to nothing are lost.
CREATE SEQUENCE ticketing.short_ids AS bigint MAXVALUE 4294967295;
GRANT USAGE ON SEQUENCE ticketing.short_ids TO vg_app;

-- One key ring an event. Whoever changes tickets of the event locks its row first.
CREATE TABLE ticketing.rings (
    organization_id  uuid        NOT NULL,
    event_id         uuid        NOT NULL,
    short_id         bigint      NOT NULL CHECK (short_id BETWEEN 1 AND 4294967295),
    hours_from       timestamptz NOT NULL,
    types            text[]      NOT NULL DEFAULT '{}', -- a code names them by their place: only ever added to
    zones            text[]      NOT NULL DEFAULT '{}',
    next_ordinal     int         NOT NULL DEFAULT 1 CHECK (next_ordinal BETWEEN 1 AND 16777216),
    created_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, event_id)
);
SELECT app.protect('ticketing.rings', 'SELECT, INSERT, UPDATE');

-- Private halves are sealed to the server's own key, which lies outside the database.
CREATE TABLE ticketing.keys (
    organization_id uuid        NOT NULL,
    event_id        uuid        NOT NULL,
    slot            smallint    NOT NULL CHECK (slot BETWEEN 0 AND 15),
    public_key      bytea       NOT NULL CHECK (length(public_key) = 32),
    sealed_key      bytea       NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    retired_at      timestamptz,
    PRIMARY KEY (organization_id, event_id, slot),
    FOREIGN KEY (organization_id, event_id) REFERENCES ticketing.rings
);
SELECT app.protect('ticketing.keys', 'SELECT, INSERT, UPDATE');

-- Keys of other systems, whose signed codes are accepted.
CREATE TABLE ticketing.foreign_keys (
    organization_id uuid        NOT NULL,
    event_id        uuid        NOT NULL,
    system          text        NOT NULL CHECK (system IN ('pretix')),
    public_key      bytea       NOT NULL CHECK (length(public_key) = 32),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, event_id, system, public_key),
    FOREIGN KEY (organization_id, event_id) REFERENCES ticketing.rings
);
SELECT app.protect('ticketing.foreign_keys', 'SELECT, INSERT, DELETE');

CREATE TABLE ticketing.tickets (
    organization_id uuid        NOT NULL,
    event_id        uuid        NOT NULL,
    ordinal         int         NOT NULL CHECK (ordinal BETWEEN 1 AND 16777215),
    id              uuid        NOT NULL,
    generation      smallint    NOT NULL DEFAULT 0 CHECK (generation BETWEEN 0 AND 255),
    type            text        NOT NULL,
    variant         text        NOT NULL DEFAULT '',
    date            text,
    zones           jsonb,
    gates           jsonb,
    state           text        NOT NULL CHECK (state IN ('valid', 'pending', 'unapproved', 'cancelled', 'revoked')),
    state_by_staff  boolean     NOT NULL DEFAULT false, -- then an import leaves it as it is
    valid_from      timestamptz,
    valid_until     timestamptz,
    admits          int         CHECK (admits BETWEEN 1 AND 65535),
    pending_ok      boolean     NOT NULL DEFAULT false,
    blocked         boolean     NOT NULL DEFAULT false,
    addon_of        int,
    seat            text        NOT NULL DEFAULT '',
    holder          text        NOT NULL DEFAULT '',
    email           text        NOT NULL DEFAULT '',
    order_ref       text        NOT NULL DEFAULT '',
    attention       boolean     NOT NULL DEFAULT false,
    notes           jsonb       NOT NULL DEFAULT '[]',
    answers         jsonb       NOT NULL DEFAULT '{}',
    is_signed       boolean     NOT NULL, -- has a code of ours; else a foreign one leads to it
    version         int         NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, event_id, ordinal),
    CONSTRAINT tickets_id UNIQUE (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES ticketing.rings
) PARTITION BY HASH (event_id);
SELECT app.protect('ticketing.tickets', 'SELECT, INSERT, UPDATE');

-- Texts that lead to a ticket. Two codes of one hash in an event cannot be told apart, and are refused. They refer to the
-- ring and not to the ticket: PostgreSQL plans that check once a session, while the table is small, and a list of 100,000
-- guests would be looked through for each of its rows.
CREATE TABLE ticketing.codes (
    organization_id uuid     NOT NULL,
    event_id        uuid     NOT NULL,
    hash            bytea    NOT NULL CHECK (length(hash) = 16),
    ordinal         int      NOT NULL,
    generation      smallint NOT NULL,
    kind            text     NOT NULL CHECK (kind IN ('foreign', 'typed')),
    code            text     NOT NULL,
    withdrawn       boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (organization_id, event_id, hash),
    FOREIGN KEY (organization_id, event_id) REFERENCES ticketing.rings
) PARTITION BY HASH (event_id);
CREATE INDEX codes_ordinal ON ticketing.codes (organization_id, event_id, ordinal);
SELECT app.protect('ticketing.codes', 'SELECT, INSERT, UPDATE');

DO $$
BEGIN
    FOR n IN 0..7 LOOP
        EXECUTE format('CREATE TABLE ticketing.tickets_%s PARTITION OF ticketing.tickets '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('CREATE TABLE ticketing.codes_%s PARTITION OF ticketing.codes '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('ALTER TABLE ticketing.tickets_%s ENABLE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE ticketing.tickets_%s FORCE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE ticketing.codes_%s ENABLE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE ticketing.codes_%s FORCE ROW LEVEL SECURITY', n);
    END LOOP;
END $$;

-- Who had a ticket before.
CREATE TABLE ticketing.transfers (
    organization_id uuid        NOT NULL,
    event_id        uuid        NOT NULL,
    id              uuid        NOT NULL,
    ordinal         int         NOT NULL,
    from_holder     text        NOT NULL,
    from_email      text        NOT NULL,
    generation      smallint    NOT NULL, -- that it had until then
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id, ordinal) REFERENCES ticketing.tickets
);
SELECT app.protect('ticketing.transfers', 'SELECT, INSERT');
