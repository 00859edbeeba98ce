-- The same rule in the kernel's one spelling.
DROP TRIGGER tickets_have_rings ON ticketing.tickets;
DROP TRIGGER codes_have_rings ON ticketing.codes;
DROP FUNCTION ticketing.have_rings();
CREATE TRIGGER tickets_have_rings AFTER INSERT ON ticketing.tickets REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.have_parents('ticketing.rings');
CREATE TRIGGER codes_have_rings AFTER INSERT ON ticketing.codes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.have_parents('ticketing.rings');
