#include "server/slices/api/actions/keys.h"

#include "server/platform/secrets/token.h"

#include <algorithm>

namespace voelgoed::api {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::size_t kPrefixLength = 12; // "vgk_" or "vgt_" and eight more of 43
constexpr std::int32_t kOverlapMax = 7 * 24 * 60;

constexpr pg::Sql kFind{R"(
SELECT id, name, prefix, scopes, expires_at, revoked_at, last_used_on::text, replaces, created_at, mode
FROM api.keys WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kFindToChange{R"(
SELECT id, name, prefix, scopes, expires_at, revoked_at, last_used_on::text, replaces, created_at, mode
FROM api.keys WHERE organization_id = app.org() AND id = $1 FOR UPDATE)"};
constexpr pg::Sql kList{R"(
SELECT id, name, prefix, scopes, expires_at, revoked_at, last_used_on::text, replaces, created_at, mode
FROM api.keys WHERE organization_id = app.org() AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2)"};
// Two at once may both find room; a limit of a hundred can bear that.
constexpr pg::Sql kLive{R"(
SELECT count(*) FROM api.keys WHERE organization_id = app.org() AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > $1))"};
constexpr pg::Sql kCreate{R"(
INSERT INTO api.keys (organization_id, id, name, prefix, hash, scopes, expires_at, replaces, created_by, created_at,
                      mode)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10))"};
constexpr pg::Sql kEndAt{R"(
UPDATE api.keys SET expires_at = least(expires_at, $2), version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kRevoke{R"(
UPDATE api.keys SET revoked_at = $2, version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND id = $1)"};

KeyOut keyOf(const pg::Rows::Row &row)
{
    return {.id = row.get<base::Uuid>(0),
            .name = row.get<std::string>(1),
            .prefix = row.get<std::string>(2),
            .mode = row.get<std::string>(9),
            .scopes = row.get<std::vector<std::string>>(3),
            .expiresAt = row.get<std::optional<base::Instant>>(4),
            .revokedAt = row.get<std::optional<base::Instant>>(5),
            .lastUsedOn = row.get<std::optional<std::string>>(6),
            .replaces = row.get<std::optional<base::Uuid>>(7),
            .createdAt = row.get<base::Instant>(8),
            .secret = {}};
}

Task<Result<KeyOut>> find(Context &context, pg::Sql sql, const base::Uuid &id)
{
    const auto rows = co_await context.run(sql, pg::Params::of(id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("key");
    co_return keyOf(rows->front());
}

/// As they are stored: each once, in the table's order.
Result<std::vector<std::string>> scopesOf(Context &context, const std::vector<std::string> &asked)
{
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto permission = access::permissionFrom(asked[i]);
        const std::string pointer = "/scopes/" + std::to_string(i);
        if (!permission)
            return context.reject(pointer, "not_a_scope", "There is no such scope.");
        if (!access::isForKeys(*permission))
            return context.reject(pointer, "not_for_keys", "No key may do this.");
    }
    std::vector<std::string> scopes;
    for (const access::Permission permission : access::allPermissions()) {
        if (std::find(asked.begin(), asked.end(), access::word(permission)) != asked.end())
            scopes.emplace_back(access::word(permission));
    }
    if (scopes.empty())
        return context.reject("/scopes", "required", "What may the key do?");
    return scopes;
}

/// A new key's row, and its secret.
Task<Result<KeyOut>> insert(Context &context, KeyOut key)
{
    const auto live = co_await context.run(kLive, pg::Params::of(context.now()));
    if (!live)
        co_return live.error();
    if (live->front().get<std::int64_t>(0) >= kLiveKeysMax)
        co_return actions::conflict("too_many_keys", "An organization has at most 100 keys that work.");
    const bool isTest = key.mode == kTestMode;
    const auto token =
        secrets::newToken(isTest ? secrets::TokenKind::TestKey : secrets::TokenKind::ApiKey, context.random());
    key.id = context.newId();
    key.prefix = token.text.substr(0, kPrefixLength);
    key.createdAt = context.now();
    const auto by = context.actor().kind == access::ActorKind::User ? std::optional(context.actor().id) : std::nullopt;
    const auto created = co_await context.run(
        kCreate, pg::Params::of(key.id, key.name, key.prefix, base::ByteView(token.hash), key.scopes, key.expiresAt,
                                key.replaces, by, context.now(), key.mode));
    if (!created)
        co_return created.error();
    key.secret = token.text;
    context.answerOnce();
    context.answerField("Location", "/v1/api-keys/" + base::toText(key.id));
    context.answerField("Cache-Control", "no-store");
    co_return key;
}

void leaveTrail(Context &context, const KeyOut &key, base::Json before, base::Json after, std::string reason)
{
    context.audit({.action = {},
                   .subjectType = "api_key",
                   .subject = base::toText(key.id),
                   .before = std::move(before),
                   .after = std::move(after),
                   .reason = std::move(reason)});
}

boost::json::object shown(const KeyOut &key)
{
    return {{"name", key.name},
            {"prefix", key.prefix},
            {"mode", key.mode},
            {"scopes", actions::written(key.scopes)},
            {"expires_at", actions::written(key.expiresAt)}};
}

void tell(Context &context, const char *type, const KeyOut &key)
{
    context.emit({.topic = "api_keys:org:" + base::toText(context.organization()),
                  .type = type,
                  .subject = base::toText(key.id),
                  .data = {{"key_id", base::toText(key.id)}, {"prefix", key.prefix}}});
}

/// Whatever this process still believes of the key goes with the commit.
void forget(Context &context, Api &api, const base::Uuid &id)
{
    context.unit().afterCommit([&api, id] {
        api.keys.invalidateIf([id](const auto &, const KnownKey &known) { return known.actor.id == id; });
    });
}

} // namespace

Task<Result<KeyOut>> createKey(Context &context, Api &, NewKey in)
{
    auto scopes = scopesOf(context, in.scopes.values);
    if (!scopes)
        co_return scopes.error();
    const std::string mode = in.mode ? in.mode->value : std::string(kLiveMode);
    if (mode != kLiveMode && mode != kTestMode)
        co_return context.reject("/mode", "not_a_mode", "Either \"live\" or \"test\".");
    if (in.expiresAt && *in.expiresAt <= context.now())
        co_return context.reject("/expires_at", "in_the_past", "The key would be dead already.");
    KeyOut wanted;
    wanted.name = in.name.value;
    wanted.mode = mode;
    wanted.scopes = std::move(*scopes);
    wanted.expiresAt = in.expiresAt;
    auto key = co_await insert(context, std::move(wanted));
    if (!key)
        co_return key.error();
    leaveTrail(context, *key, boost::json::object{}, shown(*key), {});
    tell(context, "api.key_created.v1", *key);
    co_return key;
}

Task<Result<KeyOut>> rollKey(Context &context, Api &api, RollKey in)
{
    const auto old = co_await find(context, kFindToChange, in.key);
    if (!old)
        co_return old.error();
    if (old->revokedAt || (old->expiresAt && *old->expiresAt <= context.now()))
        co_return actions::conflict("key_dead", "This key does not work any more. Make another one.");
    if (in.overlapMinutes.value < 0 || in.overlapMinutes.value > kOverlapMax)
        co_return context.reject("/overlap_minutes", "out_of_range", "From 0 to 10080 minutes.");
    const base::Instant until = context.now() + std::chrono::minutes(in.overlapMinutes.value);
    const auto ended = co_await context.run(kEndAt, pg::Params::of(in.key, until));
    if (!ended)
        co_return ended.error();
    KeyOut wanted = *old;
    wanted.replaces = old->id;
    wanted.lastUsedOn.reset();
    auto key = co_await insert(context, std::move(wanted));
    if (!key)
        co_return key.error();
    boost::json::object after = shown(*key);
    after["replaces"] = base::toText(old->id);
    after["overlap_minutes"] = in.overlapMinutes.value;
    leaveTrail(context, *key, shown(*old), std::move(after), {});
    tell(context, "api.key_rolled.v1", *key);
    forget(context, api, in.key);
    co_return key;
}

Task<Result<KeyOut>> revokeKey(Context &context, Api &api, RevokeKey in)
{
    auto key = co_await find(context, kFindToChange, in.key);
    if (!key)
        co_return key.error();
    if (key->revokedAt)
        co_return actions::conflict("key_dead", "This key was revoked already.");
    const auto revoked = co_await context.run(kRevoke, pg::Params::of(in.key, context.now()));
    if (!revoked)
        co_return revoked.error();
    leaveTrail(context, *key, shown(*key), {{"revoked", true}}, in.reason);
    tell(context, "api.key_revoked.v1", *key);
    forget(context, api, in.key);
    key->revokedAt = context.now();
    co_return key;
}

Task<Result<KeyOut>> showKey(Context &context, Api &, OneKey in)
{
    co_return co_await find(context, kFind, in.key);
}

Task<Result<KeyList>> listKeys(Context &context, Api &, ListKeys in)
{
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto rows = co_await context.run(kList, pg::Params::of(in.after, limit + 1));
    if (!rows)
        co_return rows.error();
    KeyList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(keyOf((*rows)[i]));
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().id;
    co_return list;
}

void addKeyActions(Api &api)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = api.kernel.actions;
    const auto change = [](const char *name, const char *route, const char *summary) {
        return actions::Declaration{.name = name,
                                    .method = Method::Post,
                                    .route = route,
                                    .summary = summary,
                                    .policy = Policy::may(Permission::ManageApiKeys),
                                    .effect = actions::Effect::Writes,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .bodyMax = 8192};
    };
    auto create = change("api.create_key", "/v1/api-keys", "Makes a key; its secret is shown once");
    create.status = 201;
    create.idempotency = actions::Idempotency::Optional;
    actions.add(create, api, &createKey);
    actions.add({.name = "api.list_keys",
                 .method = Method::Get,
                 .route = "/v1/api-keys",
                 .summary = "The organization's keys",
                 .policy = Policy::may(Permission::ManageApiKeys)},
                api, &listKeys);
    actions.add({.name = "api.show_key",
                 .method = Method::Get,
                 .route = "/v1/api-keys/{key}",
                 .summary = "One key, without its secret",
                 .policy = Policy::may(Permission::ManageApiKeys)},
                api, &showKey);
    auto roll = change("api.roll_key", "/v1/api-keys/{key}/roll", "Makes a key in place of another, which ends later");
    roll.status = 201;
    roll.idempotency = actions::Idempotency::Optional;
    actions.add(roll, api, &rollKey);
    actions.add(change("api.revoke_key", "/v1/api-keys/{key}/revoke", "Ends a key at once"), api, &revokeKey);
}

} // namespace voelgoed::api
