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
    after_ids       uuid[]   NOT NULL DEFAULT '{}', -- of the same organization: it waits for them to end
    after_rule      text     NOT NULL DEFAULT 'success' CHECK (after_rule IN ('success', 'failure', 'end')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX jobs_unique ON platform.jobs (organization_id, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('available', 'scheduled', 'executing', 'retryable');
CREATE INDEX jobs_next ON platform.jobs (queue, priority, run_at, id)
    WHERE state IN ('available', 'scheduled', 'retryable');
CREATE INDEX jobs_chained ON platform.jobs (queue)
    WHERE after_ids <> '{}' AND state IN ('available', 'scheduled', 'retryable');
CREATE INDEX jobs_leases ON platform.jobs (lease_until) WHERE state = 'executing';
CREATE INDEX jobs_finished ON platform.jobs (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_latest ON platform.jobs (organization_id, created_at DESC, id DESC);
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

-- How far a reader has come. One that is new begins with the oldest event that is kept.
CREATE FUNCTION platform.outbox_reader(reader text) RETURNS TABLE (xid xid8, id bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO platform.outbox_readers (name) VALUES (reader) ON CONFLICT DO NOTHING;
    SELECT r.xid, r.id FROM platform.outbox_readers r WHERE r.name = reader
$$;

-- At most so many events behind a place, in order. Those of other types than asked for have no event text and are left
-- out, but for the last: a reader moves to where it has looked. A type that ends in a point stands for all that begin so;
-- null asks for every one.
CREATE FUNCTION platform.read_outbox(behind_xid xid8, behind_id bigint, types text[], most int)
RETURNS TABLE (organization_id uuid, id bigint, xid xid8, topic text, type text, event text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH page AS MATERIALIZED (
        SELECT o.organization_id, o.id, o.xid, o.topic, o.event,
               row_number() OVER (ORDER BY o.xid DESC, o.id DESC) = 1 AS is_last,
               types IS NULL OR EXISTS (
                   SELECT FROM unnest(types) t
                   WHERE o.event->>'type' = t OR (right(t, 1) = '.' AND starts_with(o.event->>'type', t))) AS is_asked
        FROM (SELECT * FROM platform.outbox
              WHERE (xid, id) > (behind_xid, behind_id) AND xid < pg_snapshot_xmin(pg_current_snapshot())
              ORDER BY xid, id LIMIT most) o)
    SELECT p.organization_id, p.id, p.xid, p.topic, p.event->>'type', CASE WHEN p.is_asked THEN p.event::text END
    FROM page p WHERE p.is_asked OR p.is_last ORDER BY p.xid, p.id
$$;

CREATE FUNCTION platform.move_outbox_reader(reader text, to_xid xid8, to_id bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO platform.outbox_readers AS r (name, xid, id) VALUES (reader, to_xid, to_id)
    ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, id = excluded.id WHERE (r.xid, r.id) < (excluded.xid, excluded.id)
$$;

-- Old events that every one of these readers has passed.
CREATE FUNCTION platform.prune_outbox(before timestamptz, readers text[], most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM platform.outbox WHERE (organization_id, id) IN (
            SELECT o.organization_id, o.id FROM platform.outbox o
            WHERE o.at < before AND NOT EXISTS (
                SELECT FROM unnest(readers) n LEFT JOIN platform.outbox_readers r ON r.name = n
                WHERE r.name IS NULL OR (r.xid, r.id) < (o.xid, o.id))
            ORDER BY o.xid, o.id LIMIT most)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION platform.prune_inbox(before timestamptz, most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM platform.inbox WHERE (organization_id, consumer, event_id) IN (
            SELECT i.organization_id, i.consumer, i.event_id FROM platform.inbox i WHERE i.at < before LIMIT most)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;

-- The next jobs of each queue, at most so many of it. What waited for a job that ended otherwise than it needs is called
-- off on the way. A job that is waited for and is there no more counts as one that succeeded.
CREATE FUNCTION platform.claim_jobs(queues text[], mosts int[], lease_ms bigint, by_worker text)
RETURNS TABLE (organization_id uuid, id uuid, queue text, kind text, args text, attempt int, max_attempts int,
               created_at timestamptz)
-- A few rows by their index, whatever the planner makes of limits that it cannot know: it would hash the whole table, and
-- compile for a third of a second.
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog SET jit = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_seqscan = off AS $$
    UPDATE platform.jobs j SET state = 'cancelled', finished_at = now(),
        errors = j.errors || jsonb_build_object('at', now(), 'attempt', j.attempt, 'message',
                                                'what it waited for ended otherwise')
    WHERE (j.organization_id, j.id) IN (
        SELECT w.organization_id, w.id FROM platform.jobs w
        WHERE w.queue = ANY (queues) AND w.after_ids <> '{}' AND w.after_rule <> 'end'
          AND w.state IN ('available', 'scheduled', 'retryable')
          AND NOT EXISTS (SELECT FROM platform.jobs b WHERE b.organization_id = w.organization_id AND b.id = ANY (w.after_ids)
                          AND b.state NOT IN ('completed', 'cancelled', 'discarded'))
          AND (w.after_rule = 'success')
              = EXISTS (SELECT FROM platform.jobs b WHERE b.organization_id = w.organization_id AND b.id = ANY (w.after_ids)
                        AND b.state IN ('cancelled', 'discarded'))
        LIMIT 100 FOR UPDATE SKIP LOCKED);
    WITH claimed AS MATERIALIZED (
        SELECT j.organization_id, j.id FROM unnest(queues, mosts) AS wanted (queue, most) CROSS JOIN LATERAL (
            SELECT n.organization_id, n.id FROM platform.jobs n
            WHERE n.queue = wanted.queue AND n.state IN ('available', 'scheduled', 'retryable') AND n.run_at <= now()
              AND (n.after_ids = '{}' OR NOT EXISTS (
                       SELECT FROM platform.jobs b WHERE b.organization_id = n.organization_id AND b.id = ANY (n.after_ids)
                       AND (b.state NOT IN ('completed', 'cancelled', 'discarded')
                            OR (n.after_rule = 'success' AND b.state <> 'completed')))
                   AND (n.after_rule <> 'failure' OR EXISTS (
                       SELECT FROM platform.jobs b WHERE b.organization_id = n.organization_id AND b.id = ANY (n.after_ids)
                       AND b.state IN ('cancelled', 'discarded'))))
            ORDER BY n.priority, n.run_at, n.id LIMIT wanted.most FOR UPDATE SKIP LOCKED) j)
    UPDATE platform.jobs j SET state = 'executing', attempt = j.attempt + 1, worker = by_worker,
        lease_until = now() + make_interval(secs => lease_ms / 1000.0)
    FROM claimed c WHERE j.organization_id = c.organization_id AND j.id = c.id
    RETURNING j.organization_id, j.id, j.queue, j.kind, j.args::text, j.attempt, j.max_attempts, j.created_at
$$;

-- Those of a worker's jobs that are still its own, from now on for another lease.
CREATE FUNCTION platform.renew_jobs(by_worker text, organizations uuid[], ids uuid[], attempts int[], lease_ms bigint)
RETURNS TABLE (id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE platform.jobs j SET lease_until = now() + make_interval(secs => lease_ms / 1000.0)
    FROM unnest(organizations, ids, attempts) AS mine (organization_id, id, attempt)
    WHERE j.organization_id = mine.organization_id AND j.id = mine.id AND j.attempt = mine.attempt
      AND j.worker = by_worker AND j.state = 'executing'
    RETURNING j.id
$$;

-- What a worker that goes has not ended: others may take it up at once, and it was not tried.
CREATE FUNCTION platform.give_back_jobs(by_worker text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH given AS (
        UPDATE platform.jobs SET state = 'retryable', attempt = attempt - 1, run_at = now(), lease_until = NULL, worker = NULL
        WHERE worker = by_worker AND state = 'executing' RETURNING 1)
    SELECT count(*) FROM given
$$;

-- Ends an attempt, in the transaction of what it did: fails when the job is not this worker's any more (its lease lapsed
-- and another one has it, or somebody called it off), and with it the transaction. 'scheduled' is a snooze, and does not
-- count as an attempt.
CREATE FUNCTION platform.finish_job(job uuid, by_worker text, of_attempt int, to_state text, delay_ms bigint, told text,
                                    outcome jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    UPDATE platform.jobs SET
        state = to_state,
        attempt = CASE WHEN to_state = 'scheduled' THEN attempt - 1 ELSE attempt END,
        run_at = CASE WHEN to_state IN ('scheduled', 'retryable') THEN now() + make_interval(secs => delay_ms / 1000.0)
                      ELSE run_at END,
        finished_at = CASE WHEN to_state IN ('completed', 'cancelled', 'discarded') THEN now() END,
        progress = CASE WHEN to_state = 'completed' THEN 1 ELSE progress END,
        errors = CASE WHEN told IS NULL THEN errors ELSE
            jsonb_path_query_array(errors, '$[last - 18 to last]')
            || jsonb_build_object('at', now(), 'attempt', of_attempt, 'message', told) END,
        result = coalesce(outcome, result), lease_until = NULL, worker = NULL
    WHERE organization_id = app.org() AND id = job AND worker = by_worker AND attempt = of_attempt
      AND state = 'executing';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the job is not this worker''s any more' USING ERRCODE = 'VGJ01';
    END IF;
END $$;

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

-- What went well is soon forgotten; what did not stays for people to look at.
CREATE FUNCTION platform.prune_jobs(completed_before timestamptz, others_before timestamptz, most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH gone AS (
        DELETE FROM platform.jobs WHERE (organization_id, id) IN (
            SELECT organization_id, id FROM platform.jobs
            WHERE (state = 'completed' AND finished_at < completed_before)
               OR (state IN ('cancelled', 'discarded') AND finished_at < others_before) LIMIT most)
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

-- True when the caller leads from now on for so long. Whoever holds a lease renews it long before its end.
CREATE FUNCTION platform.take_lease(lease_name text, by_owner text, lease_ms bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH taken AS (
        INSERT INTO platform.leases AS l (name, owner, until)
        VALUES (lease_name, by_owner, now() + make_interval(secs => lease_ms / 1000.0))
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
GRANT SELECT, DELETE ON platform.outbox, platform.inbox TO vg_ops;
GRANT SELECT, UPDATE, DELETE ON platform.jobs TO vg_ops;
GRANT SELECT, DELETE ON platform.idempotency TO vg_ops;
GRANT SELECT, INSERT, UPDATE ON platform.outbox_readers TO vg_ops;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.leases, platform.cron TO vg_ops;
