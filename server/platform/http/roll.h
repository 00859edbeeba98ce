#pragma once

#include <chrono>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace voelgoed::http {

using SteadyTime = std::chrono::steady_clock::time_point;

class Roll;

/// One connection as the roll knows it. Takes itself off the roll when it goes.
class Member
{
public:
    /// What a connection is about, for who goes first when there is no room.
    enum class Phase {
        Idle,    ///< between two requests, or leaving
        Opening, ///< has not sent a whole header yet
        Busy     ///< a request is in hand
    };

    explicit Member(std::string group) : m_group(std::move(group)) {}
    virtual ~Member();
    Member(const Member &) = delete;
    Member &operator=(const Member &) = delete;

    virtual void expire() = 0; ///< its deadline has passed
    virtual void drop() = 0;   ///< its room was given to another one

    Phase phase() const { return m_phase; }
    SteadyTime deadline() const { return m_deadline; }

protected:
    static constexpr SteadyTime kNever = SteadyTime::max();
    void setDeadline(SteadyTime at) { m_deadline = at; }

private:
    friend class Roll;
    std::string m_group; ///< those it shares its peer's allowance with; empty: none
    Phase m_phase = Phase::Opening;
    SteadyTime m_deadline = kNever;
    Roll *m_roll = nullptr;
    std::list<Member *>::iterator m_at;
};

/// All connections, each group in the order in which they came to their phase. Outlives its members.
class Roll
{
public:
    struct Limits
    {
        std::size_t total = 0;
        std::size_t ofOneGroup = 0;
        std::size_t opening = 0;
    };

    explicit Roll(Limits limits) : m_limits(limits) {}
    Roll(const Roll &) = delete;
    Roll &operator=(const Roll &) = delete;

    /// Whether one more of that group finds room. To make it, the longest idle one is dropped, or else the one that has
    /// been opening for longest: of the same group where its own allowance is used up. Requests in hand are not
    /// touched.
    bool makeRoom(const std::string &group);
    void add(Member &member);
    void remove(Member &member); ///< nothing happens when it was removed or dropped before
    void move(Member &member, Member::Phase to);

    std::size_t size() const { return m_idle.size() + m_opening.size() + m_busy.size(); }
    std::size_t dropped() const { return m_dropped; }
    std::vector<Member *> all() const;
    std::vector<Member *> expired(SteadyTime now) const;

private:
    using Line = std::list<Member *>;
    Line &lineOf(Member::Phase phase);
    std::size_t countOf(const std::string &group) const;
    bool dropFirst(Line &line, const std::string *group);

    Limits m_limits;
    Line m_idle, m_opening, m_busy;
    std::unordered_map<std::string, std::size_t> m_groups;
    std::size_t m_dropped = 0;
};

} // namespace voelgoed::http
