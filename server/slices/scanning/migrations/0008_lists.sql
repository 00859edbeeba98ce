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

-- Of an event that is new PostgreSQL thinks that it has a row or none: then all indexes that begin with the event seem
-- equally good, and it took one by which it goes through all of the event's scans for each that it looks for. These are now
-- for those alone who ask for what they are of: `at IS NOT NULL`, `feed_seq > 0`, `checkpoint IS NOT NULL`, which are true.
DROP INDEX scanning.scans_at;
CREATE INDEX scans_at ON scanning.scans (organization_id, event_id, at) WHERE at IS NOT NULL;
DROP INDEX scanning.scans_feed;
CREATE INDEX scans_feed ON scanning.scans (organization_id, event_id, feed_seq) WHERE feed_seq > 0;
DROP INDEX scanning.scans_checkpoint;
CREATE INDEX scans_checkpoint ON scanning.scans (organization_id, event_id, checkpoint)
    WHERE checkpoint IS NOT NULL AND feed_seq IS NOT NULL;
-- The newest of equals is taken.
DROP INDEX scanning.scans_ordinal;
CREATE INDEX scans_ordinal ON scanning.scans (organization_id, event_id, ordinal) WHERE feed_seq IS NOT NULL;
ALTER TABLE scanning.feed_tickets DROP CONSTRAINT feed_tickets_pkey;
ALTER TABLE scanning.feed_tickets ADD PRIMARY KEY (organization_id, event_id, ordinal);
