-- Organizations, people, what they may do where, and the devices of an organization.

CREATE SCHEMA tenancy;
GRANT USAGE ON SCHEMA tenancy TO vg_app, vg_ops;

CREATE TABLE tenancy.organizations (
    organization_id uuid PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    slug       text NOT NULL CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) <= 63),
    status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'archived')),
    version    int  NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
-- Slugs and ids of devices are unique in the world; nobody but the functions below sees that they are taken.
CREATE TABLE tenancy.slugs (slug text PRIMARY KEY, organization_id uuid NOT NULL);
CREATE TABLE tenancy.device_ids (id uuid PRIMARY KEY, organization_id uuid NOT NULL);
GRANT SELECT, INSERT, DELETE ON tenancy.slugs, tenancy.device_ids TO vg_ops;

SELECT app.protect('tenancy.organizations', 'SELECT, INSERT, UPDATE');

CREATE TABLE tenancy.organization_settings (
    organization_id uuid PRIMARY KEY REFERENCES tenancy.organizations,
    currency      char(3) NOT NULL DEFAULT 'ZAR' CHECK (currency IN ('ZAR', 'USD', 'EUR', 'GBP')),
    timezone      text NOT NULL DEFAULT 'Africa/Johannesburg',
    locale        text NOT NULL DEFAULT 'en',
    primary_color text NOT NULL DEFAULT '',
    logo_url      text NOT NULL DEFAULT '',
    flags         jsonb NOT NULL DEFAULT '{}',
    limits        jsonb NOT NULL DEFAULT '{}',
    version       int  NOT NULL DEFAULT 1,
    updated_at    timestamptz NOT NULL DEFAULT now()
);
SELECT app.protect('tenancy.organization_settings', 'SELECT, INSERT, UPDATE');

-- People are of no organization: nobody but the functions below reads this table.
CREATE TABLE tenancy.users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    first_name        text NOT NULL DEFAULT '',
    last_name         text NOT NULL DEFAULT '',
    password_hash     text,
    status            text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'disabled')),
    confirmed_at      timestamptz,
    is_platform_admin boolean NOT NULL DEFAULT false,
    is_platform_staff boolean NOT NULL DEFAULT false,
    version           int NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON tenancy.users (email);
GRANT SELECT, INSERT, UPDATE ON tenancy.users TO vg_ops;

CREATE TABLE tenancy.memberships (
    organization_id uuid NOT NULL REFERENCES tenancy.organizations,
    user_id         uuid NOT NULL REFERENCES tenancy.users,
    role            text NOT NULL CHECK (role IN ('owner', 'admin', 'staff', 'viewer', 'scanner_only')),
    grants          text[] NOT NULL DEFAULT '{}',
    status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    invited_at      timestamptz,
    joined_at       timestamptz NOT NULL DEFAULT now(),
    version         int NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX memberships_user ON tenancy.memberships (user_id);
SELECT app.protect('tenancy.memberships', 'SELECT, INSERT, UPDATE, DELETE');
GRANT SELECT ON tenancy.memberships, tenancy.organizations TO vg_ops;

-- An organization is never without an owner. Two requests that each take one away meet at the organization's row.
CREATE FUNCTION tenancy.keep_an_owner() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.role = 'owner' AND OLD.status = 'active'
       AND (TG_OP = 'DELETE' OR NEW.role <> 'owner' OR NEW.status <> 'active') THEN
        PERFORM 1 FROM tenancy.organizations WHERE organization_id = OLD.organization_id FOR UPDATE;
        IF NOT EXISTS (SELECT FROM tenancy.memberships m WHERE m.organization_id = OLD.organization_id
                       AND m.user_id <> OLD.user_id AND m.role = 'owner' AND m.status = 'active') THEN
            RAISE EXCEPTION 'the last owner stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'last_owner_stays';
        END IF;
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER keep_an_owner BEFORE UPDATE OR DELETE ON tenancy.memberships
    FOR EACH ROW EXECUTE FUNCTION tenancy.keep_an_owner();

CREATE TABLE tenancy.invitations (
    organization_id uuid  NOT NULL REFERENCES tenancy.organizations,
    id              uuid  NOT NULL,
    email           text  NOT NULL CHECK (email = lower(email)),
    role            text  NOT NULL CHECK (role IN ('owner', 'admin', 'staff', 'viewer', 'scanner_only')),
    token_hash      bytea NOT NULL,
    invited_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, email)
);
CREATE INDEX invitations_token ON tenancy.invitations (token_hash);
SELECT app.protect('tenancy.invitations', 'SELECT, INSERT, UPDATE, DELETE');
GRANT SELECT ON tenancy.invitations TO vg_ops;

-- Logins. Looked up by the hash of their token, before anything is known of who asks.
CREATE TABLE tenancy.sessions (
    token_hash      bytea PRIMARY KEY,
    id              uuid NOT NULL UNIQUE,
    user_id         uuid NOT NULL REFERENCES tenancy.users,
    organization_id uuid REFERENCES tenancy.organizations,
    reason          text NOT NULL DEFAULT '', -- of a super admin inside an organization
    address         text NOT NULL DEFAULT '',
    agent           text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX sessions_user ON tenancy.sessions (user_id);
CREATE INDEX sessions_expired ON tenancy.sessions (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.sessions TO vg_ops;

CREATE TABLE tenancy.badges (
    organization_id uuid NOT NULL REFERENCES tenancy.organizations,
    id              uuid NOT NULL,
    event_id        text NOT NULL,
    user_id         uuid,
    name            text NOT NULL CHECK (name <> ''),
    grants          text[] NOT NULL CHECK (grants <@ ARRAY['steward', 'supervisor', 'technician']),
    pin_hash        text,
    revoked_at      timestamptz,
    version         int NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX badges_event ON tenancy.badges (organization_id, event_id);
SELECT app.protect('tenancy.badges', 'SELECT, INSERT, UPDATE');

-- One-time codes that let a device in.
CREATE TABLE tenancy.device_codes (
    organization_id uuid  NOT NULL REFERENCES tenancy.organizations,
    id              uuid  NOT NULL,
    code_hash       bytea NOT NULL,
    name            text  NOT NULL DEFAULT '',
    event_id        text,
    gate_id         text,
    checkpoint_id   text,
    direction       text  CHECK (direction IN ('entry', 'exit')),
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX device_codes_code ON tenancy.device_codes (code_hash);
SELECT app.protect('tenancy.device_codes', 'SELECT, INSERT, UPDATE, DELETE');
GRANT SELECT, UPDATE ON tenancy.device_codes TO vg_ops;

CREATE TABLE tenancy.devices (
    organization_id uuid  NOT NULL REFERENCES tenancy.organizations,
    id              uuid  NOT NULL,
    name            text  NOT NULL CHECK (name <> '' AND length(name) <= 100),
    kind            text  NOT NULL DEFAULT 'scanner',
    model           text  NOT NULL DEFAULT '',
    software        text  NOT NULL DEFAULT '',
    public_key      bytea NOT NULL CHECK (length(public_key) = 32),
    digits          text  NOT NULL DEFAULT '',
    status          text  NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'active', 'locked', 'revoked', 'replaced')),
    event_id        text,
    gate_id         text,
    checkpoint_id   text,
    direction       text  NOT NULL DEFAULT 'entry' CHECK (direction IN ('entry', 'exit')),
    boot            bigint NOT NULL DEFAULT 0,  -- of the last request that was taken
    counter         bigint NOT NULL DEFAULT 0,
    lease_until     timestamptz,
    last_seen_at    timestamptz,
    battery         smallint,
    health          jsonb NOT NULL DEFAULT '{}',
    approved_at     timestamptz,
    revoked_at      timestamptz,
    version         int NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX devices_id ON tenancy.devices (id);
CREATE INDEX devices_event ON tenancy.devices (organization_id, event_id) WHERE event_id IS NOT NULL;
SELECT app.protect('tenancy.devices', 'SELECT, INSERT, UPDATE');
GRANT SELECT ON tenancy.devices TO vg_ops;

-- What devices are told to do, until they said what became of it.
CREATE TABLE tenancy.device_commands (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    device_id       uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('assign', 'message', 'lock', 'unlock', 'wipe')),
    args            jsonb NOT NULL DEFAULT '{}',
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    done_at         timestamptz,
    outcome         text,
    note            text NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, device_id) REFERENCES tenancy.devices
);
CREATE INDEX device_commands_open ON tenancy.device_commands (organization_id, device_id) WHERE done_at IS NULL;
SELECT app.protect('tenancy.device_commands', 'SELECT, INSERT, UPDATE');

-- What has to be known before an organization is. Each returns one row at most, and says nothing of others.

CREATE FUNCTION tenancy.find_login(login_email text)
RETURNS TABLE (id uuid, password_hash text, status text, is_platform_admin boolean, is_platform_staff boolean, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT u.id, u.password_hash, u.status, u.is_platform_admin, u.is_platform_staff,
           trim(u.first_name || ' ' || u.last_name)
    FROM tenancy.users u WHERE u.email = lower(login_email)
$$;

CREATE FUNCTION tenancy.organizations_of(of_user uuid)
RETURNS TABLE (organization_id uuid, slug text, name text, status text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.organization_id, o.slug, o.name, o.status, m.role
    FROM tenancy.memberships m JOIN tenancy.organizations o USING (organization_id)
    WHERE m.user_id = of_user AND m.status = 'active' AND o.status <> 'archived' ORDER BY o.name, o.organization_id
$$;

-- Takes a slug for the organization that is set. False when it is taken.
CREATE FUNCTION tenancy.claim_slug(new_slug text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH claimed AS (INSERT INTO tenancy.slugs (slug, organization_id) VALUES (new_slug, app.org())
                     ON CONFLICT (slug) DO NOTHING RETURNING 1),
         gone AS (DELETE FROM tenancy.slugs WHERE organization_id = app.org() AND slug <> new_slug
                  AND EXISTS (SELECT FROM claimed))
    SELECT EXISTS (SELECT FROM claimed)
        OR EXISTS (SELECT FROM tenancy.slugs WHERE slug = new_slug AND organization_id = app.org())
$$;

CREATE FUNCTION tenancy.claim_device_id(new_id uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH claimed AS (INSERT INTO tenancy.device_ids (id, organization_id) VALUES (new_id, app.org())
                     ON CONFLICT (id) DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT FROM claimed)
        OR EXISTS (SELECT FROM tenancy.device_ids WHERE id = new_id AND organization_id = app.org())
$$;

CREATE FUNCTION tenancy.find_organization(by_slug text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT organization_id FROM tenancy.organizations WHERE slug = by_slug AND status <> 'archived'
$$;

CREATE FUNCTION tenancy.list_organizations(after_slug text, most int)
RETURNS TABLE (organization_id uuid, slug text, name text, status text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT organization_id, slug, name, status, created_at FROM tenancy.organizations
    WHERE slug > after_slug ORDER BY slug LIMIT most
$$;

CREATE FUNCTION tenancy.begin_session(hash bytea, session_id uuid, of_user uuid, in_organization uuid, why text,
                                      from_address text, with_agent text, until timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO tenancy.sessions (token_hash, id, user_id, organization_id, reason, address, agent, expires_at)
    VALUES (hash, session_id, of_user, in_organization, why, from_address, with_agent, until)
$$;

CREATE FUNCTION tenancy.find_session(hash bytea)
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
    WHERE s.token_hash = hash AND s.expires_at > now()
$$;

-- Of these logins those that still hold, and as what: for sockets, which are asked about several times a second.
CREATE FUNCTION tenancy.sessions_now(ids uuid[])
RETURNS TABLE (session_id uuid, role text, grants text[], is_platform_admin boolean, is_platform_staff boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.id, m.role, m.grants, u.is_platform_admin, u.is_platform_staff
    FROM tenancy.sessions s
    JOIN tenancy.users u ON u.id = s.user_id AND u.status = 'active'
    LEFT JOIN tenancy.memberships m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
        AND m.status = 'active'
    WHERE s.id = ANY (ids) AND s.expires_at > now()
$$;

CREATE FUNCTION tenancy.end_session(of_session uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM tenancy.sessions WHERE id = of_session
$$;

CREATE FUNCTION tenancy.end_sessions_of(of_user uuid, but uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (DELETE FROM tenancy.sessions WHERE user_id = of_user AND id IS DISTINCT FROM but RETURNING 1)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION tenancy.prune_sessions() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (DELETE FROM tenancy.sessions WHERE expires_at < now() RETURNING 1) SELECT count(*) FROM gone
$$;

-- The user of an address, made if there is none yet.
CREATE FUNCTION tenancy.ensure_user(new_id uuid, new_email text, new_first text, new_last text) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH made AS (
        INSERT INTO tenancy.users (id, email, first_name, last_name) VALUES (new_id, lower(new_email), new_first, new_last)
        ON CONFLICT (email) DO NOTHING RETURNING id)
    SELECT id FROM made UNION ALL SELECT id FROM tenancy.users WHERE email = lower(new_email) LIMIT 1
$$;

-- Sets what the person chose, and confirms the address. Only a user without a password gets one this way.
CREATE FUNCTION tenancy.confirm_user(of_user uuid, hash text, new_first text, new_last text, at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH done AS (
        UPDATE tenancy.users SET password_hash = hash, status = 'active', confirmed_at = at,
            first_name = coalesce(nullif(new_first, ''), first_name), last_name = coalesce(nullif(new_last, ''), last_name),
            version = version + 1, updated_at = now()
        WHERE id = of_user AND password_hash IS NULL AND status <> 'disabled' RETURNING 1)
    SELECT EXISTS (SELECT FROM done)
$$;

CREATE FUNCTION tenancy.set_password(of_user uuid, hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE tenancy.users SET password_hash = hash, version = version + 1, updated_at = now() WHERE id = of_user
$$;

CREATE FUNCTION tenancy.set_user_status(of_user uuid, new_status text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH done AS (UPDATE tenancy.users SET status = new_status, version = version + 1, updated_at = now()
                  WHERE id = of_user RETURNING 1)
    SELECT EXISTS (SELECT FROM done)
$$;

CREATE FUNCTION tenancy.set_platform_flags(of_user uuid, admin boolean, staff boolean) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH done AS (UPDATE tenancy.users SET is_platform_admin = admin, is_platform_staff = staff, version = version + 1,
                  updated_at = now() WHERE id = of_user RETURNING 1)
    SELECT EXISTS (SELECT FROM done)
$$;

-- The people of the organization that is set, and of no other.
CREATE FUNCTION tenancy.members()
RETURNS TABLE (user_id uuid, email text, first_name text, last_name text, status text, role text, grants text[],
               is_platform_staff boolean, joined_at timestamptz, version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT u.id, u.email, u.first_name, u.last_name, CASE WHEN m.status = 'active' THEN u.status ELSE m.status END,
           m.role, m.grants, u.is_platform_staff, m.joined_at, m.version
    FROM tenancy.memberships m JOIN tenancy.users u ON u.id = m.user_id
    WHERE m.organization_id = app.org()
$$;

CREATE FUNCTION tenancy.find_invitation(hash bytea)
RETURNS TABLE (organization_id uuid, id uuid, email text, role text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT i.organization_id, i.id, i.email, i.role, i.expires_at FROM tenancy.invitations i
    JOIN tenancy.organizations o USING (organization_id)
    WHERE i.token_hash = hash AND i.expires_at > now() AND o.status <> 'archived'
$$;

-- Uses a device's code up: one row, once.
CREATE FUNCTION tenancy.use_device_code(hash bytea)
RETURNS TABLE (organization_id uuid, name text, event_id text, gate_id text, checkpoint_id text, direction text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE tenancy.device_codes SET used_at = now()
    WHERE code_hash = hash AND used_at IS NULL AND expires_at > now()
    RETURNING organization_id, name, event_id, gate_id, checkpoint_id, direction
$$;

CREATE FUNCTION tenancy.find_device(device_id uuid)
RETURNS TABLE (organization_id uuid, public_key bytea, status text, name text, event_id text, gate_id text,
               checkpoint_id text, direction text, boot bigint, counter bigint, version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT organization_id, public_key, status, name, event_id, gate_id, checkpoint_id, direction, boot, counter, version
    FROM tenancy.devices WHERE id = device_id
$$;

-- The same for devices.
CREATE FUNCTION tenancy.devices_now(ids uuid[])
RETURNS TABLE (device_id uuid, status text, event_id text, gate_id text, checkpoint_id text, direction text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT id, status, event_id, gate_id, checkpoint_id, direction FROM tenancy.devices WHERE id = ANY (ids)
$$;

SELECT app.give_to_ops(p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'tenancy'::regnamespace AND p.prosecdef;
