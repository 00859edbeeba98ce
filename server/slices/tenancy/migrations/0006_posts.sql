-- At which events a device has stood: what it recorded there is taken whenever it comes, and nothing of other events is.
CREATE TABLE tenancy.device_posts (
    organization_id uuid NOT NULL,
    device_id       uuid NOT NULL,
    event_id        text NOT NULL,
    since           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, device_id, event_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES tenancy.devices
);

ALTER TABLE tenancy.devices NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenancy.device_posts (organization_id, device_id, event_id, since)
SELECT organization_id, id, event_id, updated_at FROM tenancy.devices WHERE event_id IS NOT NULL;
ALTER TABLE tenancy.devices FORCE ROW LEVEL SECURITY;
SELECT app.protect('tenancy.device_posts', 'SELECT, INSERT');

-- However it came to stand there.
CREATE FUNCTION tenancy.remember_post() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.event_id IS NOT NULL THEN
        INSERT INTO tenancy.device_posts (organization_id, device_id, event_id)
        VALUES (NEW.organization_id, NEW.id, NEW.event_id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER remember_post AFTER INSERT OR UPDATE OF event_id ON tenancy.devices
    FOR EACH ROW EXECUTE FUNCTION tenancy.remember_post();
