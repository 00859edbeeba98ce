-- Which devices are there: seen, and not silent for long since.
ALTER TABLE tenancy.devices ADD COLUMN online_since timestamptz;
CREATE INDEX devices_online ON tenancy.devices (last_seen_at) WHERE online_since IS NOT NULL;

CREATE FUNCTION tenancy.organizations_with_silent_devices(silent interval, most int) RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT d.organization_id FROM tenancy.devices d
    WHERE d.online_since IS NOT NULL AND d.last_seen_at < now() - silent
    LIMIT most
$$;
SELECT app.give_to_ops('tenancy.organizations_with_silent_devices(interval, int)'::regprocedure);
