-- Scans of an event at which their device never stood, and devices that could not reach the server for a while.
ALTER TABLE scanning.incidents DROP CONSTRAINT incidents_kind_check;
ALTER TABLE scanning.incidents ADD CONSTRAINT incidents_kind_check CHECK (kind IN (
    'double', 'impossible_travel', 'repeated_attempts', 'gate_rate', 'device_errors', 'late_upload', 'revoked_device',
    'quarantine', 'nearly_full', 'checksum', 'conflict_rate', 'queue_length', 'device_not_assigned', 'failed_syncs'));
