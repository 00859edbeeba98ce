-- Which version of an event everybody may see, and whose it is: nobody has signed in, so that there is no organization yet.

CREATE FUNCTION events.public_version(event uuid) RETURNS TABLE (organization_id uuid, version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT e.organization_id, e.version FROM events.events e
    WHERE e.id = event AND e.status IN ('published', 'live', 'postponed')
$$;
SELECT app.give_to_ops('events.public_version(uuid)'::regprocedure);
CREATE INDEX events_id ON events.events (id);
