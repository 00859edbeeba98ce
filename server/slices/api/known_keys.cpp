#include "server/slices/api/known_keys.h"

#include "server/platform/secrets/token.h"

namespace voelgoed::api {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kFind{"SELECT organization_id, id, name, scopes, expires_at, revoked_at, mode FROM api.find_key($1)"};

constexpr pg::Sql kHolding{"SELECT key_id FROM api.keys_holding($1, $2)"};

constexpr std::string_view kBearer = "Bearer ";

base::Error dead(std::string word, std::string hint)
{
    return {base::ErrorCode::Unauthorized, "an API key: " + word, std::move(hint), std::move(word)};
}

/// Whether the organization is there, and not archived.
Task<Result<bool>> isOpen(contracts::Organizations &organizations, base::Uuid organization)
{
    const auto status = co_await organizations.status(organization);
    if (!status)
        co_return status.error();
    co_return *status &&**status != contracts::OrganizationStatus::Archived;
}

} // namespace

tiers::CacheOptions keyCacheOptions()
{
    return {.capacity = 20'000, .fresh = 400ms, .staleMax = 15min, .missing = 5s};
}

Task<Result<KeyCache::Shared>> loadKey(work::Database &database, base::Digest hash)
{
    const auto rows = co_await database.read(work::kPlatform, kFind, pg::Params::of(base::ByteView(hash)));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return KeyCache::Shared();
    const auto row = rows->front();
    KnownKey key;
    key.actor.kind = access::ActorKind::ApiKey;
    key.actor.organization = row.get<base::Uuid>(0);
    key.actor.id = row.get<base::Uuid>(1);
    key.actor.name = row.get<std::string>(2);
    for (const std::string &word : row.get<std::vector<std::string>>(3)) {
        if (const auto permission = access::permissionFrom(word))
            key.actor.scopes.insert(*permission);
    }
    key.expiresAt = row.get<std::optional<base::Instant>>(4);
    key.revokedAt = row.get<std::optional<base::Instant>>(5);
    key.actor.isTest = row.get<std::string>(6) == kTestMode;
    co_return std::make_shared<const KnownKey>(std::move(key));
}

Task<Result<std::vector<bool>>> keysStillHold(StillHold from, std::vector<access::Actor> actors)
{
    std::vector<base::Uuid> ids;
    for (const access::Actor &actor : actors)
        ids.push_back(actor.id);
    const auto rows = co_await from.database.read(work::kPlatform, kHolding, pg::Params::of(ids, from.now));
    if (!rows)
        co_return rows.error();
    std::set<base::Uuid> holding;
    for (std::size_t i = 0; i < rows->size(); ++i)
        holding.insert(rows->get<base::Uuid>(i, 0));
    std::vector<bool> hold;
    for (const access::Actor &actor : actors) {
        if (!holding.contains(actor.id) || !actor.organization) {
            hold.push_back(false);
            continue;
        }
        const auto open = co_await isOpen(from.organizations, *actor.organization);
        if (!open)
            co_return open.error();
        hold.push_back(*open);
    }
    co_return hold;
}

Task<Result<std::optional<access::Actor>>> KeyAuthenticator::authenticate(const http::Request &request)
{
    const std::string_view field = request.fields["Authorization"];
    if (!field.starts_with(kBearer))
        co_return std::optional<access::Actor>();
    const std::string_view token = field.substr(kBearer.size());
    if (!secrets::isToken(secrets::TokenKind::ApiKey, token) && !secrets::isToken(secrets::TokenKind::TestKey, token))
        co_return std::optional<access::Actor>();
    const auto key = co_await m_parts.keys.get(secrets::hashOfToken(token));
    if (!key)
        co_return key.error();
    if (!*key)
        co_return dead("key_unknown", "There is no such key.");
    if ((*key)->revokedAt)
        co_return dead("key_revoked", "This key was revoked.");
    if ((*key)->expiresAt && *(*key)->expiresAt <= m_parts.clock.now().wall)
        co_return dead("key_expired", "This key has expired.");
    const auto open = co_await isOpen(m_parts.organizations, *(*key)->actor.organization);
    if (!open)
        co_return open.error();
    if (!*open)
        co_return dead("key_unknown", "There is no such key.");
    co_return std::optional((*key)->actor);
}

} // namespace voelgoed::api
