-- In place of a foreign key of tables whose rows come in lists: CREATE TRIGGER … AFTER INSERT ON … REFERENCING NEW TABLE AS
-- added FOR EACH STATEMENT EXECUTE FUNCTION app.have_parents('scanning.feeds'). Each new row's (organization_id, event_id)
-- has to be a row of the table that is named, which is locked against going away: once a statement, and not once a row.
-- Says what a foreign key says. For parents that the server may neither delete nor rename.
CREATE FUNCTION app.have_parents() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    parent regclass := TG_ARGV[0]::regclass;
    missing uuid;
BEGIN
    EXECUTE format('SELECT FROM %s p WHERE (p.organization_id, p.event_id) IN '
                   '(SELECT a.organization_id, a.event_id FROM added a) FOR KEY SHARE', parent);
    EXECUTE format('SELECT a.event_id FROM added a WHERE NOT EXISTS (SELECT FROM %s p '
                   'WHERE p.organization_id = a.organization_id AND p.event_id = a.event_id) LIMIT 1', parent)
        INTO missing;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'event % is not in %', missing, parent
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NULL;
END $$;
