#include "server/slices/ticketing/signer.h"

#include "shared/ticket/event_ring.h"
#include "shared/ticket/issue.h"

#include <algorithm>

namespace voelgoed::ticketing {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::uint8_t kFirstKeys = 2; ///< one signs; the other is known to all gates before it is needed

constexpr pg::Sql kShow{R"(
SELECT short_id, hours_from, types, zones FROM ticketing.rings
WHERE organization_id = app.org() AND event_id = $1)"};
constexpr pg::Sql kKeys{R"(
SELECT slot, public_key, retired_at IS NOT NULL FROM ticketing.keys
WHERE organization_id = app.org() AND event_id = $1 ORDER BY slot)"};
constexpr pg::Sql kForeignKeys{R"(
SELECT system, public_key FROM ticketing.foreign_keys
WHERE organization_id = app.org() AND event_id = $1 ORDER BY system, public_key)"};
constexpr pg::Sql kLive{R"(
SELECT slot, sealed_key FROM ticketing.keys
WHERE organization_id = app.org() AND event_id = $1 AND retired_at IS NULL ORDER BY slot)"};
constexpr pg::Sql kMake{R"(
INSERT INTO ticketing.rings (organization_id, event_id, short_id, hours_from)
VALUES (app.org(), $1, nextval('ticketing.short_ids'), date_trunc('hour', now()) - interval '1 day'))"};
constexpr pg::Sql kSetNames{R"(
UPDATE ticketing.rings SET types = $2, zones = $3 WHERE organization_id = app.org() AND event_id = $1)"};
constexpr pg::Sql kAddKey{R"(
INSERT INTO ticketing.keys (organization_id, event_id, slot, public_key, sealed_key)
VALUES (app.org(), $1, $2, $3, $4))"};
constexpr pg::Sql kRetire{R"(
UPDATE ticketing.keys SET retired_at = $3 WHERE organization_id = app.org() AND event_id = $1 AND slot = $2)"};

/// What is there stays where it is, since codes that are out name it by its place; what is new comes behind it. Whether
/// there was room for all of them.
bool append(std::vector<std::string> &known, const std::vector<std::string> &names, std::size_t most)
{
    for (const std::string &name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            known.push_back(name);
    }
    return known.size() <= most;
}

Error usedUp(const char *what, std::size_t most)
{
    const std::string names(what);
    return {ErrorCode::Conflict, "no place left in the ring for one of the " + names,
            "The codes of an event can name " + std::to_string(most) + " " + names +
                " in all, and keep the places of those that it had before. Use an id that the event has, or had.",
            names + "_used_up"};
}

template <class Id>
std::vector<std::string> textsOf(const std::vector<Id> &ids)
{
    std::vector<std::string> texts;
    for (const Id &id : ids)
        texts.push_back(id.text);
    return texts;
}

template <class Id>
std::vector<Id> idsOf(const std::vector<std::string> &texts)
{
    std::vector<Id> ids;
    for (const std::string &text : texts)
        ids.push_back(Id{text});
    return ids;
}

template <std::size_t Size>
std::array<std::byte, Size> arrayOf(const base::Bytes &bytes)
{
    base::ensure(bytes.size() == Size, "a key of another length in the database");
    std::array<std::byte, Size> array{};
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

Result<base::SigningKey> unsealed(const base::ExchangePair &seal, const base::Uuid &event, const base::Bytes &sealed)
{
    base::ExchangeKey ephemeral{};
    if (sealed.size() <= ephemeral.size())
        return base::corrupt("a sealed key is too short");
    std::copy_n(sealed.begin(), ephemeral.size(), ephemeral.begin());
    auto opener = base::Opener::from(seal, ephemeral);
    if (!opener)
        return opener.error();
    const auto seed = opener->open(0, base::ByteView(sealed).subspan(ephemeral.size()), event);
    if (!seed)
        return base::corrupt("a key of an event's codes was sealed for another server",
                             "Bring back the server-keys.json that belongs to this database.");
    return base::SigningKey::fromSeed(*seed);
}

} // namespace

Result<Ring> Ring::make(domain::EventKeys keys, std::optional<base::Instant> endsAt,
                        std::vector<std::pair<std::uint8_t, base::SigningKey>> live)
{
    auto prepared = ticket::ringOf(keys, endsAt);
    if (!prepared)
        return base::corrupt("key ring: " + prepared.error().message);
    Ring ring(std::move(keys), std::move(*prepared));
    ring.m_live = std::move(live);
    return ring;
}

Result<std::string> Ring::codeOf(const domain::Ticket &ticket) const
{
    if (m_live.empty())
        return Error{ErrorCode::Conflict, "no live key", "All keys of this event are retired: add one first.",
                     "no_live_key"};
    const auto type = std::find(m_keys.types.begin(), m_keys.types.end(), ticket.type);
    if (type == m_keys.types.end())
        return base::invalid("the codes of this event cannot name type " + ticket.type.text);
    ticket::T1Claims claims{.keySlot = m_live.front().first,
                            .ordinal = ticket.ordinal,
                            .generation = ticket.generation,
                            .typeIndex = static_cast<std::uint8_t>(type - m_keys.types.begin())};
    if (ticket.zones) {
        claims.zones = 0;
        for (std::size_t i = 0; i < m_keys.zones.size(); ++i) {
            if (std::find(ticket.zones->begin(), ticket.zones->end(), m_keys.zones[i]) != ticket.zones->end())
                claims.zones = static_cast<std::uint16_t>(claims.zones | (1U << i));
        }
    }
    // In whole hours, and never narrower than the ticket itself: gates that have the list go by the list.
    constexpr auto kHour = std::chrono::hours(1);
    if (ticket.validFrom && *ticket.validFrom > m_keys.hoursFrom + kHour) {
        const auto hours = (*ticket.validFrom - m_keys.hoursFrom) / kHour;
        claims.validFromHours = static_cast<std::uint16_t>(std::min<std::int64_t>(hours, 65'535));
    }
    if (ticket.validUntil && claims.validFromHours != 0) {
        const auto begin = m_keys.hoursFrom + kHour * claims.validFromHours;
        const auto hours = std::chrono::ceil<std::chrono::hours>(*ticket.validUntil - begin).count();
        if (hours >= 1 && hours < ticket::T1Claims::kUntilTypeSays)
            claims.durationHours = static_cast<std::uint8_t>(hours);
    }
    const auto code = ticket::issueT1(claims, m_ring, m_live.front().second);
    if (!code)
        return code.error();
    return ticket::printT1(*code);
}

Task<Result<domain::EventKeys>> Signer::read(pg::Tx &tx, base::Uuid event)
{
    const auto rows = co_await tx.run(
        {{kShow, pg::Params::of(event)}, {kKeys, pg::Params::of(event)}, {kForeignKeys, pg::Params::of(event)}});
    if (!rows)
        co_return rows.error();
    if (rows->at(0).empty())
        co_return Error{ErrorCode::NotFound, "no key ring", "There is no such event.", "not_found"};
    const auto ring = rows->at(0).front();
    domain::EventKeys keys;
    keys.organization = tx.scope().organization.value_or(base::Uuid{});
    keys.event = event;
    keys.shortId = static_cast<std::uint32_t>(ring.get<std::int64_t>(0));
    keys.hoursFrom = ring.get<base::Instant>(1);
    keys.types = idsOf<domain::TicketTypeId>(ring.get<std::vector<std::string>>(2));
    keys.zones = idsOf<domain::ZoneId>(ring.get<std::vector<std::string>>(3));
    keys.sealTo = m_seal.open;
    for (const auto row : rows->at(1)) {
        keys.keySlots.push_back({.slot = static_cast<std::uint8_t>(row.get<std::int16_t>(0)),
                                 .algorithm = domain::SignatureAlgorithm::Ed25519,
                                 .publicKey = arrayOf<32>(row.get<base::Bytes>(1)),
                                 .retired = row.get<bool>(2)});
    }
    for (const auto row : rows->at(2))
        keys.foreign.push_back({row.get<std::string>(0), arrayOf<32>(row.get<base::Bytes>(1))});
    co_return keys;
}

Task<Result<domain::EventKeys>> Signer::keysOf(pg::Tx &tx, base::Uuid event, Names names)
{
    auto keys = co_await read(tx, event);
    if (!keys && keys.error().code != ErrorCode::NotFound)
        co_return keys;
    if (!keys) {
        if (const auto made = co_await tx.run(kMake, pg::Params::of(event)); !made)
            co_return made.error();
        for (std::uint8_t slot = 0; slot < kFirstKeys; ++slot) {
            if (const auto added = co_await addKeyAt(tx, event, slot); !added)
                co_return added.error();
        }
        keys = co_await read(tx, event);
        if (!keys)
            co_return keys;
    }
    std::vector<std::string> types = textsOf(keys->types), zones = textsOf(keys->zones);
    if (!append(types, names.types, Ring::kTypesMax))
        co_return usedUp("types", Ring::kTypesMax);
    if (!append(zones, names.zones, Ring::kZonesMax))
        co_return usedUp("zones", Ring::kZonesMax);
    if (types.size() != keys->types.size() || zones.size() != keys->zones.size()) {
        const std::vector<std::string_view> typeViews(types.begin(), types.end()),
            zoneViews(zones.begin(), zones.end());
        const auto set = co_await tx.run(kSetNames, pg::Params::of(event, typeViews, zoneViews));
        if (!set)
            co_return set.error();
        keys->types = idsOf<domain::TicketTypeId>(types);
        keys->zones = idsOf<domain::ZoneId>(zones);
    }
    co_return keys;
}

Task<Result<Ring>> Signer::ringOf(pg::Tx &tx, base::Uuid event, std::optional<base::Instant> endsAt)
{
    auto keys = co_await read(tx, event);
    if (!keys)
        co_return keys.error();
    const auto rows = co_await tx.run(kLive, pg::Params::of(event));
    if (!rows)
        co_return rows.error();
    std::vector<std::pair<std::uint8_t, base::SigningKey>> live;
    for (const auto row : *rows) {
        auto key = unsealed(m_seal, event, row.get<base::Bytes>(1));
        if (!key)
            co_return key.error();
        live.emplace_back(static_cast<std::uint8_t>(row.get<std::int16_t>(0)), std::move(*key));
    }
    co_return Ring::make(std::move(*keys), endsAt, std::move(live));
}

Task<Result<void>> Signer::addKeyAt(pg::Tx &tx, base::Uuid event, std::uint8_t slot)
{
    const base::SigningKey key = base::SigningKey::generate(m_random);
    auto sealer = base::Sealer::to(m_seal.open, m_random);
    if (!sealer)
        co_return sealer.error();
    base::Bytes sealed(sealer->ephemeral().begin(), sealer->ephemeral().end());
    const base::Bytes text = sealer->seal(key.seed(), event);
    sealed.insert(sealed.end(), text.begin(), text.end());
    const auto added = co_await tx.run(
        kAddKey, pg::Params::of(event, static_cast<std::int16_t>(slot), base::ByteView(key.publicKey()), sealed));
    if (!added)
        co_return added.error();
    co_return Result<void>();
}

Task<Result<std::uint8_t>> Signer::addKey(pg::Tx &tx, base::Uuid event)
{
    const auto keys = co_await read(tx, event);
    if (!keys)
        co_return keys.error();
    const std::size_t next = keys->keySlots.empty() ? 0 : std::size_t{keys->keySlots.back().slot} + 1;
    if (next >= ticket::KeyRing::kSlotsMax)
        co_return Error{ErrorCode::Conflict, "no free slot", "This event has had all the keys that it can have.",
                        "no_free_slot"};
    const auto slot = static_cast<std::uint8_t>(next);
    if (const auto added = co_await addKeyAt(tx, event, slot); !added)
        co_return added.error();
    co_return slot;
}

Task<Result<void>> Signer::retire(pg::Tx &tx, base::Uuid event, std::uint8_t slot, base::Instant now)
{
    const auto keys = co_await read(tx, event);
    if (!keys)
        co_return keys.error();
    const auto isLive = [](const domain::KeySlot &key) { return !key.retired; };
    const auto found = std::find_if(keys->keySlots.begin(), keys->keySlots.end(),
                                    [&](const domain::KeySlot &key) { return key.slot == slot; });
    if (found == keys->keySlots.end())
        co_return Error{ErrorCode::NotFound, "no such key", "There is no such key.", "not_found"};
    if (found->retired)
        co_return Result<void>();
    if (std::count_if(keys->keySlots.begin(), keys->keySlots.end(), isLive) == 1)
        co_return Error{ErrorCode::Conflict, "last key", "This is the last live key: add another one first.",
                        "last_key"};
    const auto retired = co_await tx.run(kRetire, pg::Params::of(event, static_cast<std::int16_t>(slot), now));
    if (!retired)
        co_return retired.error();
    co_return Result<void>();
}

} // namespace voelgoed::ticketing
