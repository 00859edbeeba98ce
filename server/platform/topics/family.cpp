#include "server/platform/topics/family.h"

#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::topics {

using async::Task;
using base::Result;

namespace {

base::Error noSuchTopic()
{
    return {base::ErrorCode::NotFound, "no such topic", "There is no such topic.", "not_found"};
}

bool isOperator(const access::Actor &actor)
{
    return actor.kind == access::ActorKind::SuperAdmin || actor.kind == access::ActorKind::System;
}

} // namespace

void Families::add(Family family)
{
    base::ensure(!family.pattern.prefix().empty() && family.pattern.text.ends_with('}'), "no pattern of topics");
    base::ensure(family.whose != Family::Whose::Checked || family.check, "topics that nobody checks");
    for (const Family &other : m_families)
        base::ensure(other.pattern.prefix() != family.pattern.prefix(), "two families of one prefix");
    m_families.push_back(std::move(family));
}

void Families::addSnapshot(std::string prefix, Snapshot snapshot)
{
    m_snapshots.emplace_back(std::move(prefix), std::move(snapshot));
}

const Family *Families::find(std::string_view topic) const
{
    const auto found = std::find_if(m_families.begin(), m_families.end(),
                                    [&](const Family &family) { return topic.starts_with(family.pattern.prefix()); });
    return found == m_families.end() ? nullptr : &*found;
}

const Snapshot *Families::snapshotOf(std::string_view topic) const
{
    const std::pair<std::string, Snapshot> *best = nullptr;
    for (const auto &entry : m_snapshots) {
        if (topic.starts_with(entry.first) && (!best || entry.first.size() > best->first.size()))
            best = &entry;
    }
    return best ? &best->second : nullptr;
}

Task<Result<Families::Place>> Families::admit(access::Actor actor, std::string topic) const
{
    const Family *family = topic.size() <= kTopicMax ? find(topic) : nullptr;
    if (!family)
        co_return noSuchTopic();
    const std::string id = topic.substr(family->pattern.prefix().size());
    const bool isWildcard = id == "*";
    if (isWildcard ? family->wildcard == Family::Wildcard::No : !isTopicId(id))
        co_return noSuchTopic();
    const access::Grant grant = access::check(family->policy, actor);
    if (grant == access::Grant::No)
        co_return noSuchTopic();
    if (family->whose == Family::Whose::Platform) {
        if (!isOperator(actor))
            co_return noSuchTopic();
        co_return Place{.organization = {}, .isWildcard = isWildcard, .isOwn = false};
    }
    if (!actor.organization)
        co_return noSuchTopic();
    const Place place{
        .organization = *actor.organization, .isWildcard = isWildcard, .isOwn = grant == access::Grant::Own};
    bool may = false;
    switch (family->whose) {
    case Family::Whose::Organization:
        may = id == base::toText(*actor.organization);
        break;
    case Family::Whose::User:
        may = id == base::toText(actor.id);
        break;
    case Family::Whose::Checked: {
        const auto checked = co_await family->check(Joining{std::move(actor), grant, id});
        if (!checked && checked.error().code != base::ErrorCode::NotFound)
            co_return checked.error();
        may = checked && *checked;
        break;
    }
    case Family::Whose::Platform:
        break;
    }
    if (!may)
        co_return noSuchTopic();
    co_return place;
}

} // namespace voelgoed::topics
