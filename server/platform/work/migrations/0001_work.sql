-- What the platform keeps for every slice: events that wait to be told, jobs, claims of idempotency keys, who leads.

-- Events, written in the transaction that made them true. Paged by (xid, id) below the oldest running transaction, so
-- that a late commit is never passed over.
CREATE TABLE platform.outbox (
    organization_id uuid   NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    xid             xid8   NOT NULL DEFAULT pg_current_xact_id(),
    topic           text   NOT NULL,
    event           jsonb  NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX outbox_order ON platform.outbox (xid, id);
SELECT app.protect('platform.outbox', 'SELECT, INSERT');

-- How far each reader of the outbox has come.
CREATE TABLE platform.outbox_readers (
    name text PRIMARY KEY,
    xid  xid8   NOT NULL DEFAULT '0',
    id   bigint NOT NULL DEFAULT 0
);

-- What a consumer has done already: events come at least once.
CREATE TABLE platform.inbox (
    organization_id uuid NOT NULL,
    consumer        text NOT NULL,
    event_id        uuid NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, consumer, event_id)
);
SELECT app.protect('platform.inbox', 'SELECT, INSERT');

CREATE TABLE platform.jobs (
    organization_id uuid     NOT NULL,
    id              uuid     NOT NULL,
    queue           text     NOT NULL,
    kind            text     NOT NULL,
    args            jsonb    NOT NULL,
    state           text     NOT NULL
        CHECK (state IN ('available', 'scheduled', 'executing', 'retryable', 'completed', 'cancelled', 'discarded')),
    priority        int      NOT NULL DEFAULT 0,
    attempt         int      NOT NULL DEFAULT 0,
    max_attempts    int      NOT NULL DEFAULT 12 CHECK (max_attempts > 0),
    run_at          timestamptz NOT NULL DEFAULT now(),
    unique_key      text,
    lease_until     timestamptz,
    worker          text,
    progress        real     NOT NULL DEFAULT 0,
    errors          jsonb    NOT NULL DEFAULT '[]',
    result          jsonb,
    after_ids       uuid[]   NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX jobs_unique ON platform.jobs (organization_id, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('available', 'scheduled', 'executing', 'retryable');
CREATE INDEX jobs_next ON platform.jobs (queue, priority, run_at, id)
    WHERE state IN ('available', 'scheduled', 'retryable');
CREATE INDEX jobs_leases ON platform.jobs (lease_until) WHERE state = 'executing';
CREATE INDEX jobs_finished ON platform.jobs (finished_at) WHERE finished_at IS NOT NULL;
SELECT app.protect('platform.jobs', 'SELECT, INSERT, UPDATE');

CREATE TABLE platform.cron (
    name text        NOT NULL,
    tick timestamptz NOT NULL,
    PRIMARY KEY (name, tick)
);

-- Who does what only one server may do.
CREATE TABLE platform.leases (
    name  text PRIMARY KEY,
    owner text NOT NULL,
    term  bigint NOT NULL DEFAULT 1,
    until timestamptz NOT NULL
);

CREATE TABLE platform.idempotency (
    organization_id uuid  NOT NULL,
    actor           text  NOT NULL,
    route           text  NOT NULL,
    key             text  NOT NULL,
    fingerprint     bytea NOT NULL,
    status          int,
    body            jsonb,
    fields          jsonb NOT NULL DEFAULT '[]',
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, actor, route, key)
);
CREATE INDEX idempotency_expired ON platform.idempotency (expires_at);
SELECT app.protect('platform.idempotency', 'SELECT, INSERT, UPDATE');

-- What looks across organizations: the platform's own machinery, each by one function of the role vg_ops.

CREATE FUNCTION platform.read_outbox(reader text, most int)
RETURNS TABLE (organization_id uuid, id bigint, xid xid8, topic text, event text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.organization_id, o.id, o.xid, o.topic, o.event::text
    FROM platform.outbox o, platform.outbox_readers r
    WHERE r.name = reader AND (o.xid, o.id) > (r.xid, r.id) AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY o.xid, o.id LIMIT most
$$;

CREATE FUNCTION platform.move_outbox_reader(reader text, to_xid xid8, to_id bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO platform.outbox_readers AS r (name, xid, id) VALUES (reader, to_xid, to_id)
    ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, id = excluded.id WHERE (r.xid, r.id) < (excluded.xid, excluded.id)
$$;

CREATE FUNCTION platform.prune_outbox(before timestamptz, most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM platform.outbox WHERE (organization_id, id) IN (
            SELECT o.organization_id, o.id FROM platform.outbox o
            WHERE o.at < before AND NOT EXISTS (SELECT FROM platform.outbox_readers r WHERE (r.xid, r.id) < (o.xid, o.id))
            ORDER BY o.xid, o.id LIMIT most)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION platform.claim_jobs(in_queue text, most int, lease interval, by_worker text)
RETURNS TABLE (organization_id uuid, id uuid, kind text, args text, attempt int, max_attempts int, created_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH claimed AS MATERIALIZED (
        SELECT j.organization_id, j.id FROM platform.jobs j
        WHERE j.queue = in_queue AND j.state IN ('available', 'scheduled', 'retryable') AND j.run_at <= now()
          AND NOT EXISTS (SELECT FROM platform.jobs before WHERE before.organization_id = j.organization_id
                          AND before.id = ANY (j.after_ids)
                          AND before.state NOT IN ('completed', 'cancelled', 'discarded'))
        ORDER BY j.priority, j.run_at, j.id LIMIT most FOR UPDATE SKIP LOCKED)
    UPDATE platform.jobs j SET state = 'executing', attempt = j.attempt + 1, lease_until = now() + lease, worker = by_worker
    FROM claimed c WHERE j.organization_id = c.organization_id AND j.id = c.id
    RETURNING j.organization_id, j.id, j.kind, j.args::text, j.attempt, j.max_attempts, j.created_at
$$;

-- A worker that died: its jobs are taken up again, unless they have been tried too often.
CREATE FUNCTION platform.rescue_jobs() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH rescued AS (
        UPDATE platform.jobs SET
            state = CASE WHEN attempt >= max_attempts THEN 'discarded' ELSE 'retryable' END,
            finished_at = CASE WHEN attempt >= max_attempts THEN now() END,
            run_at = now(), lease_until = NULL, worker = NULL,
            errors = errors || jsonb_build_object('at', now(), 'attempt', attempt, 'message', 'its worker went away')
        WHERE state = 'executing' AND lease_until < now()
        RETURNING 1)
    SELECT count(*) FROM rescued
$$;

CREATE FUNCTION platform.prune_jobs(before timestamptz, most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM platform.jobs WHERE (organization_id, id) IN (
            SELECT organization_id, id FROM platform.jobs WHERE finished_at < before LIMIT most)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION platform.prune_idempotency(most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM platform.idempotency WHERE (organization_id, actor, route, key) IN (
            SELECT organization_id, actor, route, key FROM platform.idempotency WHERE expires_at < now() LIMIT most)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION platform.count_jobs() RETURNS TABLE (queue text, state text, jobs bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT queue, state, count(*) FROM platform.jobs GROUP BY queue, state
$$;

-- True when the caller leads until now() + lease. Whoever holds a lease renews it long before its end.
CREATE FUNCTION platform.take_lease(lease_name text, by_owner text, lease interval) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH taken AS (
        INSERT INTO platform.leases AS l (name, owner, until) VALUES (lease_name, by_owner, now() + lease)
        ON CONFLICT (name) DO UPDATE SET
            term = CASE WHEN l.owner = excluded.owner THEN l.term ELSE l.term + 1 END,
            owner = excluded.owner, until = excluded.until
        WHERE l.owner = excluded.owner OR l.until < now()
        RETURNING 1)
    SELECT EXISTS (SELECT FROM taken)
$$;

CREATE FUNCTION platform.give_up_lease(lease_name text, by_owner text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM platform.leases WHERE name = lease_name AND owner = by_owner
$$;

-- True once for each tick of a cron entry.
CREATE FUNCTION platform.take_tick(cron_name text, cron_tick timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH old AS (DELETE FROM platform.cron WHERE name = cron_name AND tick < cron_tick - interval '7 days'),
         taken AS (INSERT INTO platform.cron (name, tick) VALUES (cron_name, cron_tick) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT FROM taken)
$$;

SELECT app.give_to_ops(p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'platform'::regnamespace AND p.prosecdef;
GRANT SELECT, DELETE ON platform.outbox TO vg_ops;
GRANT SELECT, UPDATE, DELETE ON platform.jobs TO vg_ops;
GRANT SELECT, DELETE ON platform.idempotency TO vg_ops;
GRANT SELECT, INSERT, UPDATE ON platform.outbox_readers TO vg_ops;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.leases, platform.cron TO vg_ops;
