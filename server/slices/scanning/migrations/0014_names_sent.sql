-- Tickets from before 0013 have their holders' names only where those were sent: their events go on sending them, and the
-- others' names come with the next change of each ticket.
ALTER TABLE scanning.feeds NO FORCE ROW LEVEL SECURITY;
ALTER TABLE scanning.feed_tickets NO FORCE ROW LEVEL SECURITY;
UPDATE scanning.feeds f SET sends_names = true
WHERE NOT f.sends_names
  AND NOT EXISTS (SELECT FROM scanning.feed_tickets t WHERE t.organization_id = f.organization_id AND t.event_id = f.event_id
                  AND t.holder = '')
  AND EXISTS (SELECT FROM scanning.feed_tickets t WHERE t.organization_id = f.organization_id AND t.event_id = f.event_id);
ALTER TABLE scanning.feed_tickets FORCE ROW LEVEL SECURITY;
ALTER TABLE scanning.feeds FORCE ROW LEVEL SECURITY;
