-- The same rule in the kernel's one spelling.
DROP TRIGGER feed_tickets_have_feeds ON scanning.feed_tickets;
DROP TRIGGER feed_codes_have_feeds ON scanning.feed_codes;
DROP FUNCTION scanning.have_feeds();
CREATE TRIGGER feed_tickets_have_feeds AFTER INSERT ON scanning.feed_tickets REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.have_parents('scanning.feeds');
CREATE TRIGGER feed_codes_have_feeds AFTER INSERT ON scanning.feed_codes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.have_parents('scanning.feeds');
