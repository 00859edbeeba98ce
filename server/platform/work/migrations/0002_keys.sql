-- Whose keys this database is of. A server with others could open none of its codes' keys, and no device would know it.
CREATE TABLE platform.server_keys (
    only_one    boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    at          timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON platform.server_keys TO vg_ops;

-- Those that the database is of afterwards: the first ones that asked, or the given ones where they are to replace them.
CREATE FUNCTION platform.claim_keys(given bytea, replaces boolean) RETURNS bytea
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO platform.server_keys AS k (fingerprint) VALUES (given)
    ON CONFLICT (only_one) DO UPDATE
        SET fingerprint = CASE WHEN replaces THEN excluded.fingerprint ELSE k.fingerprint END,
            at = CASE WHEN replaces THEN now() ELSE k.at END
    RETURNING fingerprint
$$;
SELECT app.give_to_ops('platform.claim_keys(bytea, boolean)'::regprocedure);
