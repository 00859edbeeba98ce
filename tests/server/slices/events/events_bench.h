#pragma once

#include "server/slices/audit/module.h"
#include "server/slices/events/module.h"
#include "shared/protocol/definition.h"
#include "tests/support/server_bench.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

/// The slice of events on a bench, with stand-ins for what it asks of others.
namespace voelgoed::test {

/// Keeps what is put into the feed in a table of its own, in the transaction that puts it.
class PracticeFeed final : public contracts::EventFeed
{
public:
    async::Task<base::Result<void>> open(pg::Tx &tx, base::Uuid event) override
    {
        static constexpr pg::Sql kOpen{"INSERT INTO practice.feeds VALUES ($1)"};
        co_return outcome(co_await tx.run(kOpen, pg::Params::of(event)));
    }
    async::Task<base::Result<void>> putTickets(pg::Tx &, base::Uuid, std::vector<contracts::FeedTicket>) override
    {
        co_return base::Result<void>();
    }
    async::Task<base::Result<void>> putDefinition(pg::Tx &tx, base::Uuid event, base::Bytes definition) override
    {
        // Only into one that was opened.
        static constexpr pg::Sql kPut{"INSERT INTO practice.definitions (event_id, definition) VALUES ($1, $2)"};
        co_return outcome(co_await tx.run(kPut, pg::Params::of(event, definition)));
    }
    void wake(base::Uuid event) override { woken.push_back(event); }

    static constexpr const char *kTables = R"(
        CREATE SCHEMA practice;
        GRANT USAGE ON SCHEMA practice TO vg_app;
        CREATE TABLE practice.feeds (event_id uuid PRIMARY KEY);
        CREATE TABLE practice.definitions (event_id uuid REFERENCES practice.feeds, n serial, definition bytea);
        GRANT SELECT, INSERT, REFERENCES ON ALL TABLES IN SCHEMA practice TO vg_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA practice TO vg_app)";

    std::vector<base::Uuid> woken;

private:
    static base::Result<void> outcome(const base::Result<pg::Rows> &rows)
    {
        return rows ? base::Result<void>() : rows.error();
    }
};

class PracticeKeys final : public contracts::EventKeyRings
{
public:
    async::Task<base::Result<domain::EventKeys>> keysOf(pg::Tx &tx, base::Uuid event, Names names) override
    {
        domain::EventKeys keys{.organization = *tx.scope().organization, .event = event, .shortId = shortId};
        for (const std::string &type : names.types)
            keys.types.push_back({type});
        for (const std::string &zone : names.zones)
            keys.zones.push_back({zone});
        co_return keys;
    }

    std::uint32_t shortId = 1;
};

class PracticeOrganizations final : public contracts::Organizations
{
public:
    async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> status(base::Uuid organization) override
    {
        const auto found = statuses.find(organization);
        co_return std::optional(found == statuses.end() ? contracts::OrganizationStatus::Active : found->second);
    }
    async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> statusIn(pg::Tx &tx) override
    {
        return status(tx.scope().organization.value_or(base::Uuid{}));
    }
    async::Task<base::Result<contracts::AlarmThresholds>> alarms(base::Uuid) override
    {
        co_return contracts::AlarmThresholds{};
    }

    std::map<base::Uuid, contracts::OrganizationStatus> statuses;
};

class PracticeBadges final : public contracts::Badges
{
public:
    async::Task<base::Result<bool>> isWorn(base::Uuid, base::Uuid user, base::Uuid event) override
    {
        const auto [first, last] = worn.equal_range(user);
        co_return std::any_of(first, last, [&](const auto &each) { return each.second == event; });
    }
    async::Task<base::Result<bool>> isWornIn(pg::Tx &, base::Uuid user, base::Uuid event) override
    {
        return isWorn({}, user, event);
    }
    async::Task<base::Result<std::vector<base::Uuid>>> wornBy(base::Uuid, base::Uuid user) override
    {
        std::vector<base::Uuid> events;
        const auto [first, last] = worn.equal_range(user);
        for (auto each = first; each != last; ++each)
            events.push_back(each->second);
        co_return events;
    }
    async::Task<base::Result<contracts::OverrideAnswer>> mayOverride(contracts::OverrideAsk) override
    {
        co_return contracts::OverrideAnswer{};
    }

    std::multimap<base::Uuid, base::Uuid> worn; ///< events by who wears a badge of them
};

class EventsBench
{
public:
    explicit EventsBench(Postgres &postgres, ServerBench::Options options = {})
        : server(postgres, slices(), std::move(options))
    {
        server.execute(PracticeFeed::kTables);
    }
    /// A second server beside it.
    explicit EventsBench(EventsBench &first) : server(first.server, slices()) {}

    PracticeFeed feed;
    PracticeKeys keys;
    PracticeOrganizations organizations;
    PracticeBadges badges;
    contracts::EventDefinitions *definitions = nullptr;
    ServerBench server;

    /// An event as somebody of the organization creates it; its id. `name` is its slug, too.
    std::string create(const access::Actor &actor, const std::string &name, base::Json definition = {});
    /// The same, moved to a status, verb by verb.
    std::string createAs(const access::Actor &actor, const std::string &name, const std::string &status);
    Reply post(const access::Actor &actor, const std::string &target, base::Json body = {})
    {
        return server.call({actor, http::Method::Post, target, std::move(body)});
    }
    Reply put(const access::Actor &actor, const std::string &target, base::Json body)
    {
        return server.call({actor, http::Method::Put, target, std::move(body)});
    }
    Reply get(const access::Actor &actor, const std::string &target)
    {
        return server.call({actor, http::Method::Get, target});
    }
    /// The last that was put into the event's feed.
    protocol::Definition published(const std::string &event) const;
    int timesPublished(const std::string &event) const
    {
        return std::stoi(server.execute("SELECT count(*) FROM practice.definitions WHERE event_id = '" + event + "'"));
    }
    std::string statusOf(const std::string &event) const
    {
        return server.execute("SELECT status FROM events.events WHERE id = '" + event + "'");
    }
    /// Types of the events in the outbox on a topic, oldest first.
    std::vector<std::string> told(const base::Uuid &organization, const std::string &topic) const;

private:
    std::vector<ServerBench::MakeSlice> slices()
    {
        return {audit::make, [this](platform::Kernel &kernel) {
                    auto made = events::make(kernel, {.feed = feed, .organizations = organizations, .badges = badges});
                    made.useKeys(keys);
                    definitions = made.definitions;
                    return std::move(made.slice);
                }};
    }
};

/// A day with two types, two gates, a zone and a question; doors on 2026-12-05 at 11:00 UTC.
base::Json fest();

inline std::string EventsBench::create(const access::Actor &actor, const std::string &name, base::Json definition)
{
    if (definition.is_null())
        definition = fest();
    definition.as_object()["event"].as_object()["id"] = boost::json::string(name);
    const Reply made = post(actor, "/v1/events", definition);
    base::ensure(made.status == 201, ("an event was not created: " + made.body).c_str());
    return made.text("id");
}

/// What a verb needs beside the event.
inline base::Json reasonFor(const std::string &verb)
{
    if (verb == "cancel" || verb == "postpone")
        return {{"reason", "storm"}};
    return nullptr;
}

inline std::string EventsBench::createAs(const access::Actor &actor, const std::string &name, const std::string &status)
{
    static const std::map<std::string, std::vector<std::string>> kWays{
        {"draft", {}},
        {"published", {"publish"}},
        {"live", {"publish", "open"}},
        {"ended", {"publish", "open", "end"}},
        {"cancelled", {"publish", "cancel"}},
        {"postponed", {"publish", "postpone"}},
        {"archived", {"archive"}},
    };
    std::string id = create(actor, name);
    for (const std::string &verb : kWays.at(status)) {
        const Reply moved = post(actor, "/v1/events/" + id + "/" + verb, reasonFor(verb));
        base::ensure(moved.status == 200, moved.body.c_str());
    }
    return id;
}

inline protocol::Definition EventsBench::published(const std::string &event) const
{
    const auto bytes = base::fromHex(server.execute("SELECT encode(definition, 'hex') FROM practice.definitions "
                                                    "WHERE event_id = '" +
                                                    event + "' ORDER BY n DESC LIMIT 1"));
    auto definition = protocol::decodeDefinition(*bytes);
    base::ensure(bool(definition), "what was put into the feed cannot be read");
    return *std::move(definition);
}

inline std::vector<std::string> EventsBench::told(const base::Uuid &organization, const std::string &topic) const
{
    std::vector<std::string> types;
    for (const base::Json &row : server.events(organization)) {
        if (row.at("topic").as_string() == std::string_view(topic))
            types.emplace_back(row.at("event").at("type").as_string());
    }
    return types;
}

inline base::Json fest()
{
    return *base::parseJson(R"({
      "event": {"id": "fest", "name": "Fest", "timezone": "Africa/Johannesburg", "starts_at": "2026-12-05T12:00:00Z",
                "ends_at": "2026-12-05T22:00:00Z", "doors_at": "2026-12-05T11:00:00Z"},
      "dates": [{"id": "day", "starts_at": "2026-12-05T12:00:00Z", "ends_at": "2026-12-05T22:00:00Z"}],
      "ticket_types": [{"id": "1", "name": "Adult"}, {"id": "2", "name": "Child", "admits": 2, "notes": ["Band"]}],
      "questions": [{"id": "q1", "kind": "boolean", "text": "Over 18?", "required": true, "types": ["1"]}],
      "gates": [{"id": "g1", "code": "N", "name": "North", "checkpoints": ["main"]}, {"id": "g2", "name": "South"}],
      "checkpoints": [{"id": "main", "name": "Main", "reentry": "after_exit", "zone": "field", "close_at": "03:30",
                       "rules": {"and": [{"inList": [{"var": "product"}, {"objectList": [
                           {"lookup": ["product", "1", "Adult"]}]}]}]}},
                      {"id": "vip", "name": "VIP", "types": ["2"], "date": "day", "capacity": 50}],
      "policy": {"unlisted": "hold", "list_age_max_minutes": 30, "names_on_devices": true}})");
}

} // namespace voelgoed::test
