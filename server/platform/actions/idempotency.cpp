#include "server/platform/actions/idempotency.h"

#include "server/platform/pg/sql_state.h"
#include "server/platform/work/pruning.h"

namespace voelgoed::actions {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kPrune{"SELECT platform.prune_idempotency($1)"};

// Who inserts a key that another transaction is inserting waits for its end: a moment, as for one that is being rolled
// back, and not for as long as an import takes.
constexpr pg::Sql kWaitAMoment{"SELECT set_config('lock_timeout', '1s', true)"};
constexpr pg::Sql kWaitAsUsual{"SELECT set_config('lock_timeout', '0', true)"};

constexpr pg::Sql kClaim{R"(
INSERT INTO platform.idempotency (organization_id, actor, route, key, fingerprint, expires_at)
VALUES (app.org(), $1, $2, $3, $4, $5)
ON CONFLICT (organization_id, actor, route, key) DO NOTHING)"};

constexpr pg::Sql kFind{R"(
SELECT fingerprint, status, body, fields FROM platform.idempotency
WHERE organization_id = app.org() AND actor = $1 AND route = $2 AND key = $3)"};

constexpr pg::Sql kKeep{R"(
UPDATE platform.idempotency SET status = $4, body = $5, fields = $6
WHERE organization_id = app.org() AND actor = $1 AND route = $2 AND key = $3)"};

base::Json jsonOf(const std::vector<std::pair<std::string, std::string>> &fields)
{
    boost::json::array list;
    for (const auto &[name, value] : fields)
        list.push_back({{"name", name}, {"value", value}});
    return list;
}

Result<Encoded> answered(const pg::Rows::Row &row)
{
    Encoded encoded{.status = row.get<std::int32_t>(1), .json = nullptr, .text = nullptr, .raw = nullptr, .fields = {}};
    auto body = base::parseJson(row.get<pg::Jsonb>(2).text);
    auto fields = base::parseJson(row.get<pg::Jsonb>(3).text);
    if (!body || !fields)
        return base::corrupt("an answer that was kept cannot be read");
    if (body->is_null())
        return conflict("idempotency_key_used", "This was done already. What it answered is shown once.");
    encoded.json = std::move(*body);
    for (const auto &field : fields->as_array())
        encoded.fields.emplace_back(std::string(field.at("name").as_string()),
                                    std::string(field.at("value").as_string()));
    encoded.fields.emplace_back("Idempotency-Replayed", "true");
    return encoded;
}

} // namespace

Task<Result<std::optional<Encoded>>> claim(Context &context, const IdempotencyClaim &claim)
{
    const auto claimed = co_await context.tx().run(
        {{kWaitAMoment, {}},
         {kClaim, pg::Params::of(claim.actor, claim.route, claim.key, base::ByteView(claim.fingerprint),
                                 context.now() + kIdempotencyKept)},
         {kWaitAsUsual, {}}});
    if (const auto state = claimed ? std::nullopt : pg::SqlState::of(claimed.error()); state && state->code == "55P03")
        co_return conflict("idempotency_key_in_use", "A request with this key is being worked on.");
    if (!claimed)
        co_return claimed.error();
    if (claimed->at(1).touched() == 1)
        co_return std::optional<Encoded>();
    const auto found = co_await context.run(kFind, pg::Params::of(claim.actor, claim.route, claim.key));
    if (!found)
        co_return found.error();
    // A row without an answer is of a transaction that ended while this one looked: the client may try again.
    if (found->empty() || found->isNull(0, 1))
        co_return conflict("idempotency_key_in_use", "A request with this key is being worked on.");
    const auto fingerprint = found->front().get<base::Bytes>(0);
    if (!std::equal(fingerprint.begin(), fingerprint.end(), claim.fingerprint.begin(), claim.fingerprint.end()))
        co_return conflict("idempotency_key_reused", "This key was used for another request.");
    auto encoded = answered(found->front());
    if (!encoded)
        co_return encoded.error();
    co_return std::optional(std::move(*encoded));
}

Task<Result<void>> keep(Context &context, const IdempotencyClaim &claim, const Encoded &answer)
{
    const pg::Jsonb body{answer.isShownOnce ? std::string("null") : base::toText(answer.json)};
    const pg::Jsonb fields{base::toText(jsonOf(answer.fields))};
    const auto kept = co_await context.run(
        kKeep, pg::Params::of(claim.actor, claim.route, claim.key, std::int32_t{answer.status}, body, fields));
    if (!kept)
        co_return kept.error();
    co_return Result<void>();
}

Task<Result<void>> pruneIdempotency(work::Database &database)
{
    co_return co_await work::pruneInRounds(database, kPrune);
}

} // namespace voelgoed::actions
