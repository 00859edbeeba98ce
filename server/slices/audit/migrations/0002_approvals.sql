-- Who of the platform acted, and by whose consent; the trail's own jobs. What the chain of seals makes of later columns
-- stands in chain.h.
ALTER TABLE audit.log
    ADD COLUMN is_platform_staff boolean NOT NULL DEFAULT false,
    ADD COLUMN is_platform_admin boolean NOT NULL DEFAULT false,
    ADD COLUMN tenant_approval_reference text NOT NULL DEFAULT '';

CREATE FUNCTION audit.sealed_organizations(after_id uuid, most int) RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT s.organization_id FROM audit.seals s WHERE after_id IS NULL OR s.organization_id > after_id
    ORDER BY s.organization_id LIMIT most
$$;
SELECT app.give_to_ops('audit.sealed_organizations(uuid, int)'::regprocedure);

-- Makes the partitions of this month and of so many after it, as far as they are not there; how many it made. Entries of
-- such a month that lie in the default partition already, because nothing ran for long, move into their own. It belongs
-- to the tables' owner, as only he may attach partitions; what it sees of them, it shows nobody.
CREATE FUNCTION audit.make_partitions(ahead int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' AS $$
DECLARE
    first date;
    last date;
    name text;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit.make_partitions', 0));
    FOR month IN 0 .. ahead LOOP
        first := (date_trunc('month', now()) + month * interval '1 month')::date;
        last := (first + interval '1 month')::date;
        name := 'log_' || to_char(first, 'YYYYMM');
        CONTINUE WHEN to_regclass('audit.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE audit.%I (LIKE audit.log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        ALTER TABLE audit.log_default NO FORCE ROW LEVEL SECURITY;
        EXECUTE format('WITH moved AS (DELETE FROM audit.log_default WHERE at >= %L AND at < %L RETURNING *) '
                       'INSERT INTO audit.%I SELECT * FROM moved', first, last, name);
        ALTER TABLE audit.log_default FORCE ROW LEVEL SECURITY;
        EXECUTE format('ALTER TABLE audit.log ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, first, last);
        EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', name);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION audit.make_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.make_partitions(int) TO vg_app;
