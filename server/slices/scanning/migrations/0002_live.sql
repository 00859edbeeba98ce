-- What the copies of an event's figures outside this database are compared with: each batch of scans has a number, given
-- under the lock of the feed's row, so that a copy knows whether it missed one.
ALTER TABLE scanning.feeds ADD COLUMN batches bigint NOT NULL DEFAULT 0, ADD COLUMN scanned_at timestamptz;
GRANT SELECT ON scanning.feeds TO vg_ops;

-- Events that were scanned lately, of all organizations: whose copies are looked after.
CREATE FUNCTION scanning.events_scanned_since(since timestamptz, most int)
RETURNS TABLE (organization_id uuid, event_id uuid, batches bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT f.organization_id, f.event_id, f.batches FROM scanning.feeds f
    WHERE f.scanned_at > since ORDER BY f.scanned_at DESC LIMIT most
$$;
SELECT app.give_to_ops('scanning.events_scanned_since(timestamptz, int)'::regprocedure);

CREATE INDEX sessions_id ON scanning.sessions (organization_id, id);

-- Shifts that were silent for so long have ended, when their last scan was made. A late row still joins its shift.
GRANT SELECT, UPDATE ON scanning.sessions TO vg_ops;
CREATE INDEX sessions_open ON scanning.sessions (opened_at) WHERE closed_at IS NULL;
CREATE FUNCTION scanning.close_silent_sessions(silent interval, most int)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH silent_ones AS (
        SELECT s.organization_id, s.event_id, s.id FROM scanning.sessions s
        WHERE s.closed_at IS NULL AND s.opened_at < now() - silent
          AND greatest(s.opened_at, s.last_scan_at) < now() - silent
        ORDER BY s.opened_at LIMIT most FOR UPDATE SKIP LOCKED),
    closed AS (
        UPDATE scanning.sessions s SET closed_at = greatest(s.opened_at, s.last_scan_at), closed_because = 'silent'
        FROM silent_ones o
        WHERE s.organization_id = o.organization_id AND s.event_id = o.event_id AND s.id = o.id
        RETURNING 1)
    SELECT count(*) FROM closed
$$;
SELECT app.give_to_ops('scanning.close_silent_sessions(interval, int)'::regprocedure);
