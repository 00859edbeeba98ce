-- Who did what, and why. Only ever added to; kept without a term.

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO vg_app, vg_ops;

CREATE TABLE audit.log (
    organization_id uuid   NOT NULL,
    at              timestamptz NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    xid             xid8   NOT NULL DEFAULT pg_current_xact_id(),
    actor_type      text   NOT NULL,
    actor_id        uuid   NOT NULL,
    actor_name      text   NOT NULL,
    actor_role      text   NOT NULL,
    origin          text   NOT NULL CHECK (origin IN ('user', 'platform_support', 'super_admin_override', 'system')),
    action          text   NOT NULL CHECK (action <> ''),
    subject_type    text   NOT NULL,
    subject         text   NOT NULL,
    before          jsonb  NOT NULL,
    after           jsonb  NOT NULL,
    reason          text   NOT NULL,
    request_id      text   NOT NULL,
    address         text   NOT NULL,
    agent           text   NOT NULL,
    PRIMARY KEY (organization_id, at, id)
) PARTITION BY RANGE (at);
CREATE INDEX log_subject ON audit.log (organization_id, subject_type, subject, at);
CREATE INDEX log_order ON audit.log (organization_id, xid, id);
SELECT app.protect('audit.log', 'SELECT, INSERT');
GRANT SELECT ON audit.log TO vg_ops;

-- A partition a month; this one and those to come are made before they are needed.
CREATE TABLE audit.log_default PARTITION OF audit.log DEFAULT;

CREATE FUNCTION audit.make_partition(month date) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name text := 'log_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass('audit.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.log FOR VALUES FROM (%L) TO (%L)', name, first,
                       (first + interval '1 month')::date);
        EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', name);
    END IF;
END $$;
REVOKE ALL ON FUNCTION audit.make_partition(date) FROM PUBLIC;
ALTER TABLE audit.log_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.log_default FORCE ROW LEVEL SECURITY;
SELECT audit.make_partition((date_trunc('month', now()) + n * interval '1 month')::date) FROM generate_series(0, 12) n;

-- Heads of each organization's chain: everything up to (xid, id) is covered by `hash`, which covers the seal before.
CREATE TABLE audit.seals (
    organization_id uuid   NOT NULL,
    number          bigint NOT NULL CHECK (number > 0),
    from_xid        xid8   NOT NULL,
    from_id         bigint NOT NULL,
    to_xid          xid8   NOT NULL,
    to_id           bigint NOT NULL,
    entries         bigint NOT NULL CHECK (entries > 0),
    previous        bytea  NOT NULL,
    hash            bytea  NOT NULL CHECK (length(hash) = 32),
    signature       bytea  NOT NULL CHECK (length(signature) = 64),
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, number)
);
SELECT app.protect('audit.seals', 'SELECT, INSERT');
GRANT SELECT ON audit.seals TO vg_ops;

-- Organizations that have entries which no seal covers yet, and no running transaction could still come before.
CREATE FUNCTION audit.unsealed(most int) RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT l.organization_id FROM audit.log l
    WHERE l.xid < pg_snapshot_xmin(pg_current_snapshot())
      AND NOT EXISTS (SELECT FROM audit.seals s WHERE s.organization_id = l.organization_id
                      AND (s.to_xid, s.to_id) >= (l.xid, l.id))
    LIMIT most
$$;
SELECT app.give_to_ops('audit.unsealed(int)'::regprocedure);
