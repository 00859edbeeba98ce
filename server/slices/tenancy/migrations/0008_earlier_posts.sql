-- Posts from before 0006: every event to which a device was sent. What a device recorded at its posts is taken whenever it
-- comes, and what it says of other events is marked as not verified.
ALTER TABLE tenancy.device_posts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy.device_commands NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenancy.device_posts (organization_id, device_id, event_id, since)
SELECT organization_id, device_id, args->>'event', min(created_at) FROM tenancy.device_commands
WHERE kind = 'assign' AND args->>'event' <> '' GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING;
ALTER TABLE tenancy.device_commands FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy.device_posts FORCE ROW LEVEL SECURITY;
