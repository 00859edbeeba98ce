-- Logins hold from the network that they were begun in, unless the organization says otherwise.
ALTER TABLE tenancy.organization_settings ADD COLUMN bind_logins boolean NOT NULL DEFAULT true;
GRANT SELECT ON tenancy.organization_settings TO vg_ops;

DROP FUNCTION tenancy.find_session(bytea);
CREATE FUNCTION tenancy.find_session(hash bytea)
RETURNS TABLE (session_id uuid, user_id uuid, organization_id uuid, role text, grants text[], is_platform_admin boolean,
               is_platform_staff boolean, reason text, name text, expires_at timestamptz, organization_status text,
               bound_to text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.id, s.user_id, s.organization_id, m.role, m.grants, u.is_platform_admin, u.is_platform_staff, s.reason,
           trim(u.first_name || ' ' || u.last_name), s.expires_at, o.status,
           CASE WHEN coalesce(t.bind_logins, true) THEN s.address ELSE '' END
    FROM tenancy.sessions s
    JOIN tenancy.users u ON u.id = s.user_id AND u.status = 'active'
    LEFT JOIN tenancy.organizations o ON o.organization_id = s.organization_id
    LEFT JOIN tenancy.organization_settings t ON t.organization_id = s.organization_id
    LEFT JOIN tenancy.memberships m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
        AND m.status = 'active'
    WHERE s.token_hash = hash AND s.expires_at > now() AND o.status IS DISTINCT FROM 'archived'
$$;
SELECT app.give_to_ops('tenancy.find_session(bytea)'::regprocedure);
