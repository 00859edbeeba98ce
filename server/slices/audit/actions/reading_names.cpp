#include "server/slices/audit/actions/reading_names.h"

#include <algorithm>

namespace voelgoed::audit {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kKeys{R"(
SELECT id, closed_key FROM audit.person_keys k
WHERE organization_id = app.org() AND id = ANY($1)
  AND NOT EXISTS (SELECT FROM audit.forgotten f WHERE f.organization_id = k.organization_id AND f.person = k.person))"};

using Keys = std::map<base::Uuid, base::Digest>;

/// Each closed name in it, with the JSON that it stands in.
template <class Visit>
void visitNames(base::Json &json, const Visit &visit)
{
    if (const auto closed = closedNameIn(json)) {
        visit(json, *closed);
    } else if (auto *object = json.if_object()) {
        for (auto &member : *object)
            visitNames(member.value(), visit);
    } else if (auto *list = json.if_array()) {
        for (base::Json &each : *list)
            visitNames(each, visit);
    }
}

template <class Visit>
void visitNames(Entry &entry, const Visit &visit)
{
    visitNames(entry.before, visit);
    visitNames(entry.after, visit);
    const auto closed = entry.actorName ? closedNameIn(*entry.actorName) : std::nullopt;
    if (!closed)
        return;
    base::Json name(*entry.actorName);
    visit(name, *closed);
    entry.actorName = name.is_string() ? std::optional(std::string(name.as_string())) : std::nullopt;
}

base::Json opened(const ClosedName &closed, const Keys &keys)
{
    const auto key = keys.find(closed.key);
    if (key == keys.end())
        return {};
    const auto name = base::decryptField(key->second, closed.text, closed.key);
    return name ? base::Json(base::textOf(*name)) : base::Json();
}

} // namespace

Task<Result<void>> openNames(actions::Context &context, const Names &names, std::vector<Entry> &entries)
{
    std::vector<base::Uuid> wanted;
    for (Entry &entry : entries)
        visitNames(entry, [&](base::Json &, const ClosedName &closed) { wanted.push_back(closed.key); });
    if (wanted.empty())
        co_return Result<void>();
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    const auto rows = co_await context.run(kKeys, pg::Params::of(wanted));
    if (!rows)
        co_return rows.error();
    Keys keys;
    for (const auto row : *rows) {
        const auto number = row.get<base::Uuid>(0);
        if (const auto key = names.keyFrom(number, row.get<base::Bytes>(1)))
            keys.emplace(number, *key);
    }
    for (Entry &entry : entries)
        visitNames(entry, [&](base::Json &name, const ClosedName &closed) { name = opened(closed, keys); });
    co_return Result<void>();
}

} // namespace voelgoed::audit
