-- Events, what their gates need to know of them, and the places where they happen.

CREATE SCHEMA events;
GRANT USAGE ON SCHEMA events TO vg_app, vg_ops;

CREATE TABLE events.venues (
    organization_id uuid NOT NULL,
    id           uuid NOT NULL,
    slug         text NOT NULL CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) <= 63),
    name         text NOT NULL CHECK (name <> ''),
    timezone     text NOT NULL,
    address      text NOT NULL DEFAULT '',
    city         text NOT NULL DEFAULT '',
    postal_code  text NOT NULL DEFAULT '',
    country      text NOT NULL DEFAULT '',
    max_capacity bigint CHECK (max_capacity >= 0),
    status       text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    version      int  NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT venues_slug UNIQUE (organization_id, slug)
);
SELECT app.protect('events.venues', 'SELECT, INSERT, UPDATE');

CREATE TABLE events.gates (
    organization_id uuid NOT NULL,
    id            uuid NOT NULL,
    venue_id      uuid NOT NULL,
    code          text NOT NULL CHECK (code <> '' AND length(code) <= 64),
    name          text NOT NULL CHECK (name <> ''),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    capacity      bigint CHECK (capacity >= 0),
    capacity_mode text NOT NULL DEFAULT 'warn' CHECK (capacity_mode IN ('warn', 'stop')),
    version       int  NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT gates_code UNIQUE (organization_id, venue_id, code),
    FOREIGN KEY (organization_id, venue_id) REFERENCES events.venues
);
SELECT app.protect('events.gates', 'SELECT, INSERT, UPDATE, DELETE');

-- The moves that there are. A row here and nothing else makes one legal.
CREATE TABLE events.event_transitions (
    from_status text NOT NULL,
    to_status   text NOT NULL,
    PRIMARY KEY (from_status, to_status)
);
INSERT INTO events.event_transitions (from_status, to_status) VALUES
    ('draft', 'published'), ('draft', 'archived'),
    ('published', 'live'), ('published', 'postponed'), ('published', 'cancelled'),
    ('live', 'ended'), ('live', 'postponed'), ('live', 'cancelled'),
    ('postponed', 'live'), ('postponed', 'cancelled'),
    ('ended', 'archived'), ('cancelled', 'archived');
GRANT SELECT ON events.event_transitions TO vg_app;

-- `definition` is what the organizer said, in the words of scenario files; the columns beside it are for those who
-- search, and the tables below are filled from it.
CREATE TABLE events.events (
    organization_id     uuid NOT NULL,
    id                  uuid NOT NULL,
    venue_id            uuid,
    slug                text NOT NULL CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) <= 63),
    name                text NOT NULL,
    description         text NOT NULL DEFAULT '',
    status              text NOT NULL
        CHECK (status IN ('draft', 'published', 'live', 'ended', 'cancelled', 'postponed', 'archived')),
    starts_at           timestamptz,
    ends_at             timestamptz,
    doors_at            timestamptz,
    timezone            text NOT NULL,
    sale_from           timestamptz,
    sale_until          timestamptz,
    scan_from           timestamptz,
    scan_until          timestamptz,
    opens_before        int NOT NULL DEFAULT 240 CHECK (opens_before BETWEEN 0 AND 10080),  -- minutes
    closes_after        int NOT NULL DEFAULT 120 CHECK (closes_after BETWEEN 0 AND 10080),
    capacity            bigint CHECK (capacity >= 0),
    rescheduled_at      timestamptz,
    postponement_reason text NOT NULL DEFAULT '',
    replaced_by         uuid,
    series              uuid,
    version             int NOT NULL DEFAULT 1,
    definition          jsonb NOT NULL,
    definition_version  int NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT events_slug UNIQUE (organization_id, slug),
    CONSTRAINT events_venue FOREIGN KEY (organization_id, venue_id) REFERENCES events.venues,
    CONSTRAINT events_replaced_by FOREIGN KEY (organization_id, replaced_by) REFERENCES events.events,
    CONSTRAINT events_times CHECK (starts_at < ends_at),
    CONSTRAINT events_sale CHECK (sale_from < sale_until),
    CONSTRAINT events_window CHECK (scan_from < scan_until),
    CONSTRAINT events_has_window CHECK (status IN ('draft', 'cancelled', 'archived')
                                        OR (scan_from IS NOT NULL AND scan_until IS NOT NULL)),
    CHECK (replaced_by <> id)
);
CREATE INDEX events_opening ON events.events (scan_from) WHERE status IN ('published', 'postponed');
CREATE INDEX events_closing ON events.events (scan_until) WHERE status = 'live';
SELECT app.protect('events.events', 'SELECT, INSERT, UPDATE');
GRANT SELECT ON events.events TO vg_ops;

CREATE FUNCTION events.keep_to_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'an event begins as a draft' USING ERRCODE = 'check_violation', CONSTRAINT = 'legal_move';
        END IF;
    ELSIF NEW.status <> OLD.status
          AND (NOT EXISTS (SELECT FROM events.event_transitions t
                           WHERE t.from_status = OLD.status AND t.to_status = NEW.status)
               -- A postponed event scans only once its new date is known.
               OR (OLD.status = 'postponed' AND NEW.status = 'live' AND NEW.rescheduled_at IS NULL)) THEN
        RAISE EXCEPTION 'an event that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'legal_move';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_to_moves BEFORE INSERT OR UPDATE ON events.events
    FOR EACH ROW EXECUTE FUNCTION events.keep_to_moves();

-- Every definition that was saved, and by whom.
CREATE TABLE events.event_versions (
    organization_id uuid NOT NULL,
    event_id        uuid NOT NULL,
    number          int  NOT NULL,
    definition      jsonb NOT NULL,
    change          text NOT NULL CHECK (change IN ('created', 'updated', 'rescheduled')),
    reason          text NOT NULL,
    saved_at        timestamptz NOT NULL,
    saved_by_type   text NOT NULL,
    saved_by        uuid NOT NULL,
    PRIMARY KEY (organization_id, event_id, number),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events
);
SELECT app.protect('events.event_versions', 'SELECT, INSERT');

CREATE TABLE events.dates (
    organization_id uuid NOT NULL,
    event_id  uuid NOT NULL,
    id        text NOT NULL,
    position  int  NOT NULL,
    starts_at timestamptz,
    ends_at   timestamptz,
    doors_at  timestamptz,
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events
);
SELECT app.protect('events.dates');

CREATE TABLE events.ticket_types (
    organization_id uuid NOT NULL,
    event_id  uuid NOT NULL,
    id        text NOT NULL,
    position  int  NOT NULL,
    name      text NOT NULL,
    admits    int  NOT NULL CHECK (admits > 0),
    gates     text[], -- null: all
    attention boolean NOT NULL,
    notes     text[] NOT NULL,
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events
);
SELECT app.protect('events.ticket_types');

CREATE TABLE events.zones (
    organization_id uuid NOT NULL,
    event_id uuid NOT NULL,
    id       text NOT NULL,
    position int  NOT NULL,
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events
);
SELECT app.protect('events.zones');

CREATE TABLE events.checkpoints (
    organization_id uuid NOT NULL,
    event_id       uuid NOT NULL,
    id             text NOT NULL,
    position       int  NOT NULL,
    name           text NOT NULL,
    types          text[], -- null: all
    date_id        text,
    zone_id        text,
    reentry        text NOT NULL CHECK (reentry IN ('never', 'after_exit', 'always')),
    accept_pending boolean NOT NULL,
    match_addons   boolean NOT NULL,
    rules          jsonb NOT NULL,
    close_at       time,
    capacity       bigint CHECK (capacity >= 0),
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events,
    FOREIGN KEY (organization_id, event_id, date_id) REFERENCES events.dates,
    FOREIGN KEY (organization_id, event_id, zone_id) REFERENCES events.zones
);
SELECT app.protect('events.checkpoints');

-- The gates of an event. One with the code of a gate of the event's venue is that gate.
CREATE TABLE events.event_gates (
    organization_id uuid NOT NULL,
    event_id      uuid NOT NULL,
    id            text NOT NULL,
    position      int  NOT NULL,
    code          text NOT NULL,
    name          text NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'closed')),
    capacity      bigint CHECK (capacity >= 0),
    capacity_mode text NOT NULL CHECK (capacity_mode IN ('warn', 'stop')),
    checkpoints   text[] NOT NULL, -- empty: all
    directions    text[] NOT NULL,
    venue_gate_id uuid,
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events,
    FOREIGN KEY (organization_id, venue_gate_id) REFERENCES events.gates ON DELETE SET NULL (venue_gate_id)
);
CREATE UNIQUE INDEX event_gates_code ON events.event_gates (organization_id, event_id, code) WHERE code <> '';
SELECT app.protect('events.event_gates');

CREATE TABLE events.questions (
    organization_id uuid NOT NULL,
    event_id uuid NOT NULL,
    id       text NOT NULL,
    position int  NOT NULL,
    kind     text NOT NULL,
    text     text NOT NULL,
    required boolean NOT NULL,
    at_door  boolean NOT NULL,
    types    text[], -- null: all
    options  jsonb NOT NULL,
    PRIMARY KEY (organization_id, event_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES events.events
);
SELECT app.protect('events.questions');

CREATE FUNCTION events.texts(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN jsonb_typeof(list) = 'array'
           THEN coalesce((SELECT array_agg(t.item ORDER BY t.n)
                          FROM jsonb_array_elements_text(list) WITH ORDINALITY AS t (item, n)), '{}') END
$$;

-- The rows of a definition, in step with it whoever writes it.
CREATE FUNCTION events.fill_rows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    org uuid  := NEW.organization_id;
    ev  uuid  := NEW.id;
    def jsonb := NEW.definition;
BEGIN
    -- A code may go from one gate to another.
    DELETE FROM events.event_gates r WHERE r.organization_id = org AND r.event_id = ev
        AND (r.id, r.code) NOT IN (SELECT i->>'id', i->>'code' FROM jsonb_array_elements(def->'gates') i);

    INSERT INTO events.dates (organization_id, event_id, id, position, starts_at, ends_at, doors_at)
    SELECT org, ev, i->>'id', n, (i->>'starts_at')::timestamptz, (i->>'ends_at')::timestamptz, (i->>'doors_at')::timestamptz
    FROM jsonb_array_elements(def->'dates') WITH ORDINALITY AS t (i, n)
    ON CONFLICT (organization_id, event_id, id) DO UPDATE SET position = excluded.position,
        starts_at = excluded.starts_at, ends_at = excluded.ends_at, doors_at = excluded.doors_at;

    INSERT INTO events.zones (organization_id, event_id, id, position)
    SELECT org, ev, i->>'zone', min(n) FROM jsonb_array_elements(def->'checkpoints') WITH ORDINALITY AS t (i, n)
    WHERE i ? 'zone' GROUP BY i->>'zone'
    ON CONFLICT (organization_id, event_id, id) DO UPDATE SET position = excluded.position;

    INSERT INTO events.ticket_types (organization_id, event_id, id, position, name, admits, gates, attention, notes)
    SELECT org, ev, i->>'id', n, i->>'name', (i->>'admits')::int, events.texts(i->'gates'), (i->>'attention')::boolean,
           events.texts(i->'notes')
    FROM jsonb_array_elements(def->'ticket_types') WITH ORDINALITY AS t (i, n)
    ON CONFLICT (organization_id, event_id, id) DO UPDATE SET position = excluded.position, name = excluded.name,
        admits = excluded.admits, gates = excluded.gates, attention = excluded.attention, notes = excluded.notes;

    INSERT INTO events.checkpoints (organization_id, event_id, id, position, name, types, date_id, zone_id, reentry,
                                    accept_pending, match_addons, rules, close_at, capacity)
    SELECT org, ev, i->>'id', n, i->>'name', events.texts(i->'types'), i->>'date', i->>'zone', i->>'reentry',
           (i->>'accept_pending')::boolean, (i->>'match_addons')::boolean, i->'rules', (i->>'close_at')::time,
           (i->>'capacity')::bigint
    FROM jsonb_array_elements(def->'checkpoints') WITH ORDINALITY AS t (i, n)
    ON CONFLICT (organization_id, event_id, id) DO UPDATE SET position = excluded.position, name = excluded.name,
        types = excluded.types, date_id = excluded.date_id, zone_id = excluded.zone_id, reentry = excluded.reentry,
        accept_pending = excluded.accept_pending, match_addons = excluded.match_addons, rules = excluded.rules,
        close_at = excluded.close_at, capacity = excluded.capacity;

    INSERT INTO events.event_gates (organization_id, event_id, id, position, code, name, state, capacity, capacity_mode,
                                    checkpoints, directions, venue_gate_id)
    SELECT org, ev, i->>'id', n, i->>'code', i->>'name', i->>'state', (i->>'capacity')::bigint, i->>'capacity_mode',
           events.texts(i->'checkpoints'), events.texts(i->'directions'),
           (SELECT g.id FROM events.gates g WHERE g.organization_id = org AND g.venue_id = NEW.venue_id
            AND g.code = i->>'code')
    FROM jsonb_array_elements(def->'gates') WITH ORDINALITY AS t (i, n)
    ON CONFLICT (organization_id, event_id, id) DO UPDATE SET position = excluded.position, code = excluded.code,
        name = excluded.name, state = excluded.state, capacity = excluded.capacity,
        capacity_mode = excluded.capacity_mode, checkpoints = excluded.checkpoints, directions = excluded.directions,
        venue_gate_id = excluded.venue_gate_id;

    INSERT INTO events.questions (organization_id, event_id, id, position, kind, text, required, at_door, types, options)
    SELECT org, ev, i->>'id', n, i->>'kind', i->>'text', (i->>'required')::boolean, (i->>'at_door')::boolean,
           events.texts(i->'types'), i->'options'
    FROM jsonb_array_elements(def->'questions') WITH ORDINALITY AS t (i, n)
    ON CONFLICT (organization_id, event_id, id) DO UPDATE SET position = excluded.position, kind = excluded.kind,
        text = excluded.text, required = excluded.required, at_door = excluded.at_door, types = excluded.types,
        options = excluded.options;

    DELETE FROM events.questions r WHERE r.organization_id = org AND r.event_id = ev
        AND r.id NOT IN (SELECT i->>'id' FROM jsonb_array_elements(def->'questions') i);
    DELETE FROM events.checkpoints r WHERE r.organization_id = org AND r.event_id = ev
        AND r.id NOT IN (SELECT i->>'id' FROM jsonb_array_elements(def->'checkpoints') i);
    DELETE FROM events.ticket_types r WHERE r.organization_id = org AND r.event_id = ev
        AND r.id NOT IN (SELECT i->>'id' FROM jsonb_array_elements(def->'ticket_types') i);
    DELETE FROM events.dates r WHERE r.organization_id = org AND r.event_id = ev
        AND r.id NOT IN (SELECT i->>'id' FROM jsonb_array_elements(def->'dates') i);
    DELETE FROM events.zones r WHERE r.organization_id = org AND r.event_id = ev
        AND r.id NOT IN (SELECT i->>'zone' FROM jsonb_array_elements(def->'checkpoints') i WHERE i ? 'zone');
    RETURN NULL;
END $$;
CREATE TRIGGER fill_rows_of_new AFTER INSERT ON events.events
    FOR EACH ROW EXECUTE FUNCTION events.fill_rows();
CREATE TRIGGER fill_rows AFTER UPDATE OF definition, venue_id ON events.events
    FOR EACH ROW WHEN (NEW.definition IS DISTINCT FROM OLD.definition OR NEW.venue_id IS DISTINCT FROM OLD.venue_id)
    EXECUTE FUNCTION events.fill_rows();

-- Events whose window has begun or ended, of all organizations: what the routine moves.
CREATE FUNCTION events.due(at timestamptz, most int)
RETURNS TABLE (organization_id uuid, event_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT e.organization_id, e.id FROM events.events e
    WHERE (e.status IN ('published', 'postponed') AND e.scan_from <= at
           AND (e.status = 'published' OR e.rescheduled_at IS NOT NULL))
       OR (e.status = 'live' AND e.scan_until <= at)
    ORDER BY least(e.scan_from, e.scan_until), e.id LIMIT most
$$;

SELECT app.give_to_ops(p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'events'::regnamespace AND p.prosecdef;
