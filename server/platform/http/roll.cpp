#include "server/platform/http/roll.h"

#include <algorithm>
#include <utility>

namespace voelgoed::http {

Member::~Member()
{
    if (m_roll)
        m_roll->remove(*this);
}

Roll::Line &Roll::lineOf(Member::Phase phase)
{
    switch (phase) {
    case Member::Phase::Idle:
        return m_idle;
    case Member::Phase::Opening:
        return m_opening;
    case Member::Phase::Busy:
        break;
    }
    return m_busy;
}

std::size_t Roll::countOf(const std::string &group) const
{
    const auto found = group.empty() ? m_groups.end() : m_groups.find(group);
    return found == m_groups.end() ? 0 : found->second;
}

bool Roll::dropFirst(Line &line, const std::string *group)
{
    const auto first = std::find_if(line.begin(), line.end(),
                                    [&](const Member *member) { return !group || member->m_group == *group; });
    if (first == line.end())
        return false;
    Member &member = **first;
    remove(member);
    ++m_dropped;
    member.drop();
    return true;
}

bool Roll::makeRoom(const std::string &group)
{
    if (countOf(group) >= m_limits.ofOneGroup && !dropFirst(m_idle, &group) && !dropFirst(m_opening, &group))
        return false;
    if (m_opening.size() >= m_limits.opening)
        dropFirst(m_opening, nullptr);
    return size() < m_limits.total || dropFirst(m_idle, nullptr) || dropFirst(m_opening, nullptr);
}

void Roll::add(Member &member)
{
    member.m_roll = this;
    Line &line = lineOf(member.m_phase);
    member.m_at = line.insert(line.end(), &member);
    if (!member.m_group.empty())
        ++m_groups[member.m_group];
}

void Roll::remove(Member &member)
{
    if (!std::exchange(member.m_roll, nullptr))
        return;
    lineOf(member.m_phase).erase(member.m_at);
    const auto group = m_groups.find(member.m_group);
    if (group != m_groups.end() && --group->second == 0)
        m_groups.erase(group);
}

void Roll::move(Member &member, Member::Phase to)
{
    // One that was dropped a moment ago may not know yet.
    if (member.m_roll != this || member.m_phase == to)
        return;
    Line &line = lineOf(to);
    line.splice(line.end(), lineOf(member.m_phase), member.m_at);
    member.m_phase = to;
}

std::vector<Member *> Roll::all() const
{
    std::vector<Member *> members;
    members.reserve(size());
    for (const Line *line : {&m_idle, &m_opening, &m_busy})
        members.insert(members.end(), line->begin(), line->end());
    return members;
}

std::vector<Member *> Roll::expired(SteadyTime now) const
{
    std::vector<Member *> members;
    for (const Line *line : {&m_idle, &m_opening, &m_busy})
        std::copy_if(line->begin(), line->end(), std::back_inserter(members),
                     [&](const Member *member) { return member->m_deadline <= now; });
    return members;
}

} // namespace voelgoed::http
