#include "server/slices/audit/store.h"

#include "server/platform/topics/names.h"

namespace voelgoed::audit {

using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kPage = 500;
constexpr std::int32_t kOrganizationsMax = 100;

constexpr pg::Sql kUnsealed{"SELECT organization_id FROM audit.unsealed($1)"};

// One sealer at a time for an organization.
constexpr pg::Sql kLock{"SELECT pg_advisory_xact_lock(hashtextextended('audit.seal ' || app.org()::text, 0))"};

constexpr pg::Sql kLastSeal{R"(
SELECT number, to_xid::text::bigint, to_id, hash FROM audit.seals WHERE organization_id = app.org()
ORDER BY number DESC LIMIT 1)"};

constexpr pg::Sql kEntries{R"(
SELECT xid::text::bigint, id, xid::text, id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_type,
       actor_id::text, actor_name, actor_role, origin, action, subject_type, subject, before::text, after::text, reason,
       request_id, address, agent, CASE WHEN is_platform_staff THEN 'true' ELSE '' END,
       CASE WHEN is_platform_admin THEN 'true' ELSE '' END, tenant_approval_reference
FROM audit.entries AS l
WHERE organization_id = app.org() AND (l.xid, l.id) > ($1::text::xid8, $2) AND (l.xid, l.id) <= ($3::text::xid8, $4)
  AND l.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY l.xid, l.id LIMIT $5)"};

constexpr pg::Sql kPutSeal{R"(
INSERT INTO audit.seals (organization_id, number, from_xid, from_id, to_xid, to_id, entries, previous, hash, signature)
VALUES (app.org(), $1, $2::text::xid8, $3, $4::text::xid8, $5, $6, $7, $8, $9))"};

constexpr pg::Sql kSeals{R"(
SELECT number, to_xid::text::bigint, to_id, entries, previous, hash, signature, from_xid::text::bigint, from_id
FROM audit.seals WHERE organization_id = app.org() AND number > $1 ORDER BY number LIMIT 500)"};

constexpr pg::Sql kCountBehind{R"(
SELECT count(*) FROM audit.log WHERE organization_id = app.org() AND (xid, id) > ($1::text::xid8, $2))"};

const Point kEnd{INT64_MAX, INT64_MAX};

pg::Params between(const Point &after, const Point &through)
{
    return pg::Params::of(std::to_string(after.xid), after.id, std::to_string(through.xid), through.id, kPage);
}

base::Digest digestOf(const base::Bytes &bytes)
{
    base::Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

Point pointOf(const pg::Rows::Row &row, std::size_t column)
{
    return {static_cast<std::uint64_t>(row.get<std::int64_t>(column)), row.get<std::int64_t>(column + 1)};
}

/// Nothing when there was nothing to seal.
Task<Result<std::optional<Head>>> sealOne(work::UnitOfWork &unit, const base::SigningKey &identity)
{
    const auto locked = co_await unit.tx().run({{kLock, {}}, {kLastSeal, {}}});
    if (!locked)
        co_return locked.error();
    std::int64_t number = 1;
    Point from;
    base::Digest previous{};
    if (const pg::Rows &last = locked->at(1); !last.empty()) {
        number = last.front().get<std::int64_t>(0) + 1;
        from = pointOf(last.front(), 1);
        previous = digestOf(last.front().get<base::Bytes>(3));
    }
    Chain chain(previous);
    Point to = from;
    std::int64_t entries = 0;
    for (;;) {
        const auto rows = co_await unit.tx().run(kEntries, between(to, kEnd));
        if (!rows)
            co_return rows.error();
        for (std::size_t i = 0; i < rows->size(); ++i) {
            chain.add((*rows)[i], 2);
            to = pointOf((*rows)[i], 0);
            ++entries;
        }
        if (rows->size() < static_cast<std::size_t>(kPage))
            break;
    }
    if (entries == 0)
        co_return std::optional<Head>();
    const auto signature = identity.sign(sealText(unit.organization(), number, chain.hash()));
    const auto put = co_await unit.tx().run(
        kPutSeal, pg::Params::of(number, std::to_string(from.xid), from.id, std::to_string(to.xid), to.id, entries,
                                 base::ByteView(previous), base::ByteView(chain.hash()), base::ByteView(signature)));
    if (!put)
        co_return put.error();
    const std::string id = base::toText(unit.organization());
    unit.emit({.topic = topics::kAuditOfOrganization.of(id),
               .type = "audit.sealed.v1",
               .subject = id,
               .data = {{"organization_id", id}, {"seal", number}, {"entries", entries}}});
    co_return std::optional(Head{number, chain.hash()});
}

} // namespace

Task<Result<std::size_t>> sealAll(work::Database &database, const base::SigningKey &identity, Heads &heads)
{
    const auto rows = co_await database.read(work::kPlatform, kUnsealed, pg::Params::of(kOrganizationsMax));
    if (!rows)
        co_return rows.error();
    std::size_t made = 0;
    std::optional<base::Error> failure; // the first: one trail that cannot be sealed holds up no other
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto actor = access::Actor::system((*rows)[i].get<base::Uuid>(0), "seal the audit trail");
        const auto sealed = co_await database.transact<std::optional<Head>>(
            {actor, {}}, [&identity](work::UnitOfWork &unit) { return sealOne(unit, identity); });
        if (!sealed && !failure)
            failure = sealed.error();
        if (!sealed || !*sealed)
            continue;
        heads.saw(*actor.organization, **sealed);
        ++made;
    }
    const auto saved = heads.save();
    if (failure)
        co_return *failure;
    if (!saved)
        co_return saved.error();
    co_return made;
}

Task<Result<Verification>> verify(work::Database &database, base::Uuid organization, const base::PublicKey &identity,
                                  Heads &heads)
{
    const auto key = base::VerifyingKey::fromRaw(identity);
    if (!key)
        co_return key.error();
    // What is sealed while this goes on lies behind it.
    const auto seen = heads.of(organization);
    Verification found;
    base::Digest previous{};
    Point at;
    const auto wrong = [&](std::string what) {
        found.problem = "seal " + std::to_string(found.seals + 1) + ": " + what;
        return found;
    };
    for (;;) {
        const auto seals = co_await database.read(organization, kSeals, pg::Params::of(found.seals));
        if (!seals)
            co_return seals.error();
        if (seals->empty())
            break;
        for (std::size_t i = 0; i < seals->size(); ++i) {
            const auto seal = (*seals)[i];
            const base::Digest hash = digestOf(seal.get<base::Bytes>(5));
            if (seal.get<std::int64_t>(0) != found.seals + 1)
                co_return wrong("is missing");
            if (digestOf(seal.get<base::Bytes>(4)) != previous || pointOf(seal, 7) != at)
                co_return wrong("does not go on from the one before");
            if (!key->verify(sealText(organization, found.seals + 1, hash), seal.get<base::Bytes>(6)))
                co_return wrong("its signature does not hold");
            Chain chain(previous);
            const Point through = pointOf(seal, 1);
            std::int64_t entries = 0;
            for (bool more = true; more;) {
                const auto rows = co_await database.read(organization, kEntries, between(at, through));
                if (!rows)
                    co_return rows.error();
                for (std::size_t j = 0; j < rows->size(); ++j) {
                    chain.add((*rows)[j], 2);
                    at = pointOf((*rows)[j], 0);
                    ++entries;
                }
                more = rows->size() == static_cast<std::size_t>(kPage);
            }
            if (entries != seal.get<std::int64_t>(3) || chain.hash() != hash)
                co_return wrong("the entries are not those that were sealed");
            at = through;
            previous = hash;
            ++found.seals;
            found.entries += entries;
            if (seen && seen->number == found.seals && seen->hash != hash)
                co_return wrong("comes after another one than this server has seen");
        }
    }
    if (seen && seen->number > found.seals)
        co_return wrong("is missing, and this server has seen it");
    heads.saw(organization, {found.seals, previous});
    if (const auto saved = heads.save(); !saved)
        co_return saved.error();
    const auto behind =
        co_await database.read(organization, kCountBehind, pg::Params::of(std::to_string(at.xid), at.id));
    if (!behind)
        co_return behind.error();
    found.unsealed = behind->front().get<std::int64_t>(0);
    co_return found;
}

} // namespace voelgoed::audit
