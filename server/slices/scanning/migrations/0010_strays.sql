-- Rows that could not be taken, of devices that stand at no event: kept aside by their organization.
CREATE TABLE scanning.strays (
    organization_id uuid   NOT NULL,
    id              uuid   NOT NULL,
    device          text   NOT NULL,
    epoch           bigint NOT NULL,
    seq             bigint NOT NULL,
    hash            bytea  NOT NULL,
    reason          text   NOT NULL,
    row             bytea  NOT NULL,
    brought_by      text   NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT now(),
    state           text   NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dismissed')),
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, device, epoch, seq, hash)
);
SELECT app.protect('scanning.strays', 'SELECT, INSERT, UPDATE');
