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

-- Of indexes that seem equally good PostgreSQL takes the newest. Of an event that it has no statistics of yet, all that
-- begin with the event seem so: rows are to be looked for in these, which name them.
ALTER TABLE scanning.scans DROP CONSTRAINT scans_pkey;
ALTER TABLE scanning.scans ADD PRIMARY KEY (organization_id, event_id, device, epoch, seq);
DROP INDEX scanning.scans_ordinal;
CREATE INDEX scans_ordinal ON scanning.scans (organization_id, event_id, ordinal) WHERE feed_seq IS NOT NULL;
ALTER TABLE scanning.feed_tickets DROP CONSTRAINT feed_tickets_pkey;
ALTER TABLE scanning.feed_tickets ADD PRIMARY KEY (organization_id, event_id, ordinal);
