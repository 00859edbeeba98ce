#pragma once

#include "server/slices/audit/module.h"
#include "server/slices/events/module.h"
#include "server/slices/scanning/module.h"
#include "server/slices/ticketing/module.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"
#include "shared/ticket/event_ring.h"
#include "tests/support/scanning_needs.h"
#include "tests/support/server_bench.h"

/// Tickets on a bench: with the real events, the real feed, and the real keys.
namespace voelgoed::test {

class ActiveOrganizations final : public contracts::Organizations
{
public:
    async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> status(base::Uuid) override
    {
        co_return std::optional(contracts::OrganizationStatus::Active);
    }
    async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> statusIn(pg::Tx &) override
    {
        return status({});
    }
    async::Task<base::Result<contracts::AlarmThresholds>> alarms(base::Uuid) override
    {
        co_return contracts::AlarmThresholds{};
    }
};

class TicketingBench
{
public:
    explicit TicketingBench(Postgres &postgres) : server(postgres, slices()) {}

    /// Two types ("adult", "child" that admits two), two gates, a zone and a date; published. Its id.
    std::string createEvent(const access::Actor &actor, const std::string &slug)
    {
        base::Json definition = *base::parseJson(R"({
          "event": {"id": "x", "name": "Fest", "timezone": "Africa/Johannesburg", "starts_at": "2026-12-05T12:00:00Z",
                    "ends_at": "2026-12-05T22:00:00Z", "doors_at": "2026-12-05T11:00:00Z"},
          "dates": [{"id": "day", "starts_at": "2026-12-05T12:00:00Z", "ends_at": "2026-12-05T22:00:00Z"}],
          "ticket_types": [{"id": "adult", "name": "Adult"}, {"id": "child", "name": "Child", "admits": 2}],
          "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
          "questions": [{"id": "diet", "kind": "string", "text": "Diet", "required": false}],
          "checkpoints": [{"id": "main", "name": "Main", "types": "all", "reentry": "never"},
                          {"id": "vip", "name": "VIP", "types": "all", "zone": "lounge"}]})");
        definition.as_object()["event"].as_object()["id"] = boost::json::string(slug);
        const Reply made = server.call({actor, http::Method::Post, "/v1/events", definition});
        base::ensure(made.status == 201, ("an event was not created: " + made.body).c_str());
        return made.text("id");
    }

    /// Publishes an event and then ends it, "cancelled" or "ended".
    void endEvent(const access::Actor &actor, const std::string &event, const std::string &status)
    {
        const std::vector<std::string> verbs = status == "cancelled"
                                                   ? std::vector<std::string>{"publish", "cancel"}
                                                   : std::vector<std::string>{"publish", "open", "end"};
        for (const std::string &verb : verbs) {
            const Reply moved = post(actor, "/v1/events/" + event + "/" + verb, {{"reason", "it rains"}});
            base::ensure(moved.status == 200, ("an event was not moved: " + moved.body).c_str());
        }
    }

    Reply post(const access::Actor &actor, const std::string &target, base::Json body = {}, const std::string &key = {})
    {
        std::vector<std::pair<std::string, std::string>> fields{
            {"Idempotency-Key", key.empty() ? "key-" + std::to_string(++m_keys) : key}};
        return server.call({actor, http::Method::Post, target, std::move(body), std::move(fields)});
    }
    Reply get(const access::Actor &actor, const std::string &target)
    {
        return server.call({actor, http::Method::Get, target});
    }
    Reply importFile(const access::Actor &actor, const std::string &event, const std::string &text,
                     const std::string &query = {})
    {
        return server.call({actor,
                            http::Method::Post,
                            "/v1/events/" + event + "/tickets/import" + query,
                            boost::json::string(text),
                            {{"Content-Type", "text/csv"}, {"Idempotency-Key", "list-" + std::to_string(++m_keys)}}});
    }

    /// What gates have of the event.
    protocol::Definition definitionOf(const std::string &event) const
    {
        const auto bytes = base::fromHex(
            server.execute("SELECT encode(definition, 'hex') FROM scanning.feeds WHERE event_id = '" + event + "'"));
        auto definition = protocol::decodeDefinition(*bytes);
        base::ensure(bool(definition), "what is in the feed cannot be read");
        return *std::move(definition);
    }
    ticket::KeyRing ringOf(const std::string &event) const
    {
        const auto definition = definitionOf(event);
        auto ring = ticket::ringOf(definition.keys, definition.event.event.endsAt);
        base::ensure(bool(ring), "the feed's keys are none");
        return *std::move(ring);
    }
    protocol::ListedTicket listed(const std::string &event, std::uint32_t ordinal) const
    {
        const auto bytes = base::fromHex(server.execute("SELECT encode(message, 'hex') FROM scanning.feed_tickets "
                                                        "WHERE event_id = '" +
                                                        event + "' AND ordinal = " + std::to_string(ordinal)));
        auto ticket = protocol::decodeTicket(*bytes);
        base::ensure(bool(ticket), "a ticket of the feed cannot be read");
        return *std::move(ticket);
    }
    int head(const std::string &event) const
    {
        return std::stoi(server.execute("SELECT head FROM scanning.feeds WHERE event_id = '" + event + "'"));
    }

private:
    ScanningNeeds m_needs;
    ActiveOrganizations m_organizations;
    scanning::Made m_scanning;
    events::Made m_events;
    int m_keys = 0;

    std::vector<ServerBench::MakeSlice> slices()
    {
        return {audit::make,
                [this](platform::Kernel &kernel) {
                    m_scanning = scanning::make(kernel, m_needs.needs());
                    return std::move(m_scanning.slice);
                },
                [this](platform::Kernel &kernel) {
                    m_events = events::make(
                        kernel, {.feed = *m_scanning.feed, .organizations = m_organizations, .badges = m_needs.badges});
                    return std::move(m_events.slice);
                },
                [this](platform::Kernel &kernel) {
                    auto made = ticketing::make(
                        kernel,
                        {.events = *m_events.definitions, .feed = *m_scanning.feed, .organizations = m_organizations});
                    m_events.useKeys(*made.keys);
                    return std::move(made.slice);
                }};
    }

public:
    ServerBench server;
};

} // namespace voelgoed::test
