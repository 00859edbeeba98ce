-- What every slice's migrations build on. Run as vg_owner, in a database that vg_owner owns.

-- Everything has a schema of its own; nothing goes into this one.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO vg_app, vg_ops; -- for the types and operators of extensions

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app, platform TO vg_app, vg_ops;
GRANT SELECT ON platform.migrations TO vg_app;

-- The organization whose rows the transaction may see; null when none is set, and then it sees none.
CREATE FUNCTION app.org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$;

-- Makes a tenant table: its rows are seen and written by their own organization alone, its owner included. Every key of
-- it begins with the tenant, so that a violated one tells nothing about other tenants. `privileges` is what the server
-- may do with the rows ('SELECT, INSERT' for what is only ever added to).
CREATE FUNCTION app.protect(target regclass, privileges text DEFAULT 'SELECT, INSERT, UPDATE, DELETE',
                            tenant name DEFAULT 'organization_id') RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
DECLARE
    stray text;
BEGIN
    SELECT i.indexrelid::regclass::text INTO stray
        FROM pg_index i LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = target AND i.indisunique AND a.attname IS DISTINCT FROM tenant LIMIT 1;
    IF stray IS NOT NULL THEN
        RAISE EXCEPTION 'the unique index % of % does not begin with %', stray, target, tenant;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY tenant ON %1$s USING (%2$I = app.org()) WITH CHECK (%2$I = app.org())', target, tenant);
    EXECUTE format('GRANT %s ON %s TO vg_app', privileges, target);
END $$;

-- Makes a function one of the few that look across organizations: it runs as vg_ops, which row security does not bind,
-- and only the server may call it. What it touches has to be granted to vg_ops by name.
CREATE FUNCTION app.give_to_ops(target regprocedure) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    home regnamespace;
    settings text[];
BEGIN
    SELECT pronamespace, proconfig INTO home, settings FROM pg_proc WHERE oid = target;
    IF NOT EXISTS (SELECT FROM unnest(settings) s WHERE s LIKE 'search_path=%') THEN
        RAISE EXCEPTION 'the function % has no search_path of its own', target;
    END IF;
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO vg_app', target);
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', target);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %s TO vg_ops', home);
    EXECUTE format('ALTER FUNCTION %s OWNER TO vg_ops', target);
    EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM vg_ops', home);
END $$;

REVOKE ALL ON FUNCTION app.protect(regclass, text, name), app.give_to_ops(regprocedure) FROM PUBLIC;
