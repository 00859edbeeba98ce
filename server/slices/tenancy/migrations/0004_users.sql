-- What the platform does with its users, and a forgotten password.

-- The platform's staff own no organization, whichever of the two comes first: each side looks at the other while the
-- person's row is locked.
CREATE FUNCTION tenancy.keep_staff_from_owning() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    is_staff boolean;
BEGIN
    IF NEW.role = 'owner' THEN
        SELECT u.is_platform_staff INTO is_staff FROM tenancy.users u WHERE u.id = NEW.user_id FOR SHARE;
        IF is_staff THEN
            RAISE EXCEPTION 'the platform''s staff own nothing'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_never_owns';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_staff_from_owning BEFORE INSERT OR UPDATE ON tenancy.memberships
    FOR EACH ROW EXECUTE FUNCTION tenancy.keep_staff_from_owning();
SELECT app.give_to_ops('tenancy.keep_staff_from_owning()'::regprocedure);

CREATE FUNCTION tenancy.keep_owners_from_staff() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.is_platform_staff AND EXISTS (SELECT FROM tenancy.memberships m WHERE m.user_id = NEW.id AND m.role = 'owner') THEN
        RAISE EXCEPTION 'an owner is not of the platform''s staff'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_never_owns';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_owners_from_staff BEFORE UPDATE OF is_platform_staff ON tenancy.users
    FOR EACH ROW WHEN (NEW.is_platform_staff AND NOT OLD.is_platform_staff)
    EXECUTE FUNCTION tenancy.keep_owners_from_staff();
SELECT app.give_to_ops('tenancy.keep_owners_from_staff()'::regprocedure);

-- By id or by address: one row at most.
CREATE FUNCTION tenancy.find_user(of_user uuid, of_email text)
RETURNS TABLE (id uuid, email text, first_name text, last_name text, status text, is_confirmed boolean,
               is_platform_admin boolean, is_platform_staff boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT u.id, u.email, u.first_name, u.last_name, u.status, u.confirmed_at IS NOT NULL, u.is_platform_admin,
           u.is_platform_staff
    FROM tenancy.users u WHERE u.id = of_user OR u.email = lower(of_email) LIMIT 1
$$;
SELECT app.give_to_ops('tenancy.find_user(uuid, text)'::regprocedure);

-- Until the transaction ends nobody else changes this person.
CREATE FUNCTION tenancy.hold_user(of_user uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT FROM tenancy.users u WHERE u.id = of_user FOR UPDATE
$$;
SELECT app.give_to_ops('tenancy.hold_user(uuid)'::regprocedure);

-- Whether somebody is of the organization that is set and of no other, and not of the platform.
CREATE FUNCTION tenancy.is_only_here(of_user uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM tenancy.users u WHERE u.id = of_user AND NOT u.is_platform_admin AND NOT u.is_platform_staff)
       AND EXISTS (SELECT FROM tenancy.memberships m WHERE m.user_id = of_user AND m.organization_id = app.org())
       AND NOT EXISTS (SELECT FROM tenancy.memberships m WHERE m.user_id = of_user AND m.organization_id <> app.org())
$$;
SELECT app.give_to_ops('tenancy.is_only_here(uuid)'::regprocedure);

-- One-time tokens for a new password: one a person, the latest.
CREATE TABLE tenancy.password_resets (
    user_id         uuid  PRIMARY KEY REFERENCES tenancy.users,
    token_hash      bytea NOT NULL UNIQUE,
    of_organization uuid, -- that gave it, and in whose trail its use is told; null: the platform
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.password_resets TO vg_ops;

CREATE FUNCTION tenancy.begin_password_reset(for_user uuid, hash bytea, by_organization uuid, until timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM tenancy.password_resets WHERE expires_at < now() AND user_id <> for_user;
    INSERT INTO tenancy.password_resets (user_id, token_hash, of_organization, expires_at)
    VALUES (for_user, hash, by_organization, until)
    ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, of_organization = excluded.of_organization,
        created_at = now(), expires_at = excluded.expires_at
$$;
SELECT app.give_to_ops('tenancy.begin_password_reset(uuid, bytea, uuid, timestamptz)'::regprocedure);

-- Uses a token up, for who knows whose it is: one row, once.
CREATE FUNCTION tenancy.use_password_reset(hash bytea, of_email text) RETURNS TABLE (user_id uuid, of_organization uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM tenancy.password_resets r USING tenancy.users u
    WHERE r.token_hash = hash AND r.expires_at > now() AND u.id = r.user_id AND u.email = lower(of_email)
      AND u.status = 'active'
    RETURNING r.user_id, r.of_organization
$$;
SELECT app.give_to_ops('tenancy.use_password_reset(bytea, text)'::regprocedure);

CREATE FUNCTION tenancy.drop_password_reset(of_user uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM tenancy.password_resets WHERE user_id = of_user
$$;
SELECT app.give_to_ops('tenancy.drop_password_reset(uuid)'::regprocedure);
