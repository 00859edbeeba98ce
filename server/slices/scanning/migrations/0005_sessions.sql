-- Shifts that people begin over HTTP, and at most one that is open on a device. Of several that are open now the latest
-- stays.
ALTER TABLE scanning.sessions ADD COLUMN started_by uuid, ADD COLUMN ended_by uuid;

ALTER TABLE scanning.sessions NO FORCE ROW LEVEL SECURITY;
UPDATE scanning.sessions s SET closed_at = greatest(s.opened_at, s.last_scan_at), closed_because = 'superseded'
WHERE s.closed_at IS NULL AND EXISTS (
    SELECT FROM scanning.sessions later
    WHERE later.organization_id = s.organization_id AND later.device = s.device AND later.closed_at IS NULL
      AND (later.opened_at, later.event_id, later.id) > (s.opened_at, s.event_id, s.id));
ALTER TABLE scanning.sessions FORCE ROW LEVEL SECURITY;

DROP INDEX scanning.sessions_device;
CREATE UNIQUE INDEX sessions_one_open ON scanning.sessions (organization_id, device) WHERE closed_at IS NULL;
CREATE INDEX sessions_latest ON scanning.sessions (organization_id, event_id, opened_at, id);
CREATE INDEX sessions_started ON scanning.sessions (organization_id, event_id, started_by) WHERE started_by IS NOT NULL;
