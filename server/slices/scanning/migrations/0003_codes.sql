-- Which ticket a code leads to: for scans that are judged here. A code that has led to one ticket never leads to another
-- one, so that rows are only added; whether it still holds is the ticket's to say.
CREATE TABLE scanning.feed_codes (
    organization_id uuid  NOT NULL,
    event_id        uuid  NOT NULL,
    hash            bytea NOT NULL CHECK (length(hash) = 16),
    ordinal         int   NOT NULL,
    PRIMARY KEY (organization_id, event_id, hash),
    FOREIGN KEY (organization_id, event_id) REFERENCES scanning.feeds
) PARTITION BY HASH (event_id);
SELECT app.protect('scanning.feed_codes', 'SELECT, INSERT');

DO $$
BEGIN
    FOR n IN 0..7 LOOP
        EXECUTE format('CREATE TABLE scanning.feed_codes_%s PARTITION OF scanning.feed_codes '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('ALTER TABLE scanning.feed_codes_%s ENABLE ROW LEVEL SECURITY', n);
        EXECUTE format('ALTER TABLE scanning.feed_codes_%s FORCE ROW LEVEL SECURITY', n);
    END LOOP;
END $$;

ALTER TABLE scanning.feed_tickets ADD COLUMN addon_of int;
CREATE INDEX feed_tickets_addons ON scanning.feed_tickets (organization_id, event_id, addon_of) WHERE addon_of IS NOT NULL;

-- Who is inside a place that holds only so many, and who has been through a gate.
CREATE INDEX scans_checkpoint ON scanning.scans (organization_id, event_id, checkpoint) WHERE feed_seq IS NOT NULL;
