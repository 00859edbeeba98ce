-- Names of people in the trail are closed under keys of theirs (names.h). Who is forgotten loses his keys, and the seals
-- hold as before: they cover the closed texts. A person has a key for each process that ever wrote his name.
CREATE TABLE audit.person_keys (
    organization_id uuid  NOT NULL,
    id              uuid  NOT NULL,
    person          uuid  NOT NULL,
    closed_key      bytea NOT NULL CHECK (length(closed_key) BETWEEN 32 AND 100),
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX person_keys_person ON audit.person_keys (organization_id, person);
SELECT app.protect('audit.person_keys', 'SELECT, INSERT, DELETE');
GRANT SELECT, DELETE ON audit.person_keys TO vg_ops;

CREATE TABLE audit.forgotten (
    organization_id uuid NOT NULL,
    person          uuid NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, person)
);
SELECT app.protect('audit.forgotten', 'SELECT, INSERT');
GRANT SELECT ON audit.forgotten TO vg_ops;

-- Keys that were being written while their person was forgotten. (They open nothing in the meantime: who reads asks
-- whether somebody is forgotten.) How many there were.
CREATE FUNCTION audit.drop_forgotten_keys() RETURNS int
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH dropped AS (
        DELETE FROM audit.person_keys k USING audit.forgotten f
        WHERE f.organization_id = k.organization_id AND f.person = k.person RETURNING 1)
    SELECT count(*)::int FROM dropped
$$;
SELECT app.give_to_ops('audit.drop_forgotten_keys()'::regprocedure);

-- The latest first, whatever the trail's length.
CREATE INDEX log_latest ON audit.log (organization_id, id);

-- One look at the end of each organization's part of the index, and none at what was sealed long ago.
CREATE OR REPLACE FUNCTION audit.unsealed(most int) RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH RECURSIVE organizations AS (
        (SELECT l.organization_id FROM audit.log l ORDER BY l.organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT l.organization_id FROM audit.log l WHERE l.organization_id > o.organization_id
                ORDER BY l.organization_id LIMIT 1)
        FROM organizations o WHERE o.organization_id IS NOT NULL)
    SELECT o.organization_id FROM organizations o
    CROSS JOIN LATERAL (
        SELECT l.xid, l.id FROM audit.log l
        WHERE l.organization_id = o.organization_id AND l.xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY l.xid DESC, l.id DESC LIMIT 1) AS last
    WHERE NOT EXISTS (SELECT FROM audit.seals s WHERE s.organization_id = o.organization_id
                      AND (s.to_xid, s.to_id) >= (last.xid, last.id))
    LIMIT most
$$;

-- Months that nobody writes into any more, out of the way of those that are written. They are read as before.
CREATE TABLE audit.archived (LIKE audit.log INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)
    PARTITION BY RANGE (at);
SELECT app.protect('audit.archived', 'SELECT');
GRANT SELECT ON audit.archived TO vg_ops;
CREATE VIEW audit.entries WITH (security_invoker = true) AS
    SELECT * FROM audit.log UNION ALL SELECT * FROM audit.archived;
GRANT SELECT ON audit.entries TO vg_app;

-- Moves months that ended more than so many months ago, and that seals cover to the last entry; how many. Of the
-- tables' owner, like audit.make_partitions.
CREATE FUNCTION audit.archive_partitions(kept int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    name text;
    first date;
    covered boolean;
    moved int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit.make_partitions', 0));
    FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'audit.log'::regclass AND c.relname ~ '^log_\d{6}$' ORDER BY c.relname LOOP
        first := to_date(right(name, 6), 'YYYYMM');
        CONTINUE WHEN first + interval '1 month' > date_trunc('month', now()) - kept * interval '1 month';
        EXECUTE format('ALTER TABLE audit.%I NO FORCE ROW LEVEL SECURITY', name);
        ALTER TABLE audit.seals NO FORCE ROW LEVEL SECURITY;
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM audit.%I l WHERE NOT EXISTS (SELECT FROM audit.seals s '
                       'WHERE s.organization_id = l.organization_id AND (s.to_xid, s.to_id) >= (l.xid, l.id)))', name)
            INTO covered;
        ALTER TABLE audit.seals FORCE ROW LEVEL SECURITY;
        EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', name);
        CONTINUE WHEN NOT covered;
        EXECUTE format('ALTER TABLE audit.log DETACH PARTITION audit.%I', name);
        EXECUTE format('ALTER TABLE audit.archived ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, first,
                       (first + interval '1 month')::date);
        moved := moved + 1;
    END LOOP;
    RETURN moved;
END $$;
REVOKE ALL ON FUNCTION audit.archive_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.archive_partitions(int) TO vg_app;
