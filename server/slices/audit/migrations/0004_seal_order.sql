-- The same, those first that were sealed longest ago: however many write all the time, each has its turn.
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
    LEFT JOIN LATERAL (
        SELECT s.to_xid, s.to_id, s.at FROM audit.seals s
        WHERE s.organization_id = o.organization_id ORDER BY s.number DESC LIMIT 1) AS seal ON true
    WHERE seal.at IS NULL OR (seal.to_xid, seal.to_id) < (last.xid, last.id)
    ORDER BY seal.at NULLS FIRST
    LIMIT most
$$;
