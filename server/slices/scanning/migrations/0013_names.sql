-- Whether holders' names go to devices, as the event's definition says now. They stay with the tickets all the same, so that
-- an organizer may change that at any time.
ALTER TABLE scanning.feeds ADD COLUMN sends_names boolean NOT NULL DEFAULT false;
