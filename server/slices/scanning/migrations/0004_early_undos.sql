-- Rows that were taken back before they came themselves: uploads come in any order.
CREATE TABLE scanning.early_undos (
    organization_id uuid   NOT NULL,
    event_id        uuid   NOT NULL,
    device          text   NOT NULL, -- the row that is taken back
    epoch           bigint NOT NULL,
    seq             bigint NOT NULL,
    PRIMARY KEY (organization_id, event_id, device, epoch, seq)
);
SELECT app.protect('scanning.early_undos', 'SELECT, INSERT');
