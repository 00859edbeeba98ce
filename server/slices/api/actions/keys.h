#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/api/api.h"

/// Making keys, rolling and revoking them.
namespace voelgoed::api {

inline constexpr std::int64_t kLiveKeysMax = 100; ///< of an organization

struct KeyOut
{
    base::Uuid id{};
    std::string name, prefix;
    std::string mode; ///< "live" or "test"
    std::vector<std::string> scopes;
    std::optional<base::Instant> expiresAt, revokedAt;
    std::optional<std::string> lastUsedOn; ///< a day
    std::optional<base::Uuid> replaces;
    base::Instant createdAt;
    std::optional<std::string> secret; ///< of a new key: shown once
};
BOOST_DESCRIBE_STRUCT(KeyOut, (),
                      (id, name, prefix, mode, scopes, expiresAt, revokedAt, lastUsedOn, replaces, createdAt, secret))

struct NewKey
{
    actions::Text<100> name;
    actions::List<std::string, 50> scopes; ///< words of permissions: "read_events"
    std::optional<base::Instant> expiresAt;
    std::optional<actions::Text<8>> mode; ///< "live", or "test": changes nothing, and its scans are tests
};
BOOST_DESCRIBE_STRUCT(NewKey, (), (name, scopes, expiresAt, mode))

struct OneKey
{
    base::Uuid key{};
};
BOOST_DESCRIBE_STRUCT(OneKey, (), (key))

/// Until the overlap is over both keys work.
struct RollKey
{
    base::Uuid key{};
    actions::Defaulted<std::int32_t, 1440> overlapMinutes; ///< at most a week
};
BOOST_DESCRIBE_STRUCT(RollKey, (), (key, overlapMinutes))

struct RevokeKey
{
    base::Uuid key{};
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(RevokeKey, (), (key, reason))

struct ListKeys
{
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListKeys, (), (after, limit))

struct KeyList
{
    std::vector<KeyOut> data; ///< oldest first; also dead ones
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(KeyList, (), (data, hasMore, next))

async::Task<base::Result<KeyOut>> createKey(actions::Context &context, Api &api, NewKey in);
async::Task<base::Result<KeyOut>> rollKey(actions::Context &context, Api &api, RollKey in);
async::Task<base::Result<KeyOut>> revokeKey(actions::Context &context, Api &api, RevokeKey in);
async::Task<base::Result<KeyOut>> showKey(actions::Context &context, Api &api, OneKey in);
async::Task<base::Result<KeyList>> listKeys(actions::Context &context, Api &api, ListKeys in);

void addKeyActions(Api &api);

} // namespace voelgoed::api
