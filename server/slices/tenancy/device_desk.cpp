#include "server/slices/tenancy/device_desk.h"

#include "server/slices/tenancy/device_presence.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto kWriteEvery = 1s;

constexpr pg::Sql kKey{R"(
SELECT d.public_key, d.status IN ('revoked', 'replaced') OR o.status = 'archived'
FROM tenancy.devices d JOIN tenancy.organizations o USING (organization_id)
WHERE d.organization_id = app.org() AND d.id = $1 AND d.status <> 'pending')"};

constexpr pg::Sql kPosted{R"(
SELECT p.device_id, p.event_id FROM unnest($1::uuid[], $2::text[]) AS asked (device, event)
JOIN tenancy.device_posts p ON p.organization_id = app.org() AND p.device_id = asked.device
    AND p.event_id = asked.event)"};

constexpr pg::Sql kCommands{R"(
SELECT id, kind, args FROM tenancy.device_commands
WHERE organization_id = app.org() AND device_id = $1 AND done_at IS NULL ORDER BY id LIMIT 32)"};

constexpr pg::Sql kSettle{R"(
UPDATE tenancy.device_commands c SET done_at = now(), outcome = r.outcome, note = r.note
FROM unnest($2::uuid[], $3::text[], $4::text[]) AS r (id, outcome, note)
WHERE c.organization_id = app.org() AND c.device_id = $1 AND c.id = r.id AND c.done_at IS NULL)"};

std::optional<contracts::DeviceOrder> orderFrom(std::string_view word)
{
    if (word == "assign")
        return contracts::DeviceOrder::Assign;
    if (word == "message")
        return contracts::DeviceOrder::Message;
    if (word == "lock")
        return contracts::DeviceOrder::Lock;
    if (word == "unlock")
        return contracts::DeviceOrder::Unlock;
    if (word == "wipe")
        return contracts::DeviceOrder::Wipe;
    return std::nullopt;
}

std::string textIn(const boost::json::object &args, std::string_view name)
{
    const auto *field = args.if_contains(name);
    return field && field->is_string() ? std::string(field->as_string()) : std::string();
}

} // namespace

Task<Result<std::optional<contracts::DeviceKey>>> DeviceDesk::keyOf(base::Uuid organization, std::string device)
{
    const auto known = co_await m_parts.devices.get(device);
    if (!known)
        co_return known.error();
    if (!*known || (*known)->organization != organization || (*known)->status == "pending")
        co_return std::optional<contracts::DeviceKey>();
    co_return std::optional(contracts::DeviceKey{(*known)->key, (*known)->post.isRevoked});
}

Task<Result<std::optional<contracts::DeviceKey>>> DeviceDesk::keyIn(pg::Tx &tx, base::Uuid device)
{
    const auto rows = co_await tx.run(kKey, pg::Params::of(device));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return std::optional<contracts::DeviceKey>();
    auto key = base::VerifyingKey::fromRaw(rows->front().get<base::Bytes>(0));
    if (!key)
        co_return base::corrupt("a device's key in the database");
    co_return std::optional(contracts::DeviceKey{std::move(*key), rows->front().get<bool>(1)});
}

Task<Result<std::set<contracts::DevicePosting>>> DeviceDesk::posted(base::Uuid organization,
                                                                    std::set<contracts::DevicePosting> asked)
{
    std::set<contracts::DevicePosting> held;
    std::vector<base::Uuid> devices;
    std::vector<std::string> events;
    for (const contracts::DevicePosting &posting : asked) {
        const auto device = base::uuidFrom(posting.device);
        if (m_posted.contains({organization, posting})) {
            held.insert(posting);
        } else if (device) {
            devices.push_back(*device);
            events.push_back(posting.event);
        }
    }
    if (devices.empty())
        co_return held;
    const auto rows = co_await m_parts.database.read(organization, kPosted, pg::Params::of(devices, events));
    if (!rows)
        co_return rows.error();
    if (m_posted.size() > kPostedKept)
        m_posted.clear();
    for (const auto row : *rows) {
        contracts::DevicePosting posting{base::toText(row.get<base::Uuid>(0)), row.get<std::string>(1)};
        m_posted.insert({organization, posting});
        held.insert(std::move(posting));
    }
    co_return held;
}

Task<Result<std::vector<contracts::DeviceCommand>>> DeviceDesk::commandsFor(base::Uuid organization, base::Uuid device)
{
    const auto rows = co_await m_parts.database.read(organization, kCommands, pg::Params::of(device));
    if (!rows)
        co_return rows.error();
    std::vector<contracts::DeviceCommand> commands;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto row = (*rows)[i];
        const auto order = orderFrom(row.get<std::string>(1));
        const auto args = base::parseJson(row.get<pg::Jsonb>(2).text);
        if (!order || !args || !args->is_object())
            continue;
        const auto &object = args->as_object();
        commands.push_back({.id = row.get<base::Uuid>(0),
                            .order = *order,
                            .event = textIn(object, "event"),
                            .gate = textIn(object, "gate"),
                            .checkpoint = textIn(object, "checkpoint"),
                            .isExit = textIn(object, "direction") == "exit",
                            .text = textIn(object, "text")});
    }
    co_return commands;
}

Task<Result<void>> DeviceDesk::settle(base::Uuid organization, base::Uuid device,
                                      std::vector<contracts::DeviceCommandResult> results)
{
    std::vector<base::Uuid> ids;
    std::vector<std::string> outcomes, notes;
    for (const contracts::DeviceCommandResult &result : results) {
        ids.push_back(result.id);
        outcomes.push_back(result.outcome);
        notes.push_back(result.note);
    }
    const auto settled =
        co_await m_parts.database.read(organization, kSettle, pg::Params::of(device, ids, outcomes, notes));
    if (!settled)
        co_return settled.error();
    co_return Result<void>();
}

void DeviceDesk::seen(contracts::DeviceSighting sighting)
{
    m_seen[sighting.device] = std::move(sighting);
}

void DeviceDesk::start()
{
    async::start(m_parts.executor, "devices seen", loop());
}

Task<void> DeviceDesk::loop()
{
    for (;;) {
        co_await async::sleepFor(kWriteEvery);
        co_await writeDown();
    }
}

/// What cannot be written is forgotten: the next sighting says it again.
Task<void> DeviceDesk::writeDown()
{
    std::map<base::Uuid, std::vector<contracts::DeviceSighting>> byOrganization;
    for (auto &[device, sighting] : std::exchange(m_seen, {}))
        byOrganization[sighting.organization].push_back(std::move(sighting));
    for (auto &[organization, sightings] : byOrganization)
        static_cast<void>(co_await writeSightings(m_parts.database, organization, std::move(sightings)));
}

} // namespace voelgoed::tenancy
