-- What an organization wants to be told of at its gates, where it is not what everybody is told of: by name.
ALTER TABLE tenancy.organization_settings ADD COLUMN alarms jsonb NOT NULL DEFAULT '{}';
