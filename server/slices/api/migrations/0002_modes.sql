-- Keys for trying out, and which warnings of a day's quota were given.

ALTER TABLE api.keys ADD COLUMN mode text NOT NULL DEFAULT 'live' CHECK (mode IN ('live', 'test'));

CREATE TABLE api.quota_warnings (
    organization_id uuid   NOT NULL,
    day             date   NOT NULL, -- of UTC
    percent         int    NOT NULL CHECK (percent IN (80, 100)),
    calls_per_day   bigint NOT NULL, -- what the quota was then; a larger one warns anew
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, day, percent, calls_per_day)
);
SELECT app.protect('api.quota_warnings', 'SELECT, INSERT');

DROP FUNCTION api.find_key(bytea);
CREATE FUNCTION api.find_key(by_hash bytea)
RETURNS TABLE (organization_id uuid, id uuid, name text, scopes text[], expires_at timestamptz, revoked_at timestamptz,
               mode text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT organization_id, id, name, scopes, expires_at, revoked_at, mode FROM api.keys WHERE hash = by_hash LIMIT 1
$$;
SELECT app.give_to_ops('api.find_key(bytea)'::regprocedure);
