-- Rows of lists refer to their feed as before, and this is looked at once a statement and not once a row. The server may
-- not take feeds away, nor change what names them.
CREATE FUNCTION scanning.have_feeds() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    missing uuid;
BEGIN
    PERFORM FROM scanning.feeds f
        WHERE (f.organization_id, f.event_id) IN (SELECT DISTINCT a.organization_id, a.event_id FROM added a)
        FOR KEY SHARE;
    SELECT a.event_id INTO missing FROM (SELECT DISTINCT organization_id, event_id FROM added) a
        WHERE NOT EXISTS (SELECT FROM scanning.feeds f
                          WHERE f.organization_id = a.organization_id AND f.event_id = a.event_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % has no feed', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE scanning.feed_tickets DROP CONSTRAINT feed_tickets_organization_id_event_id_fkey;
CREATE TRIGGER feed_tickets_have_feeds AFTER INSERT ON scanning.feed_tickets REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION scanning.have_feeds();
ALTER TABLE scanning.feed_codes DROP CONSTRAINT feed_codes_organization_id_event_id_fkey;
CREATE TRIGGER feed_codes_have_feeds AFTER INSERT ON scanning.feed_codes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION scanning.have_feeds();

-- Of indexes that seem equally good PostgreSQL takes the newest: rows are to be looked for in these, which name them.
ALTER TABLE scanning.scans DROP CONSTRAINT scans_pkey;
ALTER TABLE scanning.scans ADD PRIMARY KEY (organization_id, event_id, device, epoch, seq);
DROP INDEX scanning.scans_ordinal;
CREATE INDEX scans_ordinal ON scanning.scans (organization_id, event_id, ordinal) WHERE feed_seq IS NOT NULL;
ALTER TABLE scanning.feed_tickets DROP CONSTRAINT feed_tickets_pkey;
ALTER TABLE scanning.feed_tickets ADD PRIMARY KEY (organization_id, event_id, ordinal);

-- Of a table that it has never looked at PostgreSQL thinks that an event has a row or none, and goes through all of an
-- event's scans for each of a batch, on the first evening of all evenings. It is shown a few events, which then go.
DO $$
DECLARE
    nobody uuid := md5('nobody')::uuid;
BEGIN
    PERFORM set_config('app.org_id', nobody::text, true);
    INSERT INTO scanning.scans (organization_id, event_id, device, epoch, seq, session, operator, gate, checkpoint, is_exit,
        ordinal, generation, count, code_hash, source, at, at_device, clock, received_at, outcome, reason, override_by,
        is_test, unverified, feed_seq, passage, hash, row)
    SELECT nobody, md5('event ' || e)::uuid, 'device ' || n % 4, 1, n, '', '', 'gate ' || n % 4, 'checkpoint ' || n % 2, false,
        n, 0, 1, '', 'live', now() + n * interval '1 second', now(), 0, now(), 'admit', 'ok', '', false, false, n, '', '', ''
    FROM generate_series(1, 80) e, generate_series(1, 40) n;
    ANALYZE scanning.scans;
    DELETE FROM scanning.scans WHERE organization_id = nobody;
    PERFORM set_config('app.org_id', '', true);
END $$;
