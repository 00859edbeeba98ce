-- Rows of lists refer to their ring as before, and this is looked at once a statement: as foreign keys it was once a row,
-- which took a third of the time of an import. The server may not take rings away, nor change what names them.
CREATE FUNCTION ticketing.have_rings() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    missing uuid;
BEGIN
    PERFORM FROM ticketing.rings r
        WHERE (r.organization_id, r.event_id) IN (SELECT DISTINCT a.organization_id, a.event_id FROM added a)
        FOR KEY SHARE;
    SELECT a.event_id INTO missing FROM (SELECT DISTINCT organization_id, event_id FROM added) a
        WHERE NOT EXISTS (SELECT FROM ticketing.rings r
                          WHERE r.organization_id = a.organization_id AND r.event_id = a.event_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % has no ring', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE ticketing.tickets DROP CONSTRAINT tickets_organization_id_event_id_fkey;
CREATE TRIGGER tickets_have_rings AFTER INSERT ON ticketing.tickets REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ticketing.have_rings();
ALTER TABLE ticketing.codes DROP CONSTRAINT codes_organization_id_event_id_fkey;
CREATE TRIGGER codes_have_rings AFTER INSERT ON ticketing.codes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ticketing.have_rings();
