-- The scans of one session are counted and listed by themselves. Scans of none have no entry.
CREATE INDEX scans_session ON scanning.scans (organization_id, event_id, session) WHERE session <> '';
