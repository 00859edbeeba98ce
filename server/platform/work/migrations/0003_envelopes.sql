-- An event is told as it was written: jsonb would put its fields into an order of its own, and blanks between them, so
-- that what is sent is longer than what was measured.
ALTER TABLE platform.outbox ALTER COLUMN event TYPE json USING event::text::json;
