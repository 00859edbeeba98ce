-- Sums over spans of time, by the corrected time of the scans: what alarms are held against.
CREATE TABLE scanning.tallies (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    kind            text   NOT NULL CHECK (kind IN ('gate_minute', 'device_hour', 'event_minute')),
    subject         text   NOT NULL,
    since           timestamptz NOT NULL,
    total           bigint NOT NULL DEFAULT 0,
    marked          bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, event_id, kind, subject, since)
);
SELECT app.protect('scanning.tallies', 'SELECT, INSERT, UPDATE');

-- A minute that nobody has asked about for so long is not asked about again.
CREATE INDEX tallies_since ON scanning.tallies (since);
GRANT SELECT, UPDATE, DELETE ON scanning.tallies TO vg_ops;
CREATE FUNCTION scanning.prune_tallies(kept interval, most int)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM scanning.tallies WHERE ctid IN (
            SELECT ctid FROM scanning.tallies WHERE since < now() - kept LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;
SELECT app.give_to_ops('scanning.prune_tallies(interval, int)'::regprocedure);

-- Tickets that were shown again after they were used up: few beside all scans, and asked about with every batch.
CREATE TABLE scanning.repeats (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    device          text   NOT NULL,
    epoch           bigint NOT NULL,
    seq             bigint NOT NULL,
    ordinal         int    NOT NULL,
    checkpoint      text   NOT NULL,
    gate            text   NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, event_id, device, epoch, seq)
);
CREATE INDEX repeats_ordinal ON scanning.repeats (organization_id, event_id, ordinal, at);
SELECT app.protect('scanning.repeats', 'SELECT, INSERT');

ALTER TABLE scanning.incidents DROP CONSTRAINT incidents_kind_check;
ALTER TABLE scanning.incidents ADD CONSTRAINT incidents_kind_check CHECK (kind IN (
    'double', 'impossible_travel', 'repeated_attempts', 'gate_rate', 'device_errors', 'late_upload', 'revoked_device',
    'quarantine', 'nearly_full', 'checksum', 'conflict_rate', 'queue_length'));
CREATE INDEX incidents_subject ON scanning.incidents (organization_id, event_id, kind, subject);
