-- Keys of programs that speak for an organization, how much they may, and what they did.

CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO vg_app, vg_ops;

CREATE TABLE api.keys (
    organization_id uuid   NOT NULL,
    id              uuid   NOT NULL,
    name            text   NOT NULL CHECK (name <> '' AND length(name) <= 100),
    prefix          text   NOT NULL,
    hash            bytea  NOT NULL CHECK (length(hash) = 32),
    scopes          text[] NOT NULL CHECK (cardinality(scopes) > 0),
    expires_at      timestamptz,
    revoked_at      timestamptz,
    last_used_on    date,
    replaces        uuid,
    created_by      uuid,
    version         int NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, replaces) REFERENCES api.keys
);
CREATE INDEX keys_hash ON api.keys (hash);
CREATE INDEX keys_id ON api.keys (id);
SELECT app.protect('api.keys', 'SELECT, INSERT, UPDATE');
GRANT SELECT ON api.keys TO vg_ops;

-- What the platform allows an organization; without a row, the default.
CREATE TABLE api.quotas (
    organization_id uuid   PRIMARY KEY,
    calls_per_day   bigint NOT NULL CHECK (calls_per_day BETWEEN 1 AND 1000000000),
    version         int NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now()
);
SELECT app.protect('api.quotas', 'SELECT, INSERT, UPDATE');

CREATE TABLE api.usage_daily (
    organization_id uuid   NOT NULL,
    key_id          uuid   NOT NULL,
    day             date   NOT NULL, -- of UTC
    calls           bigint NOT NULL CHECK (calls >= 0),
    denied          bigint NOT NULL CHECK (denied >= 0), -- of the calls: by a limit
    PRIMARY KEY (organization_id, key_id, day),
    FOREIGN KEY (organization_id, key_id) REFERENCES api.keys
);
SELECT app.protect('api.usage_daily', 'SELECT, INSERT, UPDATE');

-- Before anything is known of who asks: one row at most, to who has the secret.
CREATE FUNCTION api.find_key(by_hash bytea)
RETURNS TABLE (organization_id uuid, id uuid, name text, scopes text[], expires_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT organization_id, id, name, scopes, expires_at, revoked_at FROM api.keys WHERE hash = by_hash LIMIT 1
$$;

-- Those of these keys that still work: for sockets, which are asked about several times a second.
CREATE FUNCTION api.keys_holding(ids uuid[], at timestamptz) RETURNS TABLE (key_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT k.id FROM api.keys k
    WHERE k.id = ANY (ids) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at)
$$;

SELECT app.give_to_ops(p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'api'::regnamespace AND p.prosecdef;
