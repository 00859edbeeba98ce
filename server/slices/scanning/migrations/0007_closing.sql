-- Persons since the last closing: at its close_at a checkpoint is empty, whoever was counted in before. `since` is the
-- closing before the latest passage; scans of an earlier span, which come late, count in the sums of all time alone.
ALTER TABLE scanning.occupancy
    ADD COLUMN since timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN since_entries bigint NOT NULL DEFAULT 0,
    ADD COLUMN since_exits bigint NOT NULL DEFAULT 0;

ALTER TABLE scanning.occupancy NO FORCE ROW LEVEL SECURITY;
UPDATE scanning.occupancy SET since_entries = entries, since_exits = exits;
ALTER TABLE scanning.occupancy FORCE ROW LEVEL SECURITY;
