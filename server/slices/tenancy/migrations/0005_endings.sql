-- What ends with an organization, and what with a role in it.

-- Nobody is signed in to an organization that is archived.
CREATE OR REPLACE FUNCTION tenancy.find_session(hash bytea)
RETURNS TABLE (session_id uuid, user_id uuid, organization_id uuid, role text, grants text[], is_platform_admin boolean,
               is_platform_staff boolean, reason text, name text, expires_at timestamptz, organization_status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.id, s.user_id, s.organization_id, m.role, m.grants, u.is_platform_admin, u.is_platform_staff, s.reason,
           trim(u.first_name || ' ' || u.last_name), s.expires_at, o.status
    FROM tenancy.sessions s
    JOIN tenancy.users u ON u.id = s.user_id AND u.status = 'active'
    LEFT JOIN tenancy.organizations o ON o.organization_id = s.organization_id
    LEFT JOIN tenancy.memberships m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
        AND m.status = 'active'
    WHERE s.token_hash = hash AND s.expires_at > now() AND o.status IS DISTINCT FROM 'archived'
$$;

CREATE OR REPLACE FUNCTION tenancy.sessions_now(ids uuid[])
RETURNS TABLE (session_id uuid, role text, grants text[], is_platform_admin boolean, is_platform_staff boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.id, m.role, m.grants, u.is_platform_admin, u.is_platform_staff
    FROM tenancy.sessions s
    JOIN tenancy.users u ON u.id = s.user_id AND u.status = 'active'
    LEFT JOIN tenancy.organizations o ON o.organization_id = s.organization_id
    LEFT JOIN tenancy.memberships m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
        AND m.status = 'active'
    WHERE s.id = ANY (ids) AND s.expires_at > now() AND o.status IS DISTINCT FROM 'archived'
$$;

-- Ends a person's logins in the organization that is set and in no other; null: everybody's there.
CREATE FUNCTION tenancy.end_sessions_in(of_user uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (DELETE FROM tenancy.sessions
                  WHERE organization_id = app.org() AND (of_user IS NULL OR user_id = of_user) RETURNING 1)
    SELECT count(*) FROM gone
$$;
SELECT app.give_to_ops('tenancy.end_sessions_in(uuid)'::regprocedure);
CREATE INDEX sessions_organization ON tenancy.sessions (organization_id);

-- Its devices are as if they had been revoked, and are again what they were if it comes back.
CREATE OR REPLACE FUNCTION tenancy.find_device(device_id uuid)
RETURNS TABLE (organization_id uuid, public_key bytea, status text, name text, event_id text, gate_id text,
               checkpoint_id text, direction text, boot bigint, counter bigint, version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT d.organization_id, d.public_key,
           CASE WHEN o.status = 'archived' AND d.status <> 'pending' THEN 'revoked' ELSE d.status END,
           d.name, d.event_id, d.gate_id, d.checkpoint_id, d.direction, d.boot, d.counter, d.version
    FROM tenancy.devices d LEFT JOIN tenancy.organizations o ON o.organization_id = d.organization_id
    WHERE d.id = device_id
$$;

CREATE OR REPLACE FUNCTION tenancy.devices_now(ids uuid[])
RETURNS TABLE (device_id uuid, status text, event_id text, gate_id text, checkpoint_id text, direction text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT d.id, CASE WHEN o.status = 'archived' THEN 'revoked' ELSE d.status END,
           d.event_id, d.gate_id, d.checkpoint_id, d.direction
    FROM tenancy.devices d LEFT JOIN tenancy.organizations o ON o.organization_id = d.organization_id
    WHERE d.id = ANY (ids)
$$;

CREATE OR REPLACE FUNCTION tenancy.use_device_code(hash bytea)
RETURNS TABLE (organization_id uuid, name text, event_id text, gate_id text, checkpoint_id text, direction text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE tenancy.device_codes c SET used_at = now()
    WHERE c.code_hash = hash AND c.used_at IS NULL AND c.expires_at > now()
      AND NOT EXISTS (SELECT FROM tenancy.organizations o
                      WHERE o.organization_id = c.organization_id AND o.status = 'archived')
    RETURNING c.organization_id, c.name, c.event_id, c.gate_id, c.checkpoint_id, c.direction
$$;

-- Somebody's own password, whatever organization he is signed in to or none: nobody but he himself is asked for.
CREATE FUNCTION tenancy.password_hash_of(of_user uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT password_hash FROM tenancy.users WHERE id = of_user
$$;
SELECT app.give_to_ops('tenancy.password_hash_of(uuid)'::regprocedure);
