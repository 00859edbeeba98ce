-- What has been run, for a server that may not migrate and wants to know whether somebody did.
CREATE FUNCTION app.migrated() RETURNS TABLE (slice text, number integer, name text, sha256 bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT m.slice, m.number, m.name, m.sha256 FROM platform.migrations m ORDER BY m.slice, m.number
$$;
REVOKE ALL ON FUNCTION app.migrated() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.migrated() TO vg_app;
